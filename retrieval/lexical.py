"""Search by words alone: BM25 over word stems and over character n-grams, both held in memory."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

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
    found = []
    for word in words(text):
        marked = f"<{word}>"
        for size in (3, 4, 5):
            found += [marked[at : at + size] for at in range(len(marked) - size + 1)]
    return found


@dataclass(frozen=True, slots=True)
class Bm25:
    """One BM25 index. Scores are shares in [0, 1] of what a text holding every query term could reach."""

    index: bm25s.BM25
    idf: dict[str, float]
    size: int

    @classmethod
    def over(cls, texts: Sequence[Sequence[str]]) -> "Bm25":
        """Index token lists, one a document."""
        index = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        index.index([list(tokens) or ["-"] for tokens in texts], show_progress=False)
        counts: dict[str, int] = {}
        for tokens in texts:
            for token in set(tokens):
                counts[token] = counts.get(token, 0) + 1
        size = len(texts)
        idf = {token: float(np.log(1 + (size - n + 0.5) / (n + 0.5))) for token, n in counts.items()}
        return cls(index, idf, size)

    def scores(self, tokens: Sequence[str]) -> Scores:
        """A score a document, shape (size,), for query tokens; tokens nowhere indexed count against all."""
        rarest = float(np.log(1 + (self.size + 0.5) / 0.5))
        ceiling = sum(self.idf.get(token, rarest) for token in tokens)
        known = [token for token in tokens if token in self.idf]
        if not known or ceiling <= 0:
            return np.zeros(self.size, np.float32)
        return np.asarray(self.index.get_scores(known), np.float32) / np.float32(ceiling)


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
