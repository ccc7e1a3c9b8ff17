"""Sources and what they are made of: sections, passages, sentences; plain values."""

from dataclasses import dataclass
from enum import StrEnum

MANY_QUESTIONS = 10  # `asked as` lines of one passage


class Kind(StrEnum):
    """What sort of statement a section makes."""

    DEFINITION = "definition"
    MECHANISM = "mechanism"
    HUMAN_STUDY = "human study"
    ANIMAL_STUDY = "animal study"
    CLINIC_PRACTICE = "clinic practice"
    CLINIC_FACT = "clinic fact"
    ADVICE = "advice"
    CAVEAT = "caveat"
    EXPERIENCE = "experience"
    GAP = "gap"
    UNSTATED = "unstated"  # a document that does not say


@dataclass(frozen=True, slots=True)
class Original:
    """The text a digest is a short form of."""

    title: str
    author: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Companion:
    """What must stand beside a sentence: a fixed wording by name, or another sentence by id."""

    wording: str = ""  # a key of prompts/companions.toml
    sentence: str = ""  # "#section.1:2" of the same source


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a passage: the characters [start, end) of its source's text."""

    id: str  # "tovani@3#what-treatment-looks-like.2:1"
    start: int
    end: int
    companions: tuple[Companion, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that makes sense alone, and where it stands in its source."""

    id: str  # "tovani@3#what-treatment-looks-like.2"; the same after every rebuild
    source: str
    clinic: str
    heading: tuple[str, ...]
    text: str
    start: int  # offset in the source's normalised text, in characters
    end: int
    sentences: tuple[Sentence, ...]
    kind: Kind = Kind.UNSTATED
    topic: str = ""
    study: str = ""
    asked_as: tuple[str, ...] = ()  # searched, never shown
    only_for: tuple[str, ...] = ()  # lower-case words; empty: for every question
    page: int | None = None  # from 1, where the original has pages
    line: int = 0  # where it begins in the original file, from 1; 0 where a file has no lines

    @property
    def is_helped(self) -> bool:
        """Visitors' words for it are many enough to be searched in place of its own; fewer stand beside its own."""
        return len(self.asked_as) >= MANY_QUESTIONS

    @property
    def is_gap(self) -> bool:
        """The passage says what its source does not cover."""
        return self.kind is Kind.GAP


@dataclass(frozen=True, slots=True)
class Source:
    """A document we were given, in one version."""

    id: str
    version: int
    title: str
    clinic: str  # the clinic's name as shown, and the scope a search is limited to
    text: str  # normalised; every span counts in it
    passages: tuple[Passage, ...]
    publisher: str = ""
    author: str = ""
    route: str = ""  # of administration, in a visitor's words
    operates: str = ""
    digest_of: Original | None = None
    date: str = ""  # of the document itself, YYYY-MM-DD
    address: str = ""  # of the web page it was saved from
    saved_on: str = ""  # when that was
    reviewed_on: str = ""
    reviewed_by: str = ""
    review_by: str = ""

    @property
    def is_digest(self) -> bool:
        """The sentences are ours, not the publisher's."""
        return self.digest_of is not None

    def sentence(self, passage: Passage, sentence: Sentence) -> str:
        """The sentence's characters."""
        return self.text[sentence.start : sentence.end]
