"""A questionnaire as a plain value: items, options, conditions, wording in each language, and what its file defines."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from triage.decision import Reason

LINK_ID = re.compile(r"[\w./:-]{1,255}")
_KEY = re.compile(rf"(?P<item>{LINK_ID.pattern})(?:\[(?P<rows>\d+(?:,\d+)*)\])?")


class ItemType(StrEnum):
    """FHIR's item types, all of them."""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    STRING = "string"
    TEXT = "text"
    URL = "url"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    ATTACHMENT = "attachment"
    REFERENCE = "reference"
    QUANTITY = "quantity"

    @property
    def is_question(self) -> bool:
        """Somebody answers it."""
        return self not in (ItemType.GROUP, ItemType.DISPLAY)

    @property
    def has_options(self) -> bool:
        """It is shown as a list to choose from, and takes the visitor's own words as well."""
        return self in (ItemType.BOOLEAN, ItemType.CHOICE, ItemType.OPEN_CHOICE)

    @property
    def takes_own_words(self) -> bool:
        """Words do in place of what it asks for: an option, or a file."""
        return self.has_options or self is ItemType.ATTACHMENT


class Operator(StrEnum):
    """FHIR's operators of enableWhen, all of them."""

    EXISTS = "exists"
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    LESS = "<"
    AT_LEAST = ">="
    AT_MOST = "<="


class Kind(StrEnum):
    """What a value is."""

    BOOLEAN = "boolean"  # text "true" or "false"
    DECIMAL = "decimal"  # text "2.5"
    INTEGER = "integer"  # text "4"
    DATE = "date"  # text "2026", "2026-05" or "2026-05-04"
    DATE_TIME = "dateTime"  # text "2026-05-04T14:30:00+00:00"
    TIME = "time"  # text "14:30:00"
    WORDS = "words"  # what was typed, where words are what is asked for
    URL = "url"
    OPTION = "option"  # text as read, code and system as in the file
    OWN_WORDS = "own_words"  # typed where an option was offered; nothing is read out of it
    QUANTITY = "quantity"  # text "2.5", code the unit
    FILE = "file"  # text the file's name, code its media type, content in base64
    REFERENCE = "reference"  # text names what is meant


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an answer, in a canonical text that is the same after every storing."""

    kind: Kind
    text: str
    code: str = ""
    system: str = ""
    content: str = ""
    words: str = field(default="", compare=False)  # of a file: what triage reads, all that stands in it


@dataclass(frozen=True, slots=True)
class Words:
    """A text of the file and its translations."""

    text: str = ""
    others: tuple[tuple[str, str], ...] = ()  # (language, text)

    def within(self, language: str) -> str:
        """The text in that language, or as the file says it first."""
        return dict(self.others).get(language, self.text)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that is offered."""

    value: Value
    words: Words
    ordinal: Decimal | None = None  # what it counts in a sum or a chart; only where the file says so
    initial: bool = False  # shown as chosen before anything was; not an answer
    topic: Reason | None = None  # choosing it is a topic for a person

    @property
    def key(self) -> str:
        """What the page hands back for it."""
        return f"{self.value.system}|{self.value.code}" if self.value.code else self.value.text

    def is_meant_by(self, value: Value) -> bool:
        """The value is this option, in whatever language it was read."""
        mine = self.value
        if value.kind is not mine.kind:
            return False
        return (value.code, value.system) == (mine.code, mine.system) if mine.code else value.text == mine.text


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of enableWhen."""

    question: str  # linkId
    operator: Operator
    value: Value


class Part(StrEnum):
    """What an answer is to us, where the file says so; nothing of it is guessed from the text."""

    MEDICINES = "medicines"  # stands on the clinician's page as typed, under its own heading
    REACH_HOW = "reach-how"  # an option whose code is email, phone or other
    REACH_ADDRESS = "reach-address"
    REACH_NAME = "reach-name"
    REACH_WHEN = "reach-when"
    REACH_VOICEMAIL = "reach-voicemail"  # yes, or an option whose code is yes


class Panel(StrEnum):
    """Where the answers to an item stand on the chart of follow-ups."""

    ANHEDONIA = "anhedonia"
    MOOD = "mood"
    SESSIONS = "sessions"  # a count of treatment sessions so far; marked, not drawn as a line


@dataclass(frozen=True, slots=True)
class Item:
    """One item and what is under it."""

    link_id: str
    type: ItemType
    words: Words
    why: Words = field(default_factory=Words)  # why it is asked
    short: str = ""  # a word for charts and tables
    required: bool = False
    repeats: bool = False
    most: int = 20  # how many copies or values a repeating item takes
    longest: int = 0  # characters; 0: as long as an answer may be
    least: Value | None = None
    greatest: Value | None = None
    unit: str = ""
    options: tuple[Option, ...] = ()
    initial: tuple[Value, ...] = ()  # filled in before the visitor begins; an answer only once it is sent
    conditions: tuple[Condition, ...] = ()
    any_condition: bool = False  # one condition is enough
    part: Part | None = None
    panel: Panel | None = None
    same_day: Reason | None = None  # any answer that is not zero must reach a person the same day, as this danger
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        """Somebody answers it."""
        return self.type.is_question

    def option(self, key: str) -> Option | None:
        """The option of that key."""
        return next((option for option in self.options if option.key == key), None)

    def chosen(self, value: Value) -> Option | None:
        """The option this value is."""
        return next((option for option in self.options if option.is_meant_by(value)), None)


@dataclass(frozen=True, slots=True)
class Band:
    """What the file itself says about a part of a score's range."""

    low: Decimal
    high: Decimal
    words: Words


