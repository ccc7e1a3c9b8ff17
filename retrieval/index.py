"""The dense index: one Chroma collection a clinic, kept in step with the library by content hashes."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from errors import Unavailable
from knowledge.library import Library, content_hash
from knowledge.source import Passage, Source
from retrieval.embedding import Embedder, Vectors
from retrieval.lexical import give_back
from retrieval.vectors import Marks, Rows, VectorFile, dimensions_of, marks_of

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


LEVELS = {"passage": 0, "sentence": 1, "asked": 2}


@dataclass(frozen=True, slots=True)
class Dense:
    """What a turn reads: vectors, mapped from a file, and the nearest-record search of each clinic."""

    rows: dict[str, NDArray[np.int32]]  # passage id -> where its records of each level begin (4), then their rows
    vectors: NDArray[np.float16]  # (rows, dimensions); half of the bytes, and cosines within 0.0001
    nearest: Callable[[str, Vectors, int], list[str]]  # clinic, query vector, how many -> passage ids, best first

    def of(self, passage: str, level: str) -> Vectors:
        """The vectors of one level of a passage, shape (n, dimensions); n may be 0."""
        held = self.rows.get(passage, _NO_ROWS)
        at = LEVELS[level]
        return self.vectors[held[held[at] : held[at + 1]]].astype(np.float32)

    @property
    def records(self) -> int:
        """How many vectors are searched."""
        return sum(len(held) - len(_NO_ROWS) for held in self.rows.values())


_NO_ROWS = np.full(len(LEVELS) + 1, len(LEVELS) + 1, np.int32)


def _held(own: Sequence[Record], rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """A passage's entry of `Dense.rows`, from its records, level by level, and their rows."""
    counts = [0, *(sum(record.level == level for record in own) for level in LEVELS)]
    return np.concatenate([len(counts) + np.cumsum(counts), rows]).astype(np.int32)


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
        self._file: VectorFile | None = None
        self._collections: dict[str, Chroma] = {}
        self._hashes: dict[str, tuple[Source, str]] = {}  # of what is indexed, so that only what changed is read

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
        held = {
            key: rows for key, rows in dense.rows.items() if _same(was.passages.get(key), library.passages.get(key))
        }
        new = [one for one in library.passages.values() if one.id not in held]
        fresh = {record.id: record for passage in new for record in records(passage)}
        try:
            collections = {clinic: self._collection(clinic) for clinic in library.clinics}
            vectors = self._added(collections, library, fresh)
            if self._file is None and fresh:
                self._file = VectorFile(self._vectors_path(), vectors.shape[1])
            rows = (self._file.add(marks_of(fresh), vectors) if self._file else 0) + np.arange(len(fresh))
            self._write_manifest(library)
            stale: dict[str, list[str]] = {}
            for passage in was.passages.values():
                if passage.id not in held:
                    old = (record.id for record in records(passage))
                    stale.setdefault(passage.clinic, []).extend(mark for mark in old if mark not in fresh)
            for clinic, marks in stale.items():
                for batch in _batches(marks, ADD):
                    (collections.get(clinic) or self._collection(clinic)).delete(ids=list(batch))
        except Exception as error:
            raise Unavailable(f"The index cannot follow the documents ({error}). It will at the next start.") from error
        finally:
            self._wait(IN_A_TURN)
        at = 0
        for passage in new:
            own = list(records(passage))
            held[passage.id] = _held(own, rows[at : at + len(own)])
            at += len(own)
        return Dense(held, self._file.vectors() if self._file else dense.vectors, _nearest(collections))

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
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def is_current(self, library: Library) -> bool:
        """The manifest on disk names this library and this model; never so where Chroma is a server."""
        return not self.server and self._read_manifest() == self._wanted(library)

    def _wanted(self, library: Library) -> dict[str, Any]:
        for key, source in library.sources.items():
            if key not in self._hashes or self._hashes[key][0] is not source:
                self._hashes[key] = source, content_hash(source)
        marks = {key: self._hashes[key][1] for key in sorted(library.sources)}
        return {"format": FORMAT, "model": self.embedder.name, "sources": marks}

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
        draft.write_text(json.dumps(self._wanted(library)), encoding="utf-8")
        draft.replace(self._manifest)

    def _collection(self, clinic: str) -> "Chroma":
        """A clinic's collection; on a server asked for anew each time, as it may have been begun again meanwhile."""
        if self.server or clinic not in self._collections:
            self._collections[clinic] = self._opened(clinic)
        return self._collections[clinic]

    def _opened(self, clinic: str) -> "Chroma":
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
        passages = list(library.passages.values())
        marks = marks_of(record.id for passage in passages for record in records(passage))
        rows = self._rows(passages, marks, collections)
        held: dict[str, NDArray[np.int32]] = {}
        at = 0
        for passage in passages:
            own = list(records(passage))
            held[passage.id] = _held(own, rows[at : at + len(own)])
            at += len(own)
        vectors = self._file.vectors() if self._file else np.zeros((0, 1), np.float16)
        give_back()
        return Dense(held, vectors, _nearest(collections))

    def _rows(self, passages: Sequence[Passage], marks: Marks, collections: dict[str, "Chroma"]) -> Rows:
        """The row of each of these passages' records in the file of vectors; what it lacks is asked of Chroma."""
        path = self._vectors_path()
        dimensions = dimensions_of(path) if path else 0
        self._file = VectorFile(path, dimensions) if dimensions else None
        if path and self._file and self._file.is_worn(len(marks)):
            self._file.close()
            path.unlink()
            self._file = None
        rows = self._file.rows(marks) if self._file else np.full(len(marks), -1, np.int64)
        if (rows < 0).any():
            every = chain.from_iterable(map(records, passages))
            lacking = [record for record, row in zip(every, rows, strict=True) if row < 0]
            clinic_of = {passage.id: passage.clinic for passage in passages}
            for clinic, collection in collections.items():
                own = [record for record in lacking if clinic_of[record.passage] == clinic]
                for batch in _batches(own, ADD):
                    self._fetch(collection, clinic, [record.id for record in batch])
            if self._file is None:
                raise Unavailable("The index is not complete. Start again, or run `make index`.")
            rows = self._file.rows(marks)
        return rows

    def _fetch(self, collection: "Chroma", clinic: str, ids: list[str]) -> None:
        """Put the vectors of these records into the file, from Chroma."""
        found = collection.get(ids=ids, include=["embeddings"])
        if len(found["ids"]) < len(ids):
            if not self.server:
                self._manifest.unlink(missing_ok=True)  # so that the next start repairs it
            raise Unavailable(f"The index of {clinic} is not complete. Start again, or run `make index`.")
        vectors = np.asarray(found["embeddings"], np.float16)
        if self._file is None:
            self._file = VectorFile(self._vectors_path(), vectors.shape[1])
        self._file.add(marks_of(found["ids"]), vectors)

    def _vectors_path(self) -> Path | None:
        """Where the vectors of this model are mapped from; with a server nothing is kept in the folder."""
        mark = sha256(f"{FORMAT}\n{self.embedder.name}".encode()).hexdigest()[:16]
        return None if self.server else self.folder / f"vectors-{mark}.f16"


def _same(was: Passage | None, now: Passage | None) -> bool:
    return was is now or was == now


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
