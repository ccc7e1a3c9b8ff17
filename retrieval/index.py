"""The dense index: one Chroma collection a clinic, kept in step with the library by content hashes."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from errors import Unavailable
from knowledge.library import Library, content_hash
from knowledge.source import Passage
from retrieval.embedding import Embedder, Vectors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from langchain_chroma import Chroma

FORMAT = 2  # raise it when what is stored changes its meaning
ADD = 2_000  # records a call; Chroma takes at most 5,461
IN_A_TURN, BUILDING = 3.0, 120.0  # seconds a Chroma server is waited for; by itself its client waits without end
Item = TypeVar("Item")
Progress = Callable[[int, int], None]  # records done, records to do


@dataclass(frozen=True, slots=True)
class Record:
    """One text that is searched: a passage, one of its sentences, or a question it answers."""

    id: str  # a hash of its text and place: the same after every rebuild
    text: str
    level: str  # "passage", "sentence" or "asked"
    passage: str


def records(passage: Passage) -> Iterator[Record]:
    """Everything of a passage that is searched by meaning; without `asked as` lines, its heading helps to say what."""
    whole = passage.text if passage.asked_as else " ".join((*passage.heading, passage.text))
    texts = [("passage", whole)]
    texts += [("sentence", passage.text[s.start - passage.start : s.end - passage.start]) for s in passage.sentences]
    texts += [("asked", question) for question in passage.asked_as]
    for level, text in dict.fromkeys(texts):
        mark = sha256(f"{passage.id}\n{level}\n{text}".encode()).hexdigest()[:32]
        yield Record(mark, text, level, passage.id)


@dataclass(frozen=True, slots=True)
class Dense:
    """What a turn reads: vectors in memory and the nearest-record search of each clinic."""

    rows: dict[str, NDArray[np.int64]]  # "passage id/level" -> rows of `vectors`
    vectors: NDArray[np.float16]  # (records, dimensions); half of the memory, and cosines within 0.0001
    nearest: Callable[[str, Vectors, int], list[str]]  # clinic, query vector, how many -> passage ids, best first

    def of(self, passage: str, level: str) -> Vectors:
        """The vectors of one level of a passage, shape (n, dimensions); n may be 0."""
        return self.vectors[self.rows.get(f"{passage}/{level}", _NO_ROWS)].astype(np.float32)


_NO_ROWS = np.zeros(0, np.int64)


class Index:
    """A folder that one process owns: `chroma/`, and `manifest.json`, written last.

    What the manifest does not name is not searched, so a killed build leaves the old index in use;
    records are found again by their hash, so a build that is begun again embeds nothing twice.

    With a `server` (its address) Chroma runs elsewhere and many processes share it: nobody owns it, there is no
    manifest, and what is stored is compared with the library at every start.
    """

    def __init__(self, folder: Path, embedder: Embedder, server: str = "") -> None:
        self.folder = folder
        self.embedder = embedder
        self.server = server
        self._lock = FileLock(folder / "owner.lock")
        self._manifest = folder / "manifest.json"
        self._session: Any = None  # of Chroma's client, where it is a server

    def open(self, library: Library, progress: Progress = lambda done, total: None) -> Dense:
        """Bring the index in step with the library and load what a turn needs.

        Raises Unavailable when another process owns the folder or Chroma cannot be used.
        """
        if not self.server:
            self._own()
        try:
            return self._load(library, self._sync(library, progress))
        except Unavailable:
            raise
        except Exception as error:
            mend = f"See that Chroma runs at {self.server}." if self.server else f"Delete {self.folder}, `make index`."
            raise Unavailable(f"The index cannot be used ({error}). {mend}") from error
        finally:
            self._wait(IN_A_TURN)

    def _wait(self, seconds: float) -> None:
        """From now on a Chroma server is given up after so many seconds."""
        if self._session is not None:
            self._session.timeout = seconds

    def _own(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise Unavailable(
                f"Another process owns the index in {self.folder}. Stop it, or set FOREROOM_DATA to another folder."
            ) from error

    def follow(self, library: Library, was: Library, dense: Dense) -> Dense:
        """The same after a change of the library, from what is in memory; only what is new is embedded.

        `dense` was loaded for `was`. Raises Unavailable; then what was loaded can be used as before.
        """
        kept = {one.id for one in library.passages.values() if was.passages.get(one.id) == one}
        new = [one for one in library.passages.values() if one.id not in kept]
        fresh = {record.id: record for passage in new for record in records(passage)}
        try:
            collections = {clinic: self._collection(clinic) for clinic in library.clinics}
            vectors = self._added(collections, library, fresh)
            self._write_manifest(library)
            for passage in was.passages.values():
                if passage.id not in kept and (stale := {record.id for record in records(passage)} - fresh.keys()):
                    (collections.get(passage.clinic) or self._collection(passage.clinic)).delete(ids=sorted(stale))
        except Exception as error:
            raise Unavailable(f"The index cannot follow the documents ({error}). It will at the next start.") from error
        finally:
            self._wait(IN_A_TURN)
        rows = {key: at for key, at in dense.rows.items() if key.rpartition("/")[0] in kept}
        added: dict[str, list[int]] = {}
        for at, record in enumerate(fresh.values(), start=len(dense.vectors)):
            added.setdefault(f"{record.passage}/{record.level}", []).append(at)
        rows |= {key: np.asarray(value, np.int64) for key, value in added.items()}
        return Dense(rows, np.concatenate([dense.vectors, vectors]) if fresh else dense.vectors, _nearest(collections))

    def _added(
        self, collections: dict[str, "Chroma"], library: Library, fresh: dict[str, Record]
    ) -> NDArray[np.float16]:
        """The vectors of new records, shape (records, dimensions), after they are stored."""
        held: dict[str, Vectors] = {}
        for clinic, collection in collections.items():
            own = [record for record in fresh.values() if library.passages[record.passage].clinic == clinic]
            for batch in _batches(own, ADD):
                _store(collection, batch)
                found = collection.get(ids=[record.id for record in batch], include=["embeddings"])
                held |= dict(zip(found["ids"], found["embeddings"], strict=True))
        rows = [np.asarray(held[mark], np.float16) for mark in fresh]
        return np.stack(rows) if rows else np.zeros((0, 1), np.float16)

    def close(self) -> None:
        """Give the folder up to another process."""
        self._lock.release()

    def is_current(self, library: Library) -> bool:
        """The manifest on disk names this library and this model; never so where Chroma is a server."""
        return not self.server and self._read_manifest() == self._wanted(library)

    def _wanted(self, library: Library) -> dict[str, Any]:
        marks = {source.id: content_hash(source) for source in library.sources.values()}
        return {"format": FORMAT, "model": self.embedder.name, "sources": dict(sorted(marks.items()))}

    def _read_manifest(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self._manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def _write_manifest(self, library: Library) -> None:
        if self.server:
            return
        draft = self._manifest.with_suffix(".new")
        draft.write_text(json.dumps(self._wanted(library), indent=1), encoding="utf-8")
        draft.replace(self._manifest)

    def _collection(self, clinic: str) -> "Chroma":
        from langchain_chroma import Chroma
        from langchain_core.embeddings import Embeddings

        embed = self.embedder.embed

        class Ours(Embeddings):
            """Our own function: Chroma's default one would download a model."""

            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                place = {text: at for at, text in enumerate(dict.fromkeys(texts))}  # what is said twice is read once
                rows: list[list[float]] = embed(list(place)).tolist()
                return [rows[place[text]] for text in texts]

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        mark = sha256(f"{FORMAT}\n{self.embedder.name}\n{clinic}".encode()).hexdigest()[:24]
        return Chroma(
            collection_name=f"clinic-{mark}",
            embedding_function=Ours(),
            client=self._client(),
            collection_metadata={"hnsw:space": "cosine"},
        )

    def _client(self) -> "ClientAPI":
        """Chroma's client, one for every collection; it tells nobody that it is used."""
        import chromadb
        import httpx
        from chromadb.config import Settings as ChromaSettings

        settings = ChromaSettings(anonymized_telemetry=False)
        if not self.server:
            return chromadb.PersistentClient(str(self.folder / "chroma"), settings=settings)
        at = urlsplit(self.server)
        httpx.get(f"{self.server.rstrip('/')}/api/v2/heartbeat", timeout=IN_A_TURN)  # raises where nobody answers
        client = chromadb.HttpClient(at.hostname or "", at.port or 8000, ssl=at.scheme == "https", settings=settings)
        self._session = client._server._session  # type: ignore[attr-defined]
        self._wait(BUILDING)
        return client

    def _sync(self, library: Library, progress: Progress) -> dict[str, "Chroma"]:
        """Add what is missing, then write the manifest, then drop what is stale."""
        collections = {clinic: self._collection(clinic) for clinic in library.clinics}
        if self.is_current(library):
            return collections
        wanted = {clinic: list(_records_of(library, clinic)) for clinic in collections}
        stored = {clinic: set(collections[clinic].get(include=[])["ids"]) for clinic in collections}
        missing = {clinic: [r for r in wanted[clinic] if r.id not in stored[clinic]] for clinic in collections}
        total = sum(map(len, missing.values()))
        done = 0
        for clinic, new in missing.items():
            for batch in _batches(sorted(new, key=lambda record: record.text), ADD):  # the same texts in one batch
                _store(collections[clinic], batch)
                done += len(batch)
                progress(done, total)
        self._write_manifest(library)
        for clinic, collection in collections.items():
            stale = sorted(stored[clinic] - {record.id for record in wanted[clinic]})
            for gone in _batches(stale, ADD):
                collection.delete(ids=list(gone))
        return collections

    def _load(self, library: Library, collections: dict[str, "Chroma"]) -> Dense:
        rows: dict[str, list[int]] = {}
        vectors: list[NDArray[np.float16]] = []
        at = 0
        for clinic, collection in collections.items():
            for batch in _batches(list(_records_of(library, clinic)), ADD):
                found = collection.get(ids=[record.id for record in batch], include=["embeddings"])
                held = dict(zip(found["ids"], found["embeddings"], strict=True))
                if len(held) < len(batch):
                    if not self.server:
                        self._manifest.unlink(missing_ok=True)  # so that the next start repairs it
                    raise Unavailable(f"The index of {clinic} is not complete. Start again, or run `make index`.")
                vectors.append(np.asarray([held[record.id] for record in batch], np.float16))
                for record in batch:
                    rows.setdefault(f"{record.passage}/{record.level}", []).append(at)
                    at += 1

        return Dense(
            rows={key: np.asarray(value, np.int64) for key, value in rows.items()},
            vectors=np.concatenate(vectors) if vectors else np.zeros((0, 1), np.float16),
            nearest=_nearest(collections),
        )


def _store(collection: "Chroma", batch: Sequence[Record]) -> None:
    collection.add_texts(
        [record.text for record in batch],
        metadatas=[{"level": record.level, "passage": record.passage} for record in batch],
        ids=[record.id for record in batch],
    )


def _nearest(collections: dict[str, "Chroma"]) -> Callable[[str, Vectors, int], list[str]]:
    def nearest(clinic: str, vector: Vectors, most: int) -> list[str]:
        found = collections[clinic].similarity_search_by_vector(list(map(float, vector)), k=most)
        return [str(document.metadata["passage"]) for document in found]

    return nearest


def _records_of(library: Library, clinic: str) -> Iterator[Record]:
    for passage in library.passages.values():
        if passage.clinic == clinic:
            yield from records(passage)


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[at : at + size] for at in range(0, len(items), size))
