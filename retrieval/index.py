"""The dense index: one Chroma collection a clinic, kept in step with the library by content hashes."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from shutil import rmtree
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
from retrieval.vectors import Marks, VectorFile, dimensions_of, marks_of

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from langchain_chroma import Chroma

FORMAT = 3  # raise it when what is stored changes its meaning
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
    whole = passage.text if passage.is_helped else " ".join((*passage.heading, passage.text))
    texts = [("passage", whole)]
    texts += [("sentence", passage.text[s.start - passage.start : s.end - passage.start]) for s in passage.sentences]
    texts += [("asked", question) for question in passage.asked_as]
    for level, text in dict.fromkeys(texts):
        mark = sha256(f"{passage.id}\n{level}\n{text}".encode()).hexdigest()[:32]
        yield Record(mark, text, level, passage.id)


LEVELS = {"passage": 0, "sentence": 1, "asked": 2}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one collection of Chroma holds of a clinic.

    The nearest are sought among passages and questions alone: the vectors of sentences, most of all vectors, need no
    place in Chroma's memory. They are in the file of vectors, and on a server in a collection that is never searched.
    """

    clinic: str
    is_searched: bool = True  # passages and questions; else sentences

    def holds(self, record: Record) -> bool:
        """A record of this clinic has its place here."""
        return (record.level != "sentence") == self.is_searched


Near = tuple[Vectors, Vectors, Vectors]  # to a passage, to each of its sentences, to each of its questions


