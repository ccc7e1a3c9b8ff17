"""Documents beside each other: figures that differ, and passages that say the same in the same words."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.findings import Finding, found, place
from knowledge.library import Library
from knowledge.source import Passage, Source

SHINGLE = 5  # words
ALIKE = 0.8  # share of the shorter passage's shingles that stand in the other
SHORTEST = 12  # words; below this a likeness says little
SAME_THING = 0.5  # share of the shorter sentence's telling words that both hold
COMMON = 60  # sentences or passages; what stands in more of them tells nothing apart

_NUMBER = r"\d+(?:[.,]\d+)*|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|forty|fifty|sixty|ninety"
_FIGURE = re.compile(rf"\b({_NUMBER})(?:\s*(?:-|–|to|and)\s*({_NUMBER}))?\s*(%|[a-z]+)", re.IGNORECASE)
_TELLING = re.compile(r"[a-z]{4,}")
_PLAIN = frozenset(
    """that with this from have been were they their there which when what your more most some many than then also into
    about over such only each other these those them will would could should after before during between within does
    percent people patients study year years""".split()
)
_DIGITS = dict(
    zip(
        "two three four five six seven eight nine ten twelve twenty thirty forty fifty sixty ninety".split(),
        "2 3 4 5 6 7 8 9 10 12 20 30 40 50 60 90".split(),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence with figures."""

    source: Source
    passage: Passage
    text: str
    figures: frozenset[tuple[str, str]]  # (number or range, unit)
    words: frozenset[str]


def figures_differ(library: Library) -> Iterator[Finding]:
    """Pairs of sentences of two documents on the same thing, in the same unit, with different figures."""
    told = [one for source in library.sources.values() for one in _told(source)]
    holding: dict[tuple[str, str], list[int]] = defaultdict(list)  # (unit, word) -> sentences
    for at, one in enumerate(told):
        for unit in {unit for _, unit in one.figures}:
            for word in one.words:
                holding[unit, word].append(at)
    pairs: Counter[tuple[int, int, str]] = Counter()
    for (unit, _), places in holding.items():
        if len(places) <= COMMON:
            pairs.update((a, b, unit) for i, a in enumerate(places) for b in places[i + 1 :])
    for (a, b, unit), shared in sorted(pairs.items()):
        one, other = told[a], told[b]
        if one.source.id == other.source.id or shared < SAME_THING * min(len(one.words), len(other.words)):
            continue
        mine = {number for number, of in one.figures if of == unit}
        theirs = {number for number, of in other.figures if of == unit}
        if shared >= 3 and not mine & theirs:
            beside = f"{other.source.id}, {place(other.passage)}: “{other.text}”"
            note = f"{'/'.join(sorted(mine))} and {'/'.join(sorted(theirs))} {unit}"
            yield found("figures-differ", one.source, one.passage, one.text, beside=beside, note=note)


def near_duplicates(library: Library) -> Iterator[Finding]:
    """Pairs of passages most of whose words stand in the same order in both."""
    passages = [p for p in library.passages.values() if len(p.text.split()) >= SHORTEST]
    shingles = [_shingles(passage.text) for passage in passages]
    holding: dict[int, list[int]] = defaultdict(list)
    for at, held in enumerate(shingles):
        for one in held:
            holding[one].append(at)
    pairs: Counter[tuple[int, int]] = Counter()
    for places in holding.values():
        if 1 < len(places) <= COMMON:
            pairs.update((a, b) for i, a in enumerate(places) for b in places[i + 1 :])
    for (a, b), shared in sorted(pairs.items()):
        if shared >= ALIKE * min(len(shingles[a]), len(shingles[b])):
            source, other = library.sources[passages[a].source], passages[b]
            beside = f"{other.source}, {place(other)}"
            yield found("near-duplicate", source, passages[a], passages[a].text, beside=beside)


def _told(source: Source) -> Iterator[_Told]:
    for passage in source.passages:
        for sentence in passage.sentences:
            text = source.sentence(passage, sentence)
            figures = frozenset(_figures(text))
            if figures:
                words = frozenset(word.rstrip("s") for word in _TELLING.findall(text.lower()) if word not in _PLAIN)
                yield _Told(source, passage, text, figures, words)


def _figures(text: str) -> Iterator[tuple[str, str]]:
    for first, last, unit in _FIGURE.findall(text):
        numbers = [_DIGITS.get(number.lower(), number) for number in (first, last) if number]
        if unit == "%" or (unit.islower() and len(unit) > 2 and unit not in _PLAIN):
            yield "-".join(numbers), unit.lower().rstrip("s")


def _shingles(text: str) -> frozenset[int]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(hash(tuple(words[at : at + SHINGLE])) for at in range(len(words) - SHINGLE + 1))
