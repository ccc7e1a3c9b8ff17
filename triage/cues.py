"""The cue files: a small, readable pattern language for reviewed phrases, compiled once.

A cue is plain words with a space between them. `(a|b c)` is a choice, `(…)?` may be missing, `word*` is any word that
begins so, `#` is a number, `..` is up to three words and `...` up to seven, `{name}` is a list of words.toml. Cues
are read on folded text (triage/normalise.py): lower case, no accents, no apostrophes, short forms written out ("i'm"
is "i am").
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from errors import BadInput

CUES = Path(__file__).parent / "cues"

_PART = re.compile(r"\{[a-z_]+\}|\.{2,3}|\(|\)\??|\||#|[a-z0-9/%]+\*?|\s+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One cue, ready to search a folded sentence, and the words one of which must be there."""

    source: str
    expression: str
    needs: frozenset[str]  # first four letters of words; empty: always tried

    @property
    def regex(self) -> re.Pattern[str]:
        """Compiled when it is first tried: a page starts sooner, and most messages try few cues."""
        return _compiled(self.expression)


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


_known: list[str] = []  # expressions of the cues that were read


def compile_known() -> None:
    """Compile what no message has tried yet, so that none waits for it: about a second, beside the first visitors."""
    for expression in tuple(_known):
        _compiled(expression)


@cache
def word_lists() -> Mapping[str, tuple[str, ...]]:
    """The named lists of triage/cues/words.toml."""
    table = tomllib.loads((CUES / "words.toml").read_text(encoding="utf-8"))
    return {name: tuple(values) for name, values in table["lists"].items()}


def load(name: str) -> dict[str, Any]:
    """The tables of one cue file, or of a folder of them; `reviewed_by` and `reviewed_on` stand at the head of each."""
    files = sorted((CUES / name).glob("*.toml")) or [CUES / f"{name}.toml"]
    tables: dict[str, Any] = {}
    for file in files:
        tables |= tomllib.loads(file.read_text(encoding="utf-8"))
    return tables


@cache
def compile_cue(source: str) -> Pattern:
    """Read one cue. Raises BadInput naming the cue if it cannot be read."""
    try:
        tree = _read(source)
        expression = r"(?<= )" + _regex(tree)
    except (KeyError, IndexError, ValueError) as error:
        raise BadInput(f"This cue cannot be read, look at its brackets and names: {source!r}") from error
    _known.append(expression)
    return Pattern(source, expression, _needs(tree))


def compile_all(sources: Iterable[str]) -> tuple[Pattern, ...]:
    """Every cue of a list."""
    return tuple(compile_cue(source) for source in sources)


# A tree: ("seq", [...]), ("or", [...]), ("maybe", tree), ("word", text), ("gap", n)
Tree = tuple[str, Any]


def _read(source: str) -> Tree:
    parts: list[str] = []
    at = 0
    while at < len(source):
        match = _PART.match(source, at)
        if match is None:
            raise ValueError(source[at:])
        if not match.group().isspace():
            parts.append(match.group())
        at = match.end()
    tree, rest = _choice(parts)
    if rest:
        raise ValueError(" ".join(rest))
    return tree


def _choice(parts: list[str]) -> tuple[Tree, list[str]]:
    options: list[Tree] = []
    sequence: list[Tree] = []
    while parts and not parts[0].startswith(")"):
        part = parts[0]
        if part == "|":
            options.append(("seq", sequence))
            sequence, parts = [], parts[1:]
        elif part == "(":
            inner, parts = _choice(parts[1:])
            sequence.append(("maybe", inner) if parts[0] == ")?" else inner)
            parts = parts[1:]
        else:
            sequence.append(_leaf(part))
            parts = parts[1:]
    options.append(("seq", sequence))
    return (options[0] if len(options) == 1 else ("or", options)), parts


def _leaf(part: str) -> Tree:
    if part.startswith("{"):
        return _list(part[1:-1])
    if part.startswith(".."):
        return ("gap", 3 if part == ".." else 7)
    return ("word", part)


@cache
def _list(name: str) -> Tree:
    return ("or", [_read(phrase) for phrase in word_lists()[name]])


def _regex(tree: Tree) -> str:
    kind, value = tree
    if kind == "word" and value == "#":
        return r"\d\S* "
    if kind == "word":
        return rf"{value[:-1]}\S* " if value.endswith("*") else f"{value} "
    if kind == "gap":
        return rf"((?:\S+ ){{0,{value}}}?)"
    if kind == "maybe":
        return f"(?:{_regex(value)})?"
    if kind == "or":
        return "(?:" + "|".join(_regex(option) for option in value) + ")"
    return "".join(_regex(item) for item in value)


def _needs(tree: Tree) -> frozenset[str]:
    """A set of word beginnings one of which any match must hold; empty if there is no such set."""
    kind, value = tree
    if kind == "word":
        if value == "#":
            return frozenset()
        bare = value.rstrip("*")
        return frozenset() if len(bare) < 4 and value.endswith("*") else frozenset({bare[:4]})
    if kind in ("gap", "maybe"):
        return frozenset()
    if kind == "or":
        options = [_needs(option) for option in value]
        return frozenset().union(*options) if all(options) else frozenset()
    found = [needs for needs in map(_needs, value) if needs]
    return min(found, key=_commonness, default=frozenset())


_COMMON = frozenset(
    "i me my to the a an is it am be do not of and you will have has can in on for so if or we no go no".split()
)


def _commonness(needs: frozenset[str]) -> tuple[int, int]:
    return (len(needs & _COMMON) > 0, len(needs))
