"""The words a comparison knows: same, opposed, standing for themselves, denying, softening (comparing.toml)."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from retrieval.lexical import stems

FILE = Path(__file__).with_name("comparing.toml")
SAME, DERIVED, EXACT = 0.85, 0.8, 1.0  # how sure a counterpart is, by what makes it one
_ROOT = 5  # letters two words must share at their beginning to be forms of one
_AFTER_ROOT = 5  # and at most so many letters after them


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of one word."""
    found = stems(word)
    return found[0] if found else word


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists by stem, or by plain word where inflection would blur them."""

    same: dict[str, frozenset[int]]
    opposed: dict[str, frozenset[tuple[int, int]]]  # (line, side)
    kinds: dict[str, tuple[str, str]]  # plain word -> kind, the one thing it names
    function: frozenset[str]
    little: frozenset[str]
    focus: frozenset[str]
    human: frozenset[str]
    animal: frozenset[str]
    crossing: frozenset[str]
    deny: frozenset[str]
    deny_phrases: tuple[tuple[str, ...], ...]
    deny_nouns: frozenset[str]
    taken_back: tuple[str, ...]
    without: frozenset[str]
    prefixes: tuple[str, ...]
    ends: frozenset[str]
    unsaid: frozenset[str]
    saying: frozenset[str]
    giving: frozenset[str]
    documents: frozenset[str]
    silent: frozenset[str]
    missing: frozenset[str]
    certainty: dict[str, frozenset[str]]
    maybe_phrases: tuple[str, ...]
    causal: frozenset[str]
    association: frozenset[str]
    greetings: frozenset[str]
    courtesy: frozenset[str]
    answers: frozenset[str]

    def alike(self, one: str, other: str) -> float:
        """How surely two plain words say the same, 0 to 1, without regard to context."""
        if one == other or stem(one) == stem(other):
            return EXACT
        kind, beside = self.kinds.get(one), self.kinds.get(other)
        if kind and beside:
            return EXACT if kind == beside else 0.0
        a, b = stem(one), stem(other)
        if self.opposes(one, other):
            return DERIVED
        if self.same.get(a, _NONE) & self.same.get(b, _NONE):
            return SAME
        if not kind and not beside and _same_root(a, b):
            return DERIVED
        return 0.0

    def opposes(self, one: str, other: str) -> bool:
        """The two say the contrary, by the list or by a prefix such as un-."""
        a, b = stem(one), stem(other)
        for line, side in self.opposed.get(a, _NONE_OPPOSED):
            if (line, 1 - side) in self.opposed.get(b, _NONE_OPPOSED):
                return True
        return any(long == prefix + short for prefix in self.prefixes for long, short in ((a, b), (b, a)))

    def of_one_kind(self, one: str, other: str) -> bool:
        """Two different things of one kind, as serotonin and dopamine are."""
        a, b = self.kinds.get(one), self.kinds.get(other)
        return bool(a and b and a[0] == b[0] and a != b)


_NONE: frozenset[int] = frozenset()
_NONE_OPPOSED: frozenset[tuple[int, int]] = frozenset()


def _same_root(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= _ROOT and long.startswith(short) and len(long) - len(short) <= _AFTER_ROOT


@cache
def load_lexicon(path: Path = FILE) -> Lexicon:
    """The lists in a file."""
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    same: dict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(held["same"]):
        for word in line.split():
            same[stem(word)].add(number)
    opposed: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for number, sides in enumerate(held["opposites"]):
        for side, line in enumerate(sides):
            for word in line.split():
                opposed[stem(word)].add((number, side))
    kinds: dict[str, tuple[str, str]] = {}
    for kind, line in held["kinds"].items():
        for thing in line.split():
            for word in thing.split("|"):
                kinds[word] = (kind, thing)
    negation: dict[str, Any] = held["negation"]
    return Lexicon(
        same={word: frozenset(lines) for word, lines in same.items()},
        opposed={word: frozenset(sides) for word, sides in opposed.items()},
        kinds=kinds,
        function=_words(held["light"]["function"]),
        little=_words(held["light"]["little"]) | {stem(word) for word in _words(held["light"]["little"])},
        focus=_words(held["light"]["focus"]),
        human=_words(held["species"]["human"]),
        animal=_words(held["species"]["animal"]),
        crossing=_words(held["species"]["crossing"]),
        deny=_words(negation["forward"]),
        deny_phrases=tuple(tuple(phrase.split()) for phrase in negation["phrases"]),
        deny_nouns=_words(negation["quantifiers"]),
        taken_back=tuple(negation["taken_back"]),
        without=_words(negation["things"]),
        prefixes=tuple(negation["prefixes"].split()),
        ends=_words(negation["ends"]),
        unsaid=_words(held["silence"]["unsaid"]),
        saying=_words(held["silence"]["saying"]),
        giving=_words(held["silence"]["giving"]),
        documents=_words(held["silence"]["documents"]),
        silent=_words(held["silence"]["silent"]),
        missing=_words(held["silence"]["missing"]),
        certainty={name: _words(line) for name, line in held["certainty"].items() if isinstance(line, str)},
        maybe_phrases=tuple(held["certainty"]["maybe_phrases"]),
        causal=_words(held["cause"]["causal"]),
        association=_words(held["cause"]["association"]),
        greetings=_words(held["courtesy"]["greetings"]),
        courtesy=_words(held["courtesy"]["words"]) | _words(held["courtesy"]["greetings"]),
        answers=_words(held["courtesy"]["answers"]),
    )


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())
