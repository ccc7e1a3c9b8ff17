"""The sentences of a draft as it stands, each with the span it was put in as, however it was edited since."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from conversation.checking import OPENS, Written
from knowledge.sentences import split

STILL = 0.6  # likeness (0 to 1, letter by letter) from which a sentence is an edit of one that was put in
_BLANK = re.compile(rf"{re.escape(OPENS)}[^\]\n]*\]?")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.)])\s+")


def trace(text: str, put_in: Sequence[Written]) -> tuple[Written, ...]:
    """The sentences of a text, in order, lines and blanks apart; a span is handed on to at most one of them.

    A sentence as it was put in keeps its span; then one that is like it takes it, the likest first.
    """
    sentences = tuple(sentences_of(text))
    spans = {place: one.span for place, one in _pairs(sentences, put_in)}
    return tuple(Written(sentence, spans.get(place)) for place, sentence in enumerate(sentences))


def sentences_of(text: str) -> Iterator[str]:
    """Every sentence of a draft; a list's marks are left out, a blank is one sentence."""
    for line in text.splitlines():
        at = 0
        for blank in _BLANK.finditer(line):
            yield from _split(line[at : blank.start()])
            yield blank.group().strip()
            at = blank.end()
        yield from _split(line[at:])


def _split(line: str) -> Iterator[str]:
    plain = _BULLET.sub("", line)
    for start, end in split(plain) if plain.strip() else ():
        yield plain[start:end]


def _pairs(sentences: Sequence[str], put_in: Sequence[Written]) -> Iterator[tuple[int, Written]]:
    free = list(dict.fromkeys(one for one in put_in if one.span is not None))
    waiting: list[int] = []
    for place, sentence in enumerate(sentences):
        same = next((one for one in free if one.text == sentence), None)
        if same is None:
            waiting.append(place)
        else:
            free.remove(same)
            yield place, same
    near = [(_likeness(sentences[place], one.text), place, one) for place in waiting for one in free]
    taken: set[int] = set()
    for likeness, place, one in sorted(near, key=lambda pair: -pair[0]):
        if likeness < STILL:
            return
        if place not in taken and one in free:
            taken.add(place)
            free.remove(one)
            yield place, one


@lru_cache(maxsize=2048)  # after an edit all other pairs are as they were
def _likeness(one: str, other: str) -> float:
    """0 to 1; 0 where two sentences are too unlike for one to be an edit of the other."""
    match = SequenceMatcher(None, one, other, autojunk=False)
    near = match.real_quick_ratio() >= STILL and match.quick_ratio() >= STILL
    return match.ratio() if near else 0.0
