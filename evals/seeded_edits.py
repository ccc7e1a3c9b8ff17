"""Seeded edits of good sentences, one class of change each: what a tired or hasty writer might do to a draft."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from conversation.premise import Premises
from knowledge.library import Library
from knowledge.source import Kind, Passage, Sentence

CLASSES = ("number", "unit", "negation", "clinic", "name", "species", "certainty", "invented")
_NUMBERS = "two three four five six seven eight nine ten twelve fifteen".split()
_UNITS = {"weeks": "months", "hours": "days", "days": "weeks", "years": "months", "minutes": "hours", "months": "weeks"}
_SURER = {
    "may": "will always", "might": "will certainly", "can help": "always helps", "often": "always", "some": "all",
    "many": "all", "is thought to": "is proven to", "likely": "certainly", "appears": "is proven", "Some": "All",
    "Many": "All", "frequently": "always", "tends to": "always will", "suggests": "proves", "several": "all",
    "mainly": "entirely", "Several": "All", "usually": "always", "roughly": "exactly",
}  # fmt: skip
_SPECIES = {"mice": "patients", "animals": "patients", "patients": "mice", "people": "mice", "participants": "rats"}
_VERBS = "is are was were can may does do did has have had".split()
_NAMES = "Halvorsen Brandt Okafor Lindqvist Marchetti Castellano".split()
INVENTED = (
    "Each visit takes about two hours, including rest.",
    "A first consultation costs ninety dollars.",
    "Most insurers cover the whole course.",
    "Patients should not eat for six hours before a session.",
    "Somebody must drive you home after every session.",
    "The clinic has treated more than three thousand people.",
    "Ketamine is approved for anhedonia.",
    "The effect usually lasts for about three months.",
    "Common side effects are nausea and dizziness.",
    "Appointments are available on Saturdays.",
    "Our waiting list is currently two weeks long.",
    "Ketamine is not addictive at these doses.",
    "You can keep taking your antidepressant.",
    "The treatment works for eight out of ten people.",
    "A referral from your family doctor is needed.",
    "Blood tests are done before the first infusion.",
    "The clinic also treats post-traumatic stress and migraine.",
    "Children from the age of twelve may be treated.",
    "A nurse phones every patient on the next morning.",
    "Your partner may sit in the room with you.",
)

Edit = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Edited:
    """A sentence of a source, and what an edit of one class made of it."""

    change: str
    passage: Passage
    sentence: Sentence
    before: str
    after: str


def seeded_edits(library: Library, count: int, seed: int = 7) -> Iterator[Edited]:
    """`count` edits, the classes in turn; the same ones for the same library and seed."""
    draw = random.Random(seed)
    places = [
        (passage, sentence)
        for passage in library.passages.values()
        if passage.kind is not Kind.GAP
        for sentence in passage.sentences
    ]
    draw.shuffle(places)
    premises = Premises.over(library)
    made = 0
    while made < count:
        change = CLASSES[made % len(CLASSES)]
        for passage, sentence in draw.sample(places, len(places)):
            source = library.sources[passage.source]
            before = source.sentence(passage, sentence).replace("\n", " ")
            others = premises.of(passage).others
            after = edit(change, before, source.clinic, others, draw)
            if after != before:
                yield Edited(change, passage, sentence, before, after)
                made += 1
                break
        else:
            raise ValueError(f"No sentence of the library can be edited by {change}.")


def edit(change: str, text: str, clinic: str, others: Sequence[str], draw: random.Random) -> str:
    """The text with one change of the class, or as it was where it gives no hold for one."""
    if change == "invented":
        return draw.choice(INVENTED)
    if change == "clinic":
        other = draw.choice(list(others)) if others else ""
        return text.replace(clinic, other) if other else text
    if change == "name":
        return _renamed(text, (clinic, *others), draw)
    return {"number": _number, "unit": _unit, "negation": _negated, "species": _species, "certainty": _surer}[change](
        text, draw
    )


def _number(text: str, draw: random.Random) -> str:
    def other(found: re.Match[str]) -> str:
        if found[0].isdigit():
            return str(int(found[0]) + draw.choice((1, 2, 3, 10)))
        return draw.choice([word for word in _NUMBERS if word != found[0]])

    words = "|".join(_NUMBERS)
    return re.sub(rf"(?<![\w-])(?:\d+|{words})(?!\w)", other, text, count=1)


def _unit(text: str, draw: random.Random) -> str:
    return re.sub(rf"\b(?:{'|'.join(_UNITS)})\b", lambda found: _UNITS[found[0]], text, count=1)


def _negated(text: str, draw: random.Random) -> str:
    without = re.sub(r"\b(?:does not|do not|did not|not) ", "", text, count=1)
    if without != text:
        return without
    return re.sub(rf"\b({'|'.join(_VERBS)})\b", r"\1 not", text, count=1)


def _species(text: str, draw: random.Random) -> str:
    return re.sub(rf"\b(?:{'|'.join(_SPECIES)})\b", lambda found: _SPECIES[found[0]], text, count=1)


def _surer(text: str, draw: random.Random) -> str:
    return re.sub(rf"\b(?:{'|'.join(_SURER)})\b", lambda found: _SURER[found[0]], text, count=1)


def _renamed(text: str, clinics: Sequence[str], draw: random.Random) -> str:
    kept = {part for clinic in clinics for part in clinic.split()}
    names = [name for name in re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", text) if name not in kept]
    return text.replace(names[0], draw.choice(_NAMES)) if names else text
