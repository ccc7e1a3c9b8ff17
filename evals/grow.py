"""`python -m evals grow`: what indexing, a changed document and a search cost as the documents grow."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from platform import machine, python_version
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evals.figures import QUESTIONS
from evals.items import read_items
from evals.measures import percentile
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.source import Passage, Sentence, Source
from retrieval.embedding import Embedder, Vectors, load_embedder
from retrieval.evidence import Query
from retrieval.index import Index
from retrieval.lexical import words
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words

Result = TypeVar("Result")

SIZES = (1_000, 10_000, 100_000)
CLINICS = ("Alder Clinic", "Birch Clinic")
A_SOURCE = 10  # passages
SENTENCES, LENGTH = 3, 12  # of a passage, and words of one of them
QUERIES = 200
SEED = 11
NOTES = """\
The documents are made up: words drawn as in a language (few are common, each document has a topic of its own), ten
passages a document, three sentences of twelve words a passage, two clinics. Their vectors are made up too: the sum of a
fixed random vector a word, so that texts which share words lie near each other, as with the model. Everything else is
the program's own: the index on disk, the search by words, the ranking. The embedding of a question is the real model's.
A changed document is one of a library of this size: embedded, stored, indexed by its words, and found.
Memory is what the system counts as resident, pages of the mapped file of vectors that were touched included.
The search is timed without the embedding of the question. Each size has processes of its own."""
PAGE = Path(__file__).parents[1] / "docs" / "figures-growth.md"


@dataclass(frozen=True, slots=True)
class Made:
    """Words drawn as in a language: few are common, each topic has its own, and every word has a fixed vector."""

    vocabulary: tuple[str, ...]  # the commonest first
    vectors: Vectors  # (words, dimensions): what a word adds to the vector of a text
    row: dict[str, int]

    @classmethod
    def of(cls, size: int, dimensions: int = 384) -> "Made":
        """The shipped digests' words, then new ones made of halves of theirs, so that their letters look alike."""
        chance = np.random.default_rng(SEED)
        told = [word for source in read_folder(SHIPPED).sources.values() for word in words(source.text)]
        counts: dict[str, int] = {}
        for word in told:
            counts[word] = counts.get(word, 0) + 1
        common = sorted(counts, key=lambda word: (-counts[word], word))
        long = [word for word in common if len(word) > 5]
        known = dict.fromkeys(common[:size])
        while len(known) < size:
            for first, last in chance.integers(0, len(long), (size, 2)):
                known.setdefault(long[first][: len(long[first]) // 2 + 1] + long[last][len(long[last]) // 2 :])
        known = dict.fromkeys(list(known)[:size])
        weight = np.sqrt(np.arange(1, size + 1, dtype=np.float32)).clip(max=40)[:, None]  # a rare word says more
        vectors = chance.standard_normal((size, dimensions), dtype=np.float32) * weight
        return cls(tuple(known), vectors, {word: at for at, word in enumerate(known)})

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (texts, dimensions): texts that share words lie near each other."""
        rows = np.zeros((len(texts), self.vectors.shape[1]), np.float32)
        for at, text in enumerate(texts):
            held = [self.row[word] for word in words(text) if word in self.row]
            rows[at] = self.vectors[held].sum(axis=0) if held else self.vectors[0]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def sources(self, passages: int) -> Iterator[Source]:
        """So many passages, A_SOURCE in a source, each source on a topic of its own."""
        chance = np.random.default_rng(SEED + 1)
        for number in range(-(-passages // A_SOURCE)):
            topic = chance.integers(0, len(self.vocabulary), 40)
            size = min(A_SOURCE, passages - number * A_SOURCE)
            drawn = np.minimum(chance.zipf(1.25, (size, SENTENCES, LENGTH)), len(self.vocabulary)) - 1
            own = chance.random(drawn.shape) < 0.3
            drawn[own] = chance.choice(topic, int(own.sum()))
            yield self.source(number, 1, drawn)

    def source(self, number: int, version: int, drawn: NDArray[np.int64]) -> Source:
        """A source whose passages say the words of these rows, shape (passages, sentences, words)."""
        clinic, source_id = CLINICS[number % len(CLINICS)], f"made{number}"
        held, passages, at = [], [], 0
        for place, rows in enumerate(drawn):
            said = [" ".join(self.vocabulary[row] for row in sentence).capitalize() + "." for sentence in rows]
            name = f"{source_id}@{version}#text.{place + 1}"
            starts = np.cumsum([0, *(len(one) + 1 for one in said)])
            text = " ".join(said)
            sentences = tuple(
                Sentence(f"{name}:{n + 1}", at + int(start), at + int(start) + len(one))
                for n, (start, one) in enumerate(zip(starts, said, strict=False))
            )
            passages.append(Passage(name, source_id, clinic, ("Text",), text, at, at + len(text), sentences))
            held.append(text)
            at += len(text) + 2
        return Source(source_id, version, f"Made {number}", clinic, "\n\n".join(held), tuple(passages))

    def questions(self, library: Library, most: int) -> list[str]:
        """Five words of a passage each; in every tenth, one of them is misspelt."""
        chance = np.random.default_rng(SEED + 2)
        held = list(library.passages.values())
        asked = []
        for number in range(most):
            said = words(held[int(chance.integers(len(held)))].text)
            drawn = [str(word) for word in chance.choice(said, 5)]
            if number % 10 == 0:
                drawn[0] = drawn[0][:-2] + drawn[0][-1:] + drawn[0][-2:-1] + "q"
            asked.append(f"what is {' '.join(drawn)}")
        return asked


def grow(sizes: Sequence[int] = SIZES, page: Path = PAGE, *, index_only: bool = False) -> list[dict[str, Any]]:
    """Measure each size in processes of its own, print a row a size and write the page."""
    rows = []
    for size in sizes:
        with TemporaryDirectory() as folder:
            rows.append(_in_its_own(size, "build", folder))
            if not index_only:
                rows[-1] |= _in_its_own(size, "serve", folder)
            print(json.dumps(rows[-1]), flush=True)
        page.write_text("\n".join(_page(rows)) + "\n", encoding="utf-8")
    print(page.read_text(encoding="utf-8"))
    return rows


def _in_its_own(size: int, step: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "evals", "grow", str(size), "--step", step, "--folder", folder]
    found: dict[str, Any] = json.loads(subprocess.check_output(command, text=True).splitlines()[-1])
    return found


def build(size: int, folder: Path) -> dict[str, Any]:
    """Index so many passages from nothing; seconds, records and bytes."""
    made = _made(size)
    library = Library.of(made.sources(size))
    index = Index(folder, Embedder("made", made.embed))
    took, dense = _timed(lambda: index.open(library))
    near = []
    for vector in dense.vectors[:100].astype(np.float32):
        began = time.perf_counter()
        dense.nearest(CLINICS[0], vector, 60)
        near.append(time.perf_counter() - began)
    index.close()
    disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return {
        "passages": size,
        "records": dense.records,
        "indexing": took,
        "nearest": [percentile(near, 0.5), percentile(near, 0.95)],
        "disk": disk,
        "memory_building": _peak(),
    }


def serve(size: int, folder: Path) -> dict[str, Any]:
    """Open what was built, search, change one document, search again; seconds and bytes."""
    made = _made(size)
    library = Library.of(made.sources(size))
    before = _resident()  # the documents themselves, and Python with all that is imported
    index = Index(folder, Embedder("made", made.embed))
    opening, dense = _timed(lambda: index.open(library))
    wording, held = _timed(lambda: Words.over(library))
    spent = [0.0]

    def embed(texts: Sequence[str]) -> Vectors:
        took, vectors = _timed(lambda: made.embed(texts))
        spent[0] += took
        return vectors

    search = Search(held, load_ranking(), dense, embed)
    asked = made.questions(library, QUERIES)
    for question in asked[:10]:
        search(Query(question))
    gc.collect()
    gc.freeze()
    took, busy = [], []
    for question in asked:
        spent[0], cpu = 0.0, time.process_time()
        one, _ = _timed(lambda question=question: search(Query(question)))  # type: ignore[misc]
        took.append(one - spent[0])
        busy.append(time.process_time() - cpu - spent[0])
    serving, peak = _resident(), _peak()

    old = next(iter(library.sources.values()))
    drawn = np.random.default_rng(1).integers(0, len(made.vocabulary), (len(old.passages), SENTENCES, LENGTH))
    new = made.source(0, 2, drawn)

    def change() -> bool:
        now = Library.of([new, *(one for one in library.sources.values() if one is not old)])
        following = index.follow(now, library, dense)
        found = Search(held.following(now), load_ranking(), following, made.embed)(Query(new.passages[0].text))
        return found.evidence[0].passage.id == new.passages[0].id

    busy_before = time.process_time()
    changing, is_found = _timed(change)
    changing_busy = time.process_time() - busy_before
    index.close()
    flat = np.asarray(dense.vectors, np.float32)
    vector = made.embed(asked[:1])[0]
    plain = [_timed(lambda: np.argpartition(-(flat @ vector), 60)[:60])[0] for _ in range(30)]
    model = load_embedder()
    texts = [str(item["message"]) for item in read_items(QUESTIONS)][:100]
    embedding = [_timed(lambda text=text: model.embed([text]))[0] for text in texts]  # type: ignore[misc]
    return {
        "opening": opening,
        "words": wording,
        "search": [percentile(took, 0.5), percentile(took, 0.95)],
        "search_busy": [percentile(busy, 0.5), percentile(busy, 0.95)],
        "memory": serving,
        "memory_peak": peak,
        "memory_documents": before,
        "changing": changing,
        "changing_busy": changing_busy,
        "changed_is_found": is_found,
        "flat": [percentile(plain, 0.5), percentile(plain, 0.95)],
        "embedding": [percentile(embedding, 0.5), percentile(embedding, 0.95)],
    }


def _made(size: int) -> Made:
    return Made.of(min(60_000, 5_000 + size))


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def _resident() -> int:
    return _of_status("VmRSS")


def _peak() -> int:
    return _of_status("VmHWM")


def _of_status(name: str) -> int:
    """Bytes that the system counts for this process; 0 where it does not tell."""
    status = Path("/proc/self/status")
    lines = [line for line in status.read_text().splitlines() if name in line] if status.exists() else []
    return int(lines[0].split()[1]) * 1024 if lines else 0


def _page(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    today, cores = datetime.now(UTC).date(), os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    yield "# How cost grows"
    yield ""
    on = f"{today}, Python {python_version()}, {machine()}, {cores} cores, load {load}"
    yield f"Written by `python -m evals grow` on {on}."
    yield ""
    yield "| passages | " + " | ".join(f"{row['passages']:,}" for row in rows) + " |"
    yield "| --- |" + " --- |" * len(rows)
    shapes: dict[str, Callable[[dict[str, Any]], str]] = {
        "vectors (a passage, and each of its sentences)": lambda row: f"{row['records']:,}",
        "indexing, vectors a second": lambda row: f"{row['records'] / row['indexing']:,.0f}",
        "opening the index, s": lambda row: f"{row['opening']:.1f}",
        "indexing the words, s": lambda row: f"{row['words']:.1f}",
        "one changed document searched, s": lambda row: f"{row['changing']:.2f}",
        "of which processor time, s": lambda row: f"{row['changing_busy']:.2f}",
        "the nearest 60 in Chroma, median / 95th, ms": lambda row: _pair(row["nearest"]),
        "a search beyond the embedding, median / 95th, ms": lambda row: _pair(row["search"]),
        "of the search, processor time, ms": lambda row: _pair(row["search_busy"]),
        "floor: a flat product in NumPy, ms": lambda row: _pair(row["flat"]),
        "floor: the embedding of a question, ms": lambda row: _pair(row["embedding"]),
        "memory while serving, MB": lambda row: f"{row['memory'] / 1e6:,.0f}",
        "of which the documents and Python, MB": lambda row: f"{row['memory_documents'] / 1e6:,.0f}",
        "peak while indexing, MB": lambda row: f"{row['memory_building'] / 1e6:,.0f}",
        "peak while serving, MB": lambda row: f"{row['memory_peak'] / 1e6:,.0f}",
        "disk, MB": lambda row: f"{row['disk'] / 1e6:,.0f}",
    }
    for name, shape in shapes.items():
        yield f"| {name} | " + " | ".join(_cell(shape, row) for row in rows) + " |"
    yield ""
    yield from NOTES.splitlines()


def _pair(values: Sequence[float]) -> str:
    return " / ".join(f"{value * 1000:.1f}" for value in values)


def _cell(shape: Callable[[dict[str, Any]], str], row: dict[str, Any]) -> str:
    """What a row says; nothing where only its index was measured."""
    try:
        return shape(row)
    except KeyError:
        return ""
