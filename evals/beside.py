"""`python -m evals beside`: Foreroom beside programs people would otherwise use, on the same documents and machine."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import product
from pathlib import Path
from platform import machine, python_version
from random import Random
from statistics import mean
from typing import IO, Any

import numpy as np

from errors import Unavailable
from evals.figures import QUESTIONS
from evals.items import read_items, read_lines
from evals.judging import PLACES, Asked, exact, given, ndcg, own, pairs, recall
from evals.measures import percentile, wilson
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.reading import read_text, slug
from knowledge.stored import pack
from make import where_from
from retrieval.weights import packaged_torch_model
from settings import load_settings

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers"
PAGE = ROOT / "docs" / "figures-beside-others.md"
OURS = "foreroom"
NAMES = (OURS, "langchain", "llamaindex", "haystack", "txtai")
NOT_RUN = {"haiku.rag": "every version that is served asks for Python 3.12 or newer; this project runs on 3.11 too"}
MOST = 10  # asked of everybody where places are judged
DOCUMENTS = 2_000  # of a file of pairs
STARTS = 3  # fresh processes of each program
TIMES = 300  # taken at least; a short list of questions is asked again from its beginning
AGAIN = 1_000  # resamples behind an interval


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents, and questions on them."""

    name: str
    library: Library
    asked: tuple[Asked, ...]


