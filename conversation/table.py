"""Evidence as a clinician reads it: each finding with its study, who was studied, how surely it is said, and flags."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from conversation.answer import Statement
from conversation.certainty import STRONG
from conversation.clauses import read
from conversation.compose import statement_of
from conversation.lexicon import load_lexicon
from knowledge.library import Library
from knowledge.source import Kind, Passage, Sentence

# Fixed wordings that say of a sentence that it goes further than what it rests on (prompts/companions.toml).
FLAGS = frozenset(
    """in-mice clinics-own-reading clinics-own-experience association-only link-not-cause no-study-named no-size-given
    no-length-given species-not-stated population-only list-missing""".split()
)
_ANYBODY = frozenset("person someone somebody anyone anybody everyone everybody individual human".split())
_STUDIES = frozenset({Kind.HUMAN_STUDY, Kind.ANIMAL_STUDY})
_UNTESTED = frozenset({Kind.CLINIC_PRACTICE, Kind.EXPERIENCE, Kind.MECHANISM, Kind.UNSTATED})


class Surety(StrEnum):
    """How surely a sentence says what it says."""

    FIRM = "firmly"
    PLAIN = "plainly"
    SOFT = "softened"


@dataclass(frozen=True, slots=True)
class Row:
    """One finding. Texts are the source's own characters."""

    statement: Statement
    topic: str
    study: str  # as the source names it; "" where it names none
    population: str  # who or what was studied, in the source's words; "" where it does not say
    surety: Surety
    by_words: str  # the words that make it so
    flags: tuple[str, ...] = ()  # keys of fixed wordings: it says more than it rests on

    @property
    def says_too_much(self) -> bool:
        """Its flag or its kind says that it goes further than its evidence."""
        return bool(self.flags)


def rows_of(passages: Iterable[Passage], library: Library) -> tuple[Row, ...]:
    """A row for each sentence of some passages, in their order; a gap makes no claim and has none."""
    return tuple(_row(*place) for place in _places(passages, library))


def _places(passages: Iterable[Passage], library: Library) -> Iterator[tuple[Passage, Sentence, Statement]]:
    for passage in (one for one in passages if not one.is_gap):
        source = library.sources[passage.source]
        for sentence in passage.sentences:
            yield passage, sentence, statement_of(source, passage, sentence)


def side_by_side(rows: Sequence[Row]) -> dict[str, dict[str, list[Row]]]:
    """Topics that more than one clinic's source speaks of: topic -> clinic -> its rows."""
    topics: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        if row.topic:
            topics.setdefault(row.topic, {}).setdefault(row.statement.clinic, []).append(row)
    return {topic: by_clinic for topic, by_clinic in topics.items() if len(by_clinic) > 1}


def _row(passage: Passage, sentence: Sentence, statement: Statement) -> Row:
    surety, words = _surety(statement.text)
    named = bool(
        _species(statement.text, animals=True)
    )  # a sentence that names its animals says no more than it should
    flags = [one.wording for one in sentence.companions if one.wording in FLAGS - ({"in-mice"} if named else set())]
    if passage.kind is Kind.ANIMAL_STUDY and not named and "in-mice" not in flags:
        flags.append("in-mice")
    if surety is Surety.FIRM and passage.kind in _UNTESTED and not passage.study and not flags:
        flags.append("no-study-named")
    population = _population(statement.text) or (_population(passage.text) if passage.kind in _STUDIES else "")
    return Row(statement, passage.topic, passage.study, population, surety, words, tuple(flags))


def _surety(text: str) -> tuple[Surety, str]:
    lexicon, reading = load_lexicon(), read(text)
    soft = [word.text for word in reading.words if word.plain in lexicon.certainty["maybe"] and word.text != "May"]
    soft += [phrase for phrase in lexicon.maybe_phrases if phrase in text.lower()]
    if soft:
        return Surety.SOFT, ", ".join(dict.fromkeys(soft))
    strong = frozenset[str]().union(*(lexicon.certainty[name] for name in STRONG))
    firm = [word.text for word in reading.words if word.plain in strong and not word.denied]
    return (Surety.FIRM, ", ".join(dict.fromkeys(firm))) if firm else (Surety.PLAIN, "")


def _species(text: str, *, animals: bool) -> str:
    lexicon = load_lexicon()
    wanted = lexicon.animal if animals else lexicon.human - _ANYBODY
    return next((word.text for word in read(text).words if word.plain in wanted), "")


def _population(text: str) -> str:
    """The animals or people a text speaks of, with what is said of them: "people with bipolar depression"."""
    word = _species(text, animals=True) or _species(text, animals=False)
    if not word:
        return ""
    more = re.search(
        rf"\b{re.escape(word)}\b(?:\s+(?:with|who|whose|given|under|over|in)\b(?:\s+[\w-]+){{1,6}})?", text
    )
    return " ".join(more[0].split()) if more else word