@dataclass(frozen=True, slots=True)
class Dense:
    """What a turn reads: vectors, mapped from a file, and the nearest-record search of each clinic."""

    rows: dict[str, NDArray[np.int32]]  # passage id -> where its records of each level begin (4), then their rows
    vectors: NDArray[np.float16]  # (rows, dimensions); half of the bytes, and cosines within 0.0001
    nearest: Callable[[str, Vectors, int], list[str]]  # clinic, query vector, how many -> passage ids, best first

    def of(self, passage: str, level: str) -> Vectors:
        """The vectors of one level of a passage, shape (n, dimensions); n may be 0."""
        return self.of_each((passage,), level)

    def cosines(self, passages: Sequence[str], vector: Vectors) -> list[Near]:
        """How near a vector of length one is to each of these passages, to its sentences and to its questions."""
        held = [self.rows.get(passage, _NO_ROWS) for passage in passages]
        if not held:
            return []
        near = self.vectors[np.concatenate([one[one[0] :] for one in held])].astype(np.float32) @ vector
        found, at = [], 0
        for one in held:
            first, second, last = (one[1 : len(LEVELS) + 1] - one[0] + at).tolist()
            found.append((near[at:first], near[first:second], near[second:last]))
            at = last
        return found

    def of_each(self, passages: Sequence[str], level: str) -> Vectors:
        """The same of several passages, one after another; at least one has to be given."""
        at = LEVELS[level]
        held = [self.rows.get(passage, _NO_ROWS) for passage in passages]
        rows = [one[one[at] : one[at + 1]] for one in held]
        return self.vectors[rows[0] if len(rows) == 1 else np.concatenate(rows)].astype(np.float32)

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
    """A folder that one process owns: `chroma/`, the file of vectors, and `manifest.json`, written last.

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
        self._chroma: ClientAPI | None = None
        self._session: Any = None  # of that client, where Chroma is a server
        self._file: VectorFile | None = None
        self._collections: dict[Shelf, Chroma] = {}
        self._searched: dict[str, str] = {}  # record id -> its passage, of what Chroma searches
        self._hashes: dict[str, tuple[Source, str]] = {}  # of what is indexed, so that only what changed is read

    def open(self, library: Library, progress: Progress = lambda done, total: None) -> Dense:
        """Bring the index in step with the library and load what a turn needs.

        Raises Unavailable when another process owns the folder or Chroma cannot be used.
        """
        if not self.server:
            self._own()
        try:
            marks = marks_of(record.id for passage in library.passages.values() for record in records(passage))
            self._open_file(len(marks))
            return self._load(library, marks, self._sync(library, marks, progress))
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
        manifest = self._read_manifest()
        if manifest is not None and manifest.get("format") != FORMAT:  # of an earlier program, which nobody runs here
            rmtree(self.folder / "chroma", ignore_errors=True)
            for file in (*self.folder.glob("vectors-*.f16"), self._manifest):
                file.unlink(missing_ok=True)

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
            collections = self._collections_of(library)
            vectors = self._added(collections, library, fresh)
            if self._file is None and fresh:
                self._file = VectorFile(self._vectors_path(), vectors.shape[1])
            rows = (self._file.add(marks_of(fresh), vectors) if self._file else 0) + np.arange(len(fresh))
            self._write_manifest(library)
            gone = [one for one in was.passages.values() if one.id not in held]
            for shelf in self._shelves({one.clinic for one in gone}):
                old = (record for one in gone if one.clinic == shelf.clinic for record in records(one))
                stale = [record.id for record in old if shelf.holds(record) and record.id not in fresh]
                for batch in _batches(stale, ADD):
                    (collections.get(shelf) or self._collection(shelf)).delete(ids=list(batch))
        except Exception as error:
            raise Unavailable(f"The index cannot follow the documents ({error}). It will at the next start.") from error
        finally:
            self._wait(IN_A_TURN)
        at = 0
        for passage in new:
            own = list(records(passage))
            held[passage.id] = _held(own, rows[at : at + len(own)])
            at += len(own)
        self._searched |= _searched(fresh.values())
        return Dense(held, self._file.vectors() if self._file else dense.vectors, self._nearest(collections))

    def _added(
        self, collections: dict[Shelf, "Chroma"], library: Library, fresh: dict[str, Record]
    ) -> NDArray[np.float16]:
        """The vectors of new records, shape (records, dimensions), after they are stored."""
        held: dict[str, Vectors] = {}
        for shelf, collection in collections.items():
            of_clinic = (one for one in fresh.values() if library.passages[one.passage].clinic == shelf.clinic)
            for batch in _batches([one for one in of_clinic if shelf.holds(one)], ADD):
                _store(collection, batch)
                found = collection.get(ids=[record.id for record in batch], include=["embeddings"])
                held |= dict(zip(found["ids"], found["embeddings"], strict=True))
        for batch in _batches([record for record in fresh.values() if record.id not in held], ADD):
            vectors = self._embedded([record.text for record in batch])
            held |= {record.id: vector for record, vector in zip(batch, vectors, strict=True)}
        rows = [np.asarray(held[mark], np.float16) for mark in fresh]
        return np.stack(rows) if rows else np.zeros((0, 1), np.float16)

    def _embedded(self, texts: Sequence[str]) -> Vectors:
        """Their vectors, shape (texts, dimensions); what is said twice is read once."""
        place = {text: at for at, text in enumerate(dict.fromkeys(texts))}
        rows: Vectors = self.embedder.embed(list(place))[[place[text] for text in texts]]
        return rows

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
            found = json.loads(self._manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write_manifest(self, library: Library) -> None:
        if self.server:
            return
        draft = self._manifest.with_suffix(".new")
        draft.write_text(json.dumps(self._wanted(library)), encoding="utf-8")
        draft.replace(self._manifest)

    def _shelves(self, clinics: Iterable[str]) -> list[Shelf]:
        """What Chroma keeps of these clinics."""
        return [Shelf(clinic, kind) for clinic in clinics for kind in ((True, False) if self.server else (True,))]

    def _collections_of(self, library: Library) -> dict[Shelf, "Chroma"]:
        return {shelf: self._collection(shelf) for shelf in self._shelves(library.clinics)}

    def _collection(self, shelf: Shelf) -> "Chroma":
        """A shelf's collection; on a server asked for anew each time, as it may have been begun again meanwhile."""
        if self.server or shelf not in self._collections:
            self._collections[shelf] = self._opened(shelf)
        return self._collections[shelf]

    def _opened(self, shelf: Shelf) -> "Chroma":
        from langchain_chroma import Chroma
        from langchain_core.embeddings import Embeddings

        embed = self._embedded

        class Ours(Embeddings):
            """Our own function: Chroma's default one would download a model."""

            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                rows: list[list[float]] = embed(texts).tolist()
                return rows

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        mark = sha256(f"{FORMAT}\n{self.embedder.name}\n{shelf.clinic}".encode()).hexdigest()[:24]
        return Chroma(
            collection_name=f"{'clinic' if shelf.is_searched else 'sentences'}-{mark}",
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
        httpx.get(f"{self.server.rstrip('/')}/api/v2/heartbeat", timeout=IN_A_TURN)  # raises where nobody answers
        if self._chroma is None:  # one, as each has a session of its own
            at, ssl = urlsplit(self.server), self.server.startswith("https")
            self._chroma = chromadb.HttpClient(at.hostname or "", at.port or 8000, ssl=ssl, settings=settings)
            self._session = self._chroma._server._session  # type: ignore[attr-defined]
        self._wait(BUILDING)
        return self._chroma

    def _sync(self, library: Library, marks: Marks, progress: Progress) -> dict[Shelf, "Chroma"]:
        """Add what is missing, then write the manifest, then drop what is stale."""
        collections = self._collections_of(library)
        unread = [] if self.server else [one for one in self._lacking(library, marks) if one.level == "sentence"]
        if self.is_current(library) and not unread:
            return collections
        wanted = {shelf: list(_records_of(library, shelf)) for shelf in collections}
        stored = {shelf: set(collection.get(include=[])["ids"]) for shelf, collection in collections.items()}
        missing = {shelf: [r for r in wanted[shelf] if r.id not in stored[shelf]] for shelf in collections}
        total = len(unread) + sum(map(len, missing.values()))
        done = 0
        for shelf, new in (*missing.items(), (None, unread)):
            for batch in _batches(sorted(new, key=lambda record: record.text), ADD):  # the same texts in one batch
                if shelf is None:
                    self._keep([record.id for record in batch], self._embedded([record.text for record in batch]))
                else:
                    _store(collections[shelf], batch)
                done += len(batch)
                progress(done, total)
        self._write_manifest(library)
        for shelf, collection in collections.items():
            stale = sorted(stored[shelf] - {record.id for record in wanted[shelf]})
            for gone in _batches(stale, ADD):
                collection.delete(ids=list(gone))
        return collections

    def _load(self, library: Library, marks: Marks, collections: dict[Shelf, "Chroma"]) -> Dense:
        """What a turn needs; vectors that the file lacks are asked of Chroma."""
        lacking = self._lacking(library, marks)
        for shelf, collection in collections.items():
            of_clinic = (one for one in lacking if library.passages[one.passage].clinic == shelf.clinic)
            for batch in _batches([one.id for one in of_clinic if shelf.holds(one)], ADD):
                self._fetch(collection, shelf.clinic, batch)
        rows = self._file.rows(marks) if self._file else np.zeros(0, np.int64)
        held: dict[str, NDArray[np.int32]] = {}
        at = 0
        for passage in library.passages.values():
            own = list(records(passage))
            held[passage.id] = _held(own, rows[at : at + len(own)])
            self._searched |= _searched(own)
            at += len(own)
        vectors = self._file.vectors() if self._file else np.zeros((0, 1), np.float16)
        give_back()
        return Dense(held, vectors, self._nearest(collections))

    def _nearest(self, collections: dict[Shelf, "Chroma"]) -> Callable[[str, Vectors, int], list[str]]:
        """The search of each clinic's shelf; only ids are asked for, as texts would be read from disk in a turn."""

        def nearest(clinic: str, vector: Vectors, most: int) -> list[str]:
            held = collections[Shelf(clinic)]._collection  # LangChain's own search reads every text it finds
            found = held.query(query_embeddings=vector[None], n_results=most, include=[])["ids"][0]
            return [self._searched[one] for one in found if one in self._searched]

        return nearest

    def _open_file(self, wanted: int) -> None:
        """Open the file of vectors where there is one; one that is mostly of what is no more is begun again."""
        path = self._vectors_path()
        dimensions = dimensions_of(path) if path else 0
        self._file = VectorFile(path, dimensions) if dimensions else None
        if path and self._file and self._file.is_worn(wanted):
            self._file.close()
            path.unlink()
            self._file = None

    def _lacking(self, library: Library, marks: Marks) -> list[Record]:
        """The library's records whose vectors the file does not hold; `marks` are those of all its records."""
        rows = self._file.rows(marks) if self._file else np.full(len(marks), -1, np.int64)
        if (rows >= 0).all():
            return []
        every = chain.from_iterable(map(records, library.passages.values()))
        return [record for record, row in zip(every, rows, strict=True) if row < 0]

    def _fetch(self, collection: "Chroma", clinic: str, ids: Sequence[str]) -> None:
        """Put the vectors of these records into the file, from Chroma."""
        found = collection.get(ids=list(ids), include=["embeddings"])
        if len(found["ids"]) < len(ids):
            if not self.server:
                self._manifest.unlink(missing_ok=True)  # so that the next start repairs it
            raise Unavailable(f"The index of {clinic} is not complete. Start again, or run `make index`.")
        self._keep(found["ids"], np.asarray(found["embeddings"]))

    def _keep(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Put these records' vectors into the file."""
        if self._file is None:
            self._file = VectorFile(self._vectors_path(), vectors.shape[1])
        self._file.add(marks_of(ids), vectors)

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


def _searched(of: Iterable[Record]) -> dict[str, str]:
    """The passage of each record that is searched in Chroma, by the record's id."""
    return {record.id: record.passage for record in of if record.level != "sentence"}


def _records_of(library: Library, shelf: Shelf) -> Iterator[Record]:
    for passage in library.passages.values():
        if passage.clinic == shelf.clinic:
            yield from filter(shelf.holds, records(passage))


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[at : at + size] for at in range(0, len(items), size))