@dataclass(slots=True)
class Outcome:
    """What one program did on one corpus; seconds and bytes."""

    found: list[Sequence[tuple[str, str]]] = field(default_factory=list)
    shown: list[Sequence[tuple[str, str]]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    ranked: list[float] = field(default_factory=list)  # the search alone
    starts: list[float] = field(default_factory=list)
    memory: int = 0
    disk: int = 0
    units: int = 0
    indexing: float = 0.0


class Line:
    """A program in a process of its own, asked line by line."""

    def __init__(self, command: Sequence[str | Path], environment: dict[str, str]) -> None:
        """Start it; ready when the first line has come. Raises Unavailable."""
        self._process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )
        self.ready = self._answer()

    def ask(self, question: str, most: int = 0) -> list[tuple[str, str]]:
        """What it returns: `most` texts, or with 0 what it shows by itself."""
        self._pipe(self._process.stdin).write(json.dumps({"question": question, "most": most}) + "\n")
        self._pipe(self._process.stdin).flush()
        return [(str(source), str(text)) for source, text in self._answer()["found"]]

    def memory(self) -> int:
        """Its largest resident memory so far, in bytes; 0 where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/status")
        peak = [line for line in status.read_text().splitlines() if "VmHWM" in line] if status.exists() else []
        return int(peak[0].split()[1]) * 1024 if peak else 0

    def close(self) -> None:
        """End it."""
        self._pipe(self._process.stdin).close()
        self._process.wait(timeout=60)

    def _answer(self) -> dict[str, Any]:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            raise Unavailable("A program that was asked has stopped; its last words stand above.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _pipe(end: IO[str] | None) -> IO[str]:
        assert end is not None
        return end


def beside(
    sources: Path | None = None,
    asked: Path | None = None,
    answers: Path | None = None,
    most: int = DOCUMENTS,
    names: Sequence[str] = NAMES,
    starts: int = STARTS,
    page: Path = PAGE,
) -> str:
    """Ask everybody, write the page and print it. Raises BadInput, Unavailable."""
    cache = load_settings().data / "cache" / "beside"
    pythons = {name: _python(name, cache) for name in names}
    text: list[str] = []
    for corpus in _corpora(sources, asked, answers, most):
        text += table(corpus, _measure(pythons, corpus, cache, starts))
        page.write_text("\n".join([*_head(starts), *text, *_tail()]) + "\n", encoding="utf-8")
    print(page.read_text(encoding="utf-8"))
    return "\n".join(text)


def _corpora(sources: Path | None, asked: Path | None, answers: Path | None, most: int) -> Iterator[Corpus]:
    shipped = read_folder(SHIPPED)
    yield Corpus("The shipped digests", shipped, tuple(own(read_items(QUESTIONS), shipped)))
    if sources and asked:
        library = read_folder(sources)
        yield Corpus("Given documents", library, tuple(given(read_items(asked), library)))
    if answers:
        rows = list({str(row["passage"]): row for row in read_lines(answers, {"id", "question", "passage"})}.values())
        rows = [row | {"id": slug(str(row["id"]))} for row in Random(7).sample(rows, min(most, len(rows)))]
        library = Library.of(
            read_text(str(row["passage"]), name=row["id"], markdown=False, id=row["id"], clinic="answers")
            for row in rows
        )
        yield Corpus("Public answers", library, tuple(pairs(rows, library))[:500])


def _python(name: str, cache: Path) -> Path:
    """The interpreter of a program's own environment, made where it is not there yet. Raises Unavailable."""
    if name == OURS:
        return Path(sys.executable)
    wanted = PEERS / name / "requirements.txt"
    home = cache / "environments" / name
    python, stamp = home / "bin" / "python", home / "stamp"
    mark = sha256(wanted.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == mark:
        return python
    print(f"Making an environment for {name}", flush=True)
    uv = [sys.executable, "-m", "uv"] if _has_uv() else [shutil.which("uv") or "uv"]
    for step in (
        ["venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
        ["pip", "install", "--quiet", "--link-mode", "copy", "-p", str(python), *where_from(), "-r", str(wanted)],
    ):
        if subprocess.call([*uv, *step]) != 0:
            raise Unavailable(f"The environment of {name} cannot be made; the lines above say why.")
    stamp.write_text(mark)
    return python


def _has_uv() -> bool:
    return subprocess.call([sys.executable, "-m", "uv", "--version"], stdout=subprocess.DEVNULL) == 0


def _measure(pythons: dict[str, Path], corpus: Corpus, cache: Path, starts: int) -> dict[str, Outcome]:
    """Index a corpus where that was not done before, then ask everybody in turn, so that a busy moment meets all."""
    outcomes, commands = {}, {}
    for name, python in pythons.items():
        file = PEERS / name / "ask.py"
        folder = _folder(name, file, corpus, cache)
        commands[name] = partial(
            Line,
            [python, PEERS / "line.py", file, folder, packaged_torch_model()],
            dict(os.environ) | ({"PYTHONPATH": str(ROOT)} if name == OURS else {}),
        )
        if not (folder / "indexed.json").exists():
            print(f"{corpus.name}: {name} indexes", flush=True)
            shutil.rmtree(folder / "store", ignore_errors=True)
            commands[name]().close()
        facts = json.loads((folder / "indexed.json").read_text(encoding="utf-8"))
        disk = sum(one.stat().st_size for one in (folder / "store").rglob("*") if one.is_file())
        outcomes[name] = Outcome(units=facts["units"], indexing=facts["seconds"], disk=disk)
    print(f"{corpus.name}: all answer", flush=True)
    lines: dict[str, Line] = {}
    for left in reversed(range(starts)):
        for name, outcome in outcomes.items():
            began = time.perf_counter()
            lines[name] = commands[name]()
            lines[name].ask(corpus.asked[0].question)
            outcome.starts.append(time.perf_counter() - began)
            if left:
                lines[name].close()
    for most, again in product((0, MOST), range(-(-TIMES // len(corpus.asked)))):
        for at, one in enumerate(corpus.asked):
            for name in [*list(lines)[at % len(lines) :], *list(lines)[: at % len(lines)]]:
                outcome = outcomes[name]
                began = time.perf_counter()
                found = lines[name].ask(one.question, most)
                (outcome.ranked if most else outcome.took).append(time.perf_counter() - began)
                if not again:
                    (outcome.found if most else outcome.shown).append(found)
    for name, line in lines.items():
        outcomes[name].memory = line.memory()
        line.close()
    return outcomes


def _folder(name: str, file: Path, corpus: Corpus, cache: Path) -> Path:
    """Where a program keeps what it made of a corpus; another one when either changes."""
    wanted = PEERS / name / "requirements.txt"
    known = [
        file.read_text(encoding="utf-8"),
        corpus.library.fingerprint(),
        wanted.read_text() if wanted.exists() else "",
    ]
    folder = cache / sha256("\n".join(known).encode()).hexdigest()[:16]
    if not (folder / "documents.jsonl").exists():
        folder.mkdir(parents=True, exist_ok=True)
        held = list(corpus.library.sources.values())
        _write(folder / "sources.jsonl", [pack(source) for source in held])
        _write(folder / "documents.jsonl", [{"source": source.id, "text": source.text} for source in held])
    return folder


def _write(path: Path, values: Sequence[Any]) -> None:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")


def table(corpus: Corpus, outcomes: dict[str, Outcome]) -> Iterator[str]:
    """The rows of one corpus: quality with intervals, then costs as ratios to Foreroom's."""
    yield f"## {corpus.name}"
    yield ""
    documents, letters = len(corpus.library.sources), sum(len(one.text) for one in corpus.library.sources.values())
    yield f"{documents:,} documents, {letters:,} characters, {len(corpus.asked)} questions."
    yield ""
    yield "| | " + " | ".join(outcomes) + " |"
    yield "| --- |" + " --- |" * len(outcomes)
    for name, measure in (("recall", recall), ("nDCG", ndcg)):
        for at in PLACES:
            yield _row(
                f"{name} at {at}",
                (
                    _with_interval([measure(f, a, at) for f, a in zip(o.found, corpus.asked, strict=True)])
                    for o in outcomes.values()
                ),
            )
    yield _row(
        "shown sentences that are exact spans of a right source", (_exact(corpus, one) for one in outcomes.values())
    )
    yield _row(
        "words to read in the first 5, median",
        (f"{percentile((_words(found[:5]) for found in one.found), 0.5):.0f}" for one in outcomes.values()),
    )
    yield _row(
        "words shown, median", (f"{percentile((_words(s) for s in one.shown), 0.5):.0f}" for one in outcomes.values())
    )
    mine = outcomes.get(OURS) or next(iter(outcomes.values()))
    costs: list[tuple[str, Callable[[Outcome], float], Callable[[float], str]]] = [
        ("one question to its answer, median", lambda one: percentile(one.took, 0.5), _ms),
        ("one question, 95th percentile", lambda one: percentile(one.took, 0.95), _ms),
        ("the search alone, median", lambda one: percentile(one.ranked, 0.5), _ms),
        ("start to first answer, median", lambda one: percentile(one.starts, 0.5), lambda value: f"{value:.1f} s"),
        ("time to index", lambda one: one.indexing, lambda value: f"{value:.1f} s"),
        ("disk", lambda one: one.disk, _mb),
        ("memory, peak", lambda one: one.memory, _mb),
    ]
    for name, cost, shape in costs:
        base = cost(mine) or 1.0
        yield _row(name, (f"{cost(one) / base:.2f} ({shape(cost(one))})" for one in outcomes.values()))
    yield _row("pieces searched", (f"{one.units:,}" for one in outcomes.values()))
    yield ""


def _row(name: str, cells: Iterator[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def _ms(value: float) -> str:
    return f"{value * 1000:.0f} ms"


def _mb(value: float) -> str:
    return f"{value / 1e6:.1f} MB"


def _words(shown: Sequence[tuple[str, str]]) -> int:
    return sum(len(text.split()) for _, text in shown)


def _with_interval(values: Sequence[float]) -> str:
    """The mean and its 95 % interval by resampling the questions."""
    chance, held = np.random.default_rng(1), np.asarray(values)
    means = held[chance.integers(0, len(held), (AGAIN, len(held)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{mean(values):.3f} [{low:.3f}, {high:.3f}]"


def _exact(corpus: Corpus, one: Outcome) -> str:
    counts = [exact(shown, asked, corpus.library) for shown, asked in zip(one.shown, corpus.asked, strict=True)]
    good, of = sum(first for first, _ in counts), sum(second for _, second in counts)
    low, high = wilson(good, of)
    return f"{good / max(of, 1):.3f} [{low:.3f}, {high:.3f}] ({good}/{of})"


def _head(starts: int) -> Iterator[str]:
    today, python, cores = datetime.now(UTC).date(), python_version(), os.cpu_count()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    yield "# Beside others"
    yield ""
    yield f"Written by `make bench` on {today}, Python {python}, {machine()}, {cores} cores, load {load}."
    yield "Costs are ratios to Foreroom's in the same run, the figure itself in brackets; below 1 is cheaper than ours."
    yield f"Fresh starts of each program: {starts}. On a machine that does other work, ratios hold better than times."
    yield f"A list of fewer than {TIMES} questions is asked again from its beginning until there are as many times."
    yield ""


def _tail() -> Iterator[str]:
    yield from (PEERS / "notes.md").read_text(encoding="utf-8").splitlines()
    for name, reason in NOT_RUN.items():
        yield f"- Not run: {name}. {reason[0].upper()}{reason[1:]}."
