"""`python -m evals bench`: what a turn, a search, a reading by triage, an index and a draft cost on this machine."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from answering import parts_over, second_reader
from evals.drafting import drafting
from evals.figures import QUESTIONS
from evals.items import as_message, read_items
from evals.library import library_of
from evals.measures import percentile
from retrieval.embedding import load_embedder
from retrieval.index import Index
from settings import load_settings
from triage.decision import Message
from triage.triage import Triage

TURNS = 200


def bench() -> None:
    """Print a line a measure: median and 95th percentile in milliseconds, or seconds once."""
    messages = [as_message(item) for item in read_items(QUESTIONS)][:TURNS]
    library = library_of(None)
    began = time.perf_counter()
    embedder = load_embedder(load_settings().embedding_model)
    embedder.embed(["what is anhedonia"])
    print(f"model ready: {time.perf_counter() - began:.2f} s")
    with TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index", embedder)
        print(f"index from nothing, {len(library.passages)} passages: {_seconds(lambda: index.open(library)):.1f} s")
        index.close()
        print(f"index, nothing changed: {_seconds(lambda: index.open(library)):.2f} s")
        index.close()
        dense = index.open(library)
        index.close()
        whole = parts_over(library, dense=dense, embed=embedder.embed, encode=second_reader())
        worded = parts_over(library)
        _spread("a turn", whole.take, messages)
        _spread("a turn by words alone", worded.take, messages)
        _spread("triage (vectors remembered)", whole.triage, messages)
        _spread("triage, rules alone", Triage(None), messages)
        print(*drafting(Path(folder)), sep="\n")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _spread(name: str, work: Callable[[Message], object], messages: list[Message]) -> None:
    took = []
    for message in messages:
        began = time.perf_counter()
        work(message)
        took.append((time.perf_counter() - began) * 1000)
    middle, late = percentile(took, 0.5), percentile(took, 0.95)
    print(f"{name}: median {middle:.1f} ms, 95th percentile {late:.1f} ms ({len(took)} messages)")
