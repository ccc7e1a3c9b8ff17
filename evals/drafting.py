"""What staff wait for, on a real desk: a draft for three questions, and the check of a long draft after one edit."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from conversation.checking import Written
from conversation.compose import statement_of
from desk.roles import Role
from desk.staff import invite, open_session
from evals.figures import QUESTIONS
from evals.items import read_items
from evals.library import library_of
from evals.measures import percentile
from knowledge.library import Library
from settings import load_settings
from wiring import Services, open_store

DRAFTS = 20
EDITS = 40
SENTENCES = 20


def drafting(folder: Path) -> list[str]:
    """A line a measure, in milliseconds: pressing *Propose a draft*, and keeping and checking a draft after an edit.

    The house stands on a database of its own in `folder` and is warmed up as the page is; what comes first after that
    is told apart.
    """
    settings = load_settings().model_copy(update={"data": folder, "database_url": "", "model": ""})
    store, keys = open_store(settings)
    house = Services(settings, store, keys, library_of(None))
    house.warm_up()
    with store.writing() as connection:
        writer, _ = invite(connection, "Dana", Role.CLINICIAN, datetime.now(UTC))
        session = open_session(connection, writer.id, datetime.now(UTC))
    drafts, checks, ticket_id = [], [], 0
    for letter in _letters():
        ticket_id = house.paste(session, letter, None).id
        house.desk.claim(session, ticket_id, 1)
        began = time.perf_counter()
        house.desk.compose(session, ticket_id)
        drafts.append((time.perf_counter() - began) * 1000)
    put_in = _sentences(house.library)
    words = [one.text for one in put_in]
    house.desk.write(session, ticket_id, " ".join(words), put_in=put_in)
    for number in range(EDITS):
        place = number % len(words)
        words[place] = words[place].rstrip(".") + f", in week {number + 2}."
        began = time.perf_counter()
        draft = house.desk.write(session, ticket_id, " ".join(words)).draft
        house.desk.review(session, ticket_id, draft.id)
        checks.append((time.perf_counter() - began) * 1000)
    return [
        _line("a draft for three questions", drafts),
        _line(f"a draft of {SENTENCES} sentences kept and checked after one edit", checks),
    ]


def _letters() -> Iterator[str]:
    """Letters of three questions each; no question comes twice."""
    asked = [str(item["message"]) for item in read_items(QUESTIONS) if not item.get("history")]
    short = [
        text if text.endswith("?") else f"{text}?" for text in asked if len(text.split()) < 15 and "\n" not in text
    ]
    for number in range(DRAFTS):
        yield "\n".join(short[3 * number : 3 * number + 3])


def _sentences(library: Library) -> tuple[Written, ...]:
    """The first sentences of the documents, as a draft puts them in."""
    told = [(passage, one) for passage in library.passages.values() if not passage.is_gap for one in passage.sentences]
    said = (statement_of(library.sources[passage.source], passage, one) for passage, one in told[:SENTENCES])
    return tuple(Written(" ".join(one.text.split()), one.span) for one in said)


def _line(name: str, took: list[float]) -> str:
    later = took[1:]
    middle, late = percentile(later, 0.5), percentile(later, 0.95)
    return f"{name}: first {took[0]:.0f} ms, then median {middle:.0f} ms, 95th percentile {late:.0f} ms ({len(later)})"
