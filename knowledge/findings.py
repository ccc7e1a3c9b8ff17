"""What the linter can find: each check by name, how grave it is, why it matters to a visitor and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from typing import NamedTuple

from knowledge.source import Passage, Source


@total_ordering
class Severity(StrEnum):
    """How grave a finding is, least grave first."""

    NOTE = "note"  # worth knowing
    WARNING = "warning"  # a visitor may be misled
    ERROR = "error"  # not to be shown as it is

    def __lt__(self, other: str) -> bool:
        order = list(Severity)
        return order.index(self) < order.index(Severity(other))


class Check(NamedTuple):
    """One thing the linter looks for."""

    severity: Severity
    why: str
    do: str


CHECKS = {
    "unreadable": Check(
        Severity.ERROR,
        "Nothing in this file can be found or shown.",
        "Do what the message says, then check again.",
    ),
    "list-missing": Check(
        Severity.ERROR,
        "The sentence announces a list that is not there, so an answer would stop in the middle.",
        "Put the list back from the original, or take the sentence out.",
    ),
    "no-clinic": Check(
        Severity.WARNING,
        "The document does not say whose treatment it describes, so it stands as a clinic of its own.",
        "Add it again with --clinic and the clinic's name.",
    ),
    "no-date": Check(
        Severity.WARNING,
        "A visitor cannot tell whether this is still so.",
        "Add the document's date as `date:` in its front matter, or with --date.",
    ),
    "review-passed": Check(
        Severity.ERROR,
        "The day by which somebody should have read this again has passed.",
        "Have it read, then set review_by to the next date, or withdraw it.",
    ),
    "study-unnamed": Check(
        Severity.WARNING,
        "A visitor or a clinician cannot look the study up.",
        "Name the study in the same sentence: its author or journal, and its year.",
    ),
    "contact": Check(
        Severity.NOTE,
        "A number or an address is given out in the clinic's name; a wrong one sends visitors to somebody else.",
        "Make sure that it is the clinic's and is still answered.",
    ),
    "figures-differ": Check(
        Severity.WARNING,
        "Two documents give different figures for what reads like the same thing; a visitor may be shown either.",
        "Find out which one is right, and correct or withdraw the other.",
    ),
    "near-duplicate": Check(
        Severity.NOTE,
        "The same words stand in two places, so one answer may say them twice or quote the older one.",
        "Keep one of the two.",
    ),
    "leans-on-neighbour": Check(
        Severity.NOTE,
        "Shown alone, the sentence does not say what it speaks of.",
        "Name the thing in the sentence itself.",
    ),
    "reads-like-an-instruction": Check(
        Severity.ERROR,
        "The text speaks to a program, not to a visitor; somebody may have planted it.",
        "Look at the original and take the text out, or do not use the document.",
    ),
    "unseen-characters": Check(
        Severity.ERROR,
        "Characters that nobody sees, or that look like others, hide words from readers and from the search.",
        "Type the words again by hand.",
    ),
    "too-strong": Check(
        Severity.WARNING,
        "It promises more than a treatment can; a visitor may decide by it.",
        "Say what was found, in whom, and how often; or take the sentence out.",
    ),
    "companion-missing": Check(
        Severity.ERROR,
        "What must stand beside this sentence does not exist, so the sentence cannot be shown.",
        "Correct the `with:` line of its section.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, and where."""

    check: str
    source: str  # its id, or a file's name
    place: str  # "line 25", "page 4", or the section
    quote: str
    beside: str = ""  # the other place, where there are two
    passage: str = ""
    note: str = ""

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return CHECKS[self.check].severity

    def as_values(self) -> dict[str, str]:
        """What a machine reads."""
        check = CHECKS[self.check]
        return {
            "check": self.check,
            "severity": check.severity.value,
            "source": self.source,
            "place": self.place,
            "passage": self.passage,
            "quote": self.quote,
            "beside": self.beside,
            "note": self.note,
            "why": check.why,
            "do": check.do,
        }

    def __str__(self) -> str:
        check = CHECKS[self.check]
        what = " ".join(filter(None, (f"“{self.quote}”" if self.quote else "", self.note)))
        beside = f"\n    beside: {self.beside}" if self.beside else ""
        where = ", ".join(filter(None, (self.source, self.place)))
        return f"{where}: {check.severity} [{self.check}] {what}{beside}\n    why: {check.why}\n    do:  {check.do}"


def place(passage: Passage) -> str:
    """Where a passage stands, as a person would look for it in the original."""
    if passage.page:
        return f"page {passage.page}"
    if passage.line:
        return f"line {passage.line}"
    return " › ".join(passage.heading)


def found(check: str, source: Source, passage: Passage | None = None, quote: str = "", **more: str) -> Finding:
    """A finding at a passage, or of a source as a whole."""
    where = place(passage) if passage else ""
    short = quote if len(quote) <= 160 else f"{quote[:157]}…"
    return Finding(check, source.id, where, short, passage=passage.id if passage else "", **more)
