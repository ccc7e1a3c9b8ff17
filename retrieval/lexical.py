"""Search by words alone: BM25 over word stems and over character n-grams, both held in memory."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csc_array

Scores = NDArray[np.float32]

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_K1, _B = 1.2, 0.75
# Words that say nothing about a document; they do say something about a question, so `asked as` lines keep them.
_EMPTY = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they this
    to was will with do does did i me my you your we what which who how when where why can could would should have has
    had am""".split()
)


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Lower-case words without accents, in order."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    return _WORD.findall(plain)


def stems(text: str) -> list[str]:
    """Word stems, in order, with possessives off."""
    found: list[str] = _stemmer().stemWords([word.removesuffix("'s") for word in words(text)])
    return found


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry meaning; of all words where none does."""
    kept = [word for word in words(text) if word not in _EMPTY]
    return stems(" ".join(kept)) if kept else stems(text)


def grams(text: str) -> list[str]:
    """Character trigrams to pentagrams inside each word, its ends marked; what survives a misspelling."""
    return [gram for word in words(text) for gram in _grams_of(word)]


@lru_cache(maxsize=200_000)
def _grams_of(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1))


Cut = Callable[[str], list[str]]


class _Numbers(dict[str, int]):
    """Tokens numbered in the order in which this process meets them."""

    def __missing__(self, token: str) -> int:
        return self.setdefault(token, len(self))


@dataclass(frozen=True, slots=True)
class _Counted:
    """The tokens of one text: their numbers, and how often each comes."""

    tokens: NDArray[np.int64]
    times: NDArray[np.float64]


_numbers: dict[Cut, _Numbers] = {}


@lru_cache(maxsize=200_000)  # a library that changes by one document is indexed again without reading the others
def _counted(text: str, cut: Cut) -> _Counted:
    counts = Counter(cut(text) or ["-"])
    number = _numbers.setdefault(cut, _Numbers())
    return _Counted(np.array([number[token] for token in counts]), np.array(list(counts.values()), np.float64))


@dataclass(frozen=True, slots=True)
class Bm25:
    """One BM25 index. Scores are shares in [0, 1] of what a text holding every query term could reach."""

    weights: csc_array  # (texts, tokens of the process)
    idf: NDArray[np.float64]  # by token; 0 for one that no text of this index holds
    size: int
    cut: Cut

    @classmethod
    def over(cls, texts: Sequence[str], cut: Cut) -> "Bm25":
        """Index texts by the tokens that `cut` gives (BM25 with Lucene's inverse document frequency)."""
        counted = [_counted(text, cut) for text in texts] or [_counted("", cut)]
        size, width = len(counted), len(_numbers[cut])
        tokens = np.concatenate([one.tokens for one in counted])
        times = np.concatenate([one.times for one in counted])
        rows = np.repeat(np.arange(size), [len(one.tokens) for one in counted])
        lengths = np.array([one.times.sum() for one in counted])
        held = np.bincount(tokens, minlength=width)
        idf = np.where(held > 0, np.log(1 + (size - held + 0.5) / (held + 0.5)), 0.0)
        long = (_K1 * (1 - _B + _B * lengths / lengths.mean()))[rows]
        weights = (idf[tokens] * times / (times + long)).astype(np.float32)
        return cls(csc_array((weights, (rows, tokens)), shape=(size, width)), idf, size, cut)

    def scores(self, text: str) -> Scores:
        """A score a text, shape (size,), for a query; tokens nowhere indexed count against all."""
        asked = self.cut(text)
        number = _numbers[self.cut]
        at = [number[token] for token in asked if token in number]
        known = [one for one in at if one < len(self.idf) and self.idf[one] > 0]
        rarest = float(np.log(1 + (self.size + 0.5) / 0.5))
        ceiling = float(self.idf[known].sum()) + rarest * (len(asked) - len(known))
        if not known or ceiling <= 0:
            return np.zeros(self.size, np.float32)
        return np.asarray(self.weights[:, known].sum(axis=1), np.float32).reshape(-1) / np.float32(ceiling)


@dataclass(frozen=True, slots=True)
class Speller:
    """Repairs words that are in no document by the nearest one that is."""

    vocabulary: frozenset[str]
    common: tuple[str, ...]  # words of six letters and more, the candidates of a repair

    @classmethod
    def over(cls, texts: Sequence[str]) -> "Speller":
        """A speller that knows the words of these texts."""
        known = frozenset(word for text in texts for word in words(text))
        return cls(known, tuple(sorted(word for word in known if len(word) >= 6)))

    def repair(self, text: str) -> str:
        """The text with unknown words of six letters or more replaced by a near known word, where there is one."""
        repaired = []
        for word in words(text):
            if len(word) >= 6 and word not in self.vocabulary and word.isalpha():
                near = process.extractOne(word, self.common, scorer=fuzz.ratio, score_cutoff=82)
                word = near[0] if near else word
            repaired.append(word)
        return " ".join(repaired)
