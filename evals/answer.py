"""`python -m evals answer`: the real pipeline on a file of items, a result a line."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from conversation.parts import Parts
from conversation.reply import reply
from evals.items import Item, as_message, read_items, write_results
from evals.library import library_of, whole_parts


def answer(items: Path, out: Path, sources: Path | None = None) -> int:
    """Answer every item and write `out`; how many there were. Raises ForeroomError."""
    questions = read_items(items)
    with TemporaryDirectory() as folder:
        parts = whole_parts(library_of(sources), Path(folder))
        return sum(1 for _ in write_results(out, results(parts, questions)))


def results(parts: Parts, items: list[Item]) -> Iterator[Item]:
    """Each item's result, in order."""
    for item in items:
        message = as_message(item)
        began = time.perf_counter()
        turn = parts.take(message)
        took = (time.perf_counter() - began) * 1000
        yield {
            "id": item["id"],
            "route": turn.decision.route.value,
            "reasons": [reason.value for reason in turn.decision.reasons],
            "text": reply(turn),
            "statements": [
                {
                    "text": statement.text,
                    "citations": [
                        {
                            "source": statement.span.source,
                            "passage": statement.span.passage,
                            "start": statement.span.start,
                            "end": statement.span.end,
                            "quote": statement.text,
                        }
                    ],
                }
                for statement in turn.statements
            ],
            "handoff": turn.decision.needs_person,
            "check_in": turn.decision.check_in,
            "ms": round(took, 2),
            "calls": [f"{call.purpose}: {call.outcome}" for call in turn.calls],
        }
