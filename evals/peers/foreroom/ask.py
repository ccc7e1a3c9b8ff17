"""Foreroom as a page has it, less the page: the whole turn, or with `most` the passages it ranks."""

import gc
import json
from itertools import zip_longest
from pathlib import Path

from answering import parts_over, second_reader
from conversation.understanding import understand
from knowledge.library import Library
from knowledge.stored import unpack
from retrieval.embedding import load_embedder
from retrieval.index import Index
from settings import load_settings
from triage.cues import compile_known
from triage.decision import Message

SHOWN = 0  # what the turn shows


def _library(folder: Path) -> Library:
    lines = (folder.parent / "sources.jsonl").read_text(encoding="utf-8").split("\n")
    return Library.of(unpack(json.loads(line)) for line in lines if line)


def index(documents: object, folder: Path, model: str) -> int:
    """Embed and store everything that is searched; how many passages."""
    library, made = _library(folder), Index(folder, load_embedder(load_settings().embedding_model, threads=2))
    made.open(library)
    made.close()
    return len(library.passages)


def load(folder: Path, model: str):  # type: ignore[no-untyped-def]
    """What answers a question with a turn's statements, or with the passages of its search."""
    library, embedder = _library(folder), load_embedder(load_settings().embedding_model)
    made = Index(folder, embedder)
    parts = parts_over(library, dense=made.open(library), embed=embedder.embed, encode=second_reader())
    compile_known()  # as the page does before it is ready
    gc.collect()
    gc.freeze()

    def ask(question: str, most: int) -> list[tuple[str, str]]:
        if not most:
            return [(one.span.source, one.text) for one in parts.take(Message(question)).statements]
        asked = understand(Message(question), clinics=library.clinics, named=parts.named)
        ranked = zip_longest(*(parts.search(part).evidence for part in asked.parts))
        found = {one.passage.id: one.passage for row in ranked for one in row if one is not None}
        return [(one.source, one.text) for one in list(found.values())[:most]]

    return ask
