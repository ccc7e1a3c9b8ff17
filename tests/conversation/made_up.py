"""A small library and values to hand into a turn."""

from collections.abc import Iterable

from conversation.gate import Coverage
from conversation.understanding import Question, understand
from knowledge.library import Library
from knowledge.reading import read_text
from retrieval.evidence import Evidence, Findings, Query
from triage.decision import Decision, Message, Route

NORTH = """---
id: north
clinic: North Clinic
title: North
route: by drip
digest_of: {title: North original}
---

## Visits

kind: clinic practice
topic: visits

North Clinic starts with four visits. Each visit is on a weekday.

## Mouse study

kind: animal study
with: in-mice
with 1: #what-is-not-said.1:1

In mice, one dose brought effort back.

## What is not said

kind: gap

North Clinic's article does not list the findings.

## Who does well

kind: human study
only for: 2026 | who does well

In a 2026 study, a group did less well.
"""

SOUTH = """---
id: south
clinic: South Clinic
title: South
digest_of: {title: South original}
---

## Visits

kind: gap
topic: visits

South Clinic's article does not say how many visits there are.

## Place

kind: clinic fact

South Clinic sees people in Utah.
"""

LIBRARY = Library.of(
    [read_text(NORTH, name="north.md", markdown=True), read_text(SOUTH, name="south.md", markdown=True)]
)


def found(*anchors: str, step: float = 0.5) -> Findings:
    """Findings that hold these passages ("north#visits.1"), best first, their scores `step` apart."""
    held = []
    for place, anchor in enumerate(anchors):
        source, _, rest = anchor.partition("#")
        passage = LIBRARY.passages[f"{source}@1#{rest}"]
        held.append(Evidence(passage, 10 - step * place, {}, {}, tuple(0.5 for _ in passage.sentences)))
    return Findings(tuple(held))


def asked(text: str) -> Question:
    return understand(Message(text), clinics=LIBRARY.clinics, named=lambda _: frozenset())


def answerable(message: Message) -> Decision:
    return Decision(Route.ANSWER)


def covered(findings: Findings, question: str, clinics: Iterable[str]) -> Coverage:
    return Coverage(frozenset(clinics))


def silent(findings: Findings, question: str, clinics: Iterable[str]) -> Coverage:
    return Coverage()


def never(*_: object, **__: object) -> Findings:
    raise AssertionError("this must not be called")


def everything(query: Query) -> Findings:
    return found("north#visits.1", "south#visits.1", "south#place.1")
