"""A text as the comparison reads it: words in sentences and clauses, and which of them are denied."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from conversation.lexicon import Lexicon, load_lexicon, stem
from knowledge.sentences import split

_WORD = re.compile(
    r"\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}"  # a phone number
    r"|\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th)?%?"
    r"|non-?[a-z]{4,}|[^\W\d_]+\d+|[^\W\d_]+(?:['’][^\W\d_]+)?",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;:—–()]|,\s(?=(?:but|so|which|who)\s)")
_REFERENCE = re.compile(r"\[\d+(?:\s*[,–-]\s*\d+)*\]")  # "[2]" points to a list of works
_REACH = 14  # words after a denying word that it may deny
_TARGETS = 3  # content words among them that it denies first of all
_BOUNDS = frozenset("more less longer fewer later sooner".split())
_DENY_AGAIN = frozenset({"not", "no", "never", "nor"})
_NON = 6  # letters of the shortest word that begins with a denying non-


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text; `denied` when an odd number of denying words reach it."""

    text: str
    plain: str  # lower case, straight quotes, no possessive
    start: int
    end: int
    sentence: int
    clause: int
    segment: int  # clauses cut further at commas and at "and"
    is_function: bool
    is_little: bool
    denied: bool = False

    @property
    def is_content(self) -> bool:
        """The word carries something that can be compared."""
        return not self.is_function

    @property
    def is_capital(self) -> bool:
        """Written with a capital letter, wherever it is."""
        return any(letter.isupper() for letter in self.text)


@dataclass(frozen=True, slots=True)
class Denial:
    """One denying expression: its place, and the places of the content words it reaches, nearest first."""

    at: int
    reach: tuple[int, ...]
    far: tuple[int, ...] = ()  # all it may reach
    subject: bool = False  # "no patient ...": denies the clause, not the noun after it
    focus: bool = False  # "not only": takes back a limit


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, its words, its sentences as (start, end), its denials."""

    text: str
    words: tuple[Word, ...]
    sentences: tuple[tuple[int, int], ...]
    denials: tuple[Denial, ...]

    @property
    def plains(self) -> frozenset[str]:
        """The plain words in it."""
        return frozenset(word.plain for word in self.words)

    def in_sentences(self, chosen: frozenset[int]) -> tuple[Word, ...]:
        """The words of some of its sentences."""
        return tuple(word for word in self.words if word.sentence in chosen)


@lru_cache(maxsize=4096)
def read(text: str) -> Reading:
    """The reading of a text; remembered."""
    lexicon = load_lexicon()
    sentences = split(text) if text.strip() else ()
    breaks = [match.start() for match in _CLAUSE.finditer(text)]
    words: list[Word] = []
    clause = segment = 0
    for match in _WORD.finditer(_REFERENCE.sub(lambda found: " " * len(found[0]), text)):
        plain = match[0].lower().replace("’", "'").removesuffix("'s")
        is_non = plain.startswith("non") and len(plain) > _NON
        plain = plain.removeprefix("non").removeprefix("-") if is_non else plain
        start, end = match.span()
        sentence = sum(1 for _, stop in sentences if stop <= start)
        turns = bool(words) and plain in lexicon.ends and words[-1].plain not in lexicon.deny
        cut = bool(words) and (sentence != words[-1].sentence or any(words[-1].end <= at < start for at in breaks))
        clause += turns or cut
        if words and (plain == "and" or clause != words[-1].clause or "," in text[words[-1].end : start]):
            segment += 1
        function = plain in lexicon.function or (len(plain) == 1 and not plain.isdigit()) or plain.endswith("n't")
        little = plain in lexicon.little or stem(plain) in lexicon.little
        words.append(Word(match[0], plain, start, end, sentence, clause, segment, function, little))
    denials = tuple(_denials(words, lexicon))
    counts = [0] * len(words)
    for denial in denials:
        for place in () if denial.focus else denial.reach:
            counts[place] += 1
    marked = tuple(replace(w, denied=count % 2 == 1) for w, count in zip(words, counts, strict=True))
    return Reading(text, marked, sentences, denials)


def _denials(words: list[Word], lexicon: Lexicon) -> list[Denial]:
    found: list[Denial] = []
    plains = [word.plain for word in words]
    for at, word in enumerate(words):
        after = next((len(p) for p in lexicon.deny_phrases if tuple(plains[at : at + len(p)]) == p), 0)
        if word.text.lower().startswith("non") and word.plain != word.text.lower():
            found.append(Denial(at, (at,), (at,)))
        elif (
            word.plain in lexicon.deny_nouns and at and words[at - 1].clause == word.clause and _verb_before(words, at)
        ):
            found.append(Denial(at, (at - 1,), (at - 1,)))  # "commits nobody": the word before it
        elif word.plain in lexicon.deny_nouns or (word.plain in ("no", "neither") and _opens(words, at)):
            reach = [i for i in range(at + 1, len(words)) if words[i].clause == word.clause and words[i].is_content]
            found.append(Denial(at, tuple(reach), tuple(reach), subject=True))
        elif word.plain == "no" and at + 1 < len(words) and plains[at + 1] in _BOUNDS:
            continue  # "no more than" sets a bound
        elif after or word.plain in lexicon.deny or word.plain.endswith("n't"):
            begin = at + max(after, 1)
            focus = begin < len(words) and plains[begin] in lexicon.focus
            reach = _reach(words, begin) or _before(words, at)
            near = [i for i in reach if words[i].segment == words[begin - 1].segment] or reach
            found.append(Denial(at, tuple(near[: _TARGETS + focus]), tuple(reach), focus=focus))
    return found


def _reach(words: list[Word], begin: int) -> list[int]:
    places = []
    for place in range(begin, min(begin + _REACH, len(words))):
        if words[place].clause != words[max(begin - 1, 0)].clause or words[place].plain in _DENY_AGAIN:
            break
        if words[place].is_content:
            places.append(place)
    return places


def _before(words: list[Word], at: int) -> list[int]:
    """Of "the mood did not.": what stands before it, nearest first."""
    places = [i for i in range(at) if words[i].segment == words[at].segment and words[i].is_content]
    return places[::-1] if at + 1 == len(words) or words[at + 1].sentence != words[at].sentence else []


def _opens(words: list[Word], at: int) -> bool:
    return at == 0 or words[at - 1].clause != words[at].clause


def _verb_before(words: list[Word], at: int) -> bool:
    return words[at - 1].is_content