@dataclass(frozen=True, slots=True)
class Score:
    """A sum that the file defines."""

    words: Words
    items: tuple[str, ...]  # linkIds
    low: Decimal
    high: Decimal
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One file, read and checked."""

    name: str  # "first-conversation"; the file's name
    version: str
    url: str
    title: Words
    description: Words
    notice: Words  # what is said about its review, and that it is no validated instrument, as the file says it
    code: tuple[str, str] | None  # (system, code) of the whole, such as a LOINC panel
    items: tuple[Item, ...]
    scores: tuple[Score, ...]
    language: str  # of the file's first wording
    source: str  # the file's own text; kept with every intake that begins on it
    fingerprint: str  # SHA-256 of that text

    def walk(self) -> Iterator[tuple[Item, tuple[Item, ...]]]:
        """Every item in order, with the items it stands under, outermost first."""
        yield from _walk(self.items, ())

    def by_id(self) -> Mapping[str, Item]:
        """Every item by its linkId."""
        return {item.link_id: item for item, _ in self.walk()}

    @property
    def is_follow_up(self) -> bool:
        """Its answers are charted over time."""
        return any(item.panel is not None for item, _ in self.walk())


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one answer goes: an item, and which copy of each repeating group around it.

    The slot of a repeating group itself, with its own row, holds whether there is another copy after it.
    """

    item: str  # linkId
    rows: tuple[int, ...] = ()  # outermost first, counted from 0

    @property
    def key(self) -> str:
        """The slot as one text: "since" or "treatment.what[0]"."""
        return f"{self.item}[{','.join(map(str, self.rows))}]" if self.rows else self.item

    @classmethod
    def read(cls, key: str) -> "Slot":
        """The slot of a text. ValueError if it is none."""
        found = _KEY.fullmatch(key)
        if found is None:
            raise ValueError(key)
        rows = found["rows"]
        return cls(found["item"], tuple(int(row) for row in rows.split(",")) if rows else ())


def _walk(items: tuple[Item, ...], around: tuple[Item, ...]) -> Iterator[tuple[Item, tuple[Item, ...]]]:
    for item in items:
        yield item, around
        yield from _walk(item.items, (*around, item))
