"""What was typed, folded to plain words that rules can read, each word still knowing where it stood."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

CUES = Path(__file__).parent / "cues"

_WORD = re.compile(r"\d+(?:[.,/]\d+)+|[a-z0-9]+(?:['*@$!|][a-z0-9]+)*")
_SENTENCE_END = re.compile(r"[.!?;:…](?:\s|$)|[.!?]{2,}|\n")
_LEET = str.maketrans("013457@$!|", "oieastasii")
_QUOTES = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"'}
_LOOKALIKES = dict(zip("аеорсухіѕјԁӏκνοαιτгμ", "aeopcyxisjdlkvoaitru", strict=True))


@dataclass(frozen=True, slots=True)
class Word:
    """One plain word and the characters [start, end) of the message it was read from."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Plain words joined by single spaces, with a space at each end, and their places in the message."""

    text: str
    words: tuple[Word, ...]
    start: int
    end: int

    def typed(self, message: str, start: int, end: int) -> str:
        """The visitor's own characters behind the folded characters [start, end) of this sentence."""
        at, first, last = 1, -1, -1
        for number, word in enumerate(self.words):
            stop = at + len(word.text)
            if stop > start and at < end:
                first = number if first < 0 else first
                last = number
            at = stop + 1
        if first < 0:
            return ""
        return message[self.words[first].start : self.words[last].end]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How visitors write: whole-word replacements, and words worth recognising behind a typing slip."""

    replace: dict[str, tuple[str, ...]]
    guarded: frozenset[str]
    not_misspelt: frozenset[str]
    slips: dict[str, str]  # a guarded word with one letter left out -> the word


@cache
def spelling(extra: frozenset[str] = frozenset()) -> Spelling:
    """Read triage/cues/spelling.toml; `extra` are further words to recognise (medicines)."""
    table = tomllib.loads((CUES / "spelling.toml").read_text(encoding="utf-8"))
    guarded = frozenset(table["guarded"]) | frozenset(word for word in extra if len(word) >= 6)
    slips: dict[str, str] = {}
    for word in sorted(guarded):
        for shorter in _one_left_out(word):
            slips.setdefault(shorter, word)
    return Spelling(
        replace={key: tuple(value.split()) for key, value in table["replace"].items()},
        guarded=guarded,
        not_misspelt=frozenset(table["not_misspelt"]),
        slips=slips,
    )


def _one_left_out(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def sentences(text: str, known: Spelling) -> tuple[Sentence, ...]:
    """The message as plain sentences. Time grows with the length of the text and nothing else."""
    plain, places = _fold(text)
    found: list[Sentence] = []
    start = 0
    ends = [match.end() for match in _SENTENCE_END.finditer(plain)]
    for end in [*ends, len(plain)]:
        if end > start:
            words = tuple(_words(plain, places, start, end, known))
            if words:
                joined = f" {' '.join(word.text for word in words)} "
                found.append(Sentence(joined, words, words[0].start, places[end - 1] + 1))
        start = end
    return tuple(found)


def _fold(text: str) -> tuple[str, list[int]]:
    """Lower case, compatibility forms, no accents, no invisible characters; and where each came from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _fold_one(character):
            letters.append(letter)
            places.append(place)
    return "".join(letters), places


@lru_cache(maxsize=4096)
def _fold_one(character: str) -> str:
    if character in _QUOTES:
        return _QUOTES[character]
    if unicodedata.category(character) in ("Cf", "Mn", "Cs"):
        return ""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).lower())
    kept = "".join(letter for letter in folded if unicodedata.category(letter) != "Mn")
    return "".join(_LOOKALIKES.get(letter, letter) for letter in kept)


def _words(plain: str, places: list[int], start: int, end: int, known: Spelling) -> Iterable[Word]:
    tokens = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(plain, start, end)]
    number = 0
    while number < len(tokens):
        token, begin, stop = tokens[number]
        run = number
        while run < len(tokens) and len(tokens[run][0]) == 1 and tokens[run][0].isalnum():
            run += 1
        if run - number >= 4:  # letters typed one by one
            stop = tokens[run - 1][2]
            joined = "".join(part[0] for part in tokens[number:run])
            for plain_word in _split_joined(joined, known):
                yield Word(plain_word, places[begin], places[stop - 1] + 1)
            number = run
            continue
        for plain_word in _plain_words(token, known):
            yield Word(plain_word, places[begin], places[stop - 1] + 1)
        number += 1


def _split_joined(joined: str, known: Spelling) -> tuple[str, ...]:
    """Letters typed one by one, as the guarded words they spell, or as one word."""
    joined = joined.translate(_LEET) if any(letter.isdigit() for letter in joined) else joined
    words: list[str] = []
    at = 0
    while at < len(joined):
        for size in range(min(14, len(joined) - at), 1, -1):
            piece = joined[at : at + size]
            if piece in known.guarded or piece in known.replace or piece in ("my", "me", "want", "to"):
                words.extend(known.replace.get(piece, (piece,)))
                at += size
                break
        else:
            at += 1
    return tuple(words) or (joined,)


@lru_cache(maxsize=65536)
def _plain_cached(token: str, known_id: int) -> tuple[str, ...]:
    return _plain(token, _KNOWN[known_id])


_KNOWN: dict[int, Spelling] = {}


def _plain_words(token: str, known: Spelling) -> tuple[str, ...]:
    if len(token) > 40:
        return (token,)
    _KNOWN[id(known)] = known
    return _plain_cached(token, id(known))


def _plain(token: str, known: Spelling) -> tuple[str, ...]:
    if token[0].isdigit() and not any(letter.isalpha() for letter in token):
        return (token,)
    if token in known.replace:
        return known.replace[token]
    bare = token.replace("'", "")
    if "'" in token and bare not in known.replace and token.endswith("'s"):
        bare = token[:-2]
        return (*_plain(bare, known), "s") if bare else (token,)
    if bare in known.replace:
        return known.replace[bare]
    if bare in known.guarded or bare in known.not_misspelt:
        return (bare,)
    candidates = [bare]
    if any(letter in "013457@$!|" for letter in bare):
        candidates.append(bare.translate(_LEET))
    for candidate in tuple(candidates):
        once = re.sub(r"(.)\1{2,}", r"\1\1", candidate)
        candidates += [once, re.sub(r"(.)\1+", r"\1", candidate)] if once != candidate else []
    for candidate in candidates[1:]:
        if candidate in known.replace:
            return known.replace[candidate]
        if candidate in known.guarded:
            return (candidate,)
    if "*" in bare:
        for word in known.guarded:
            if len(word) == len(bare) and all(a in ("*", b) for a, b in zip(bare, word, strict=True)):
                return (word,)
    if len(bare) >= 5 and bare.isalpha():
        for candidate in candidates:
            meant = known.slips.get(candidate)  # a letter left out
            if meant is None:
                meant = next((word for word in _one_left_out(candidate) if word in known.guarded), None)  # one too many
            if meant is None:
                meant = next(
                    (
                        known.slips[shorter]
                        for shorter in _one_left_out(candidate)
                        if shorter in known.slips and len(known.slips[shorter]) == len(candidate)
                    ),
                    None,
                )  # one exchanged, or two swapped
            if meant is not None and meant[0] == bare[0] and len(meant) >= 6:
                return (meant,)
    shortened = [candidate for candidate in candidates[1:] if "*" not in candidate and candidate.isalpha()]
    return (shortened[0],) if shortened else (bare,)
