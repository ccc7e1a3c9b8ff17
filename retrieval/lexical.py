"""Search by words alone: BM25 over word stems and over character n-grams, both held in memory."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csc_array, csr_array, hstack

Scores = NDArray[np.float32]

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_K1, _B = 1.2, 0.75
AT_ONCE = 8_000_000  # tokens of all texts counted at one time while an index is made
LIKE = 82  # how alike a word has to be that stands in for an unknown one, of 100
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


@lru_cache(maxsize=400_000)  # a library that changes by one document is indexed again without reading the others
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(map(intern, words(text)))


@lru_cache(maxsize=200_000)
def _stem_of(word: str) -> tuple[str, ...]:
    return (_stemmer().stemWord(word.removesuffix("'s")),)


def _grams_of(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1))


@dataclass(frozen=True, slots=True)
class Cut:
    """A way to cut a text into tokens, word by word."""

    of_word: Callable[[str], tuple[str, ...]]
    left_out: frozenset[str] = frozenset()  # words that are not counted, unless a text has no other

    def kept(self, text_words: Sequence[str]) -> Sequence[str]:
        """The words of a text that are counted."""
        if not self.left_out:
            return text_words
        return [word for word in text_words if word not in self.left_out] or text_words

    def __call__(self, text: str) -> list[str]:
        """The tokens of a text, in order."""
        return [token for word in self.kept(words(text)) for token in self.of_word(word)]


stems = Cut(_stem_of)  # word stems, with possessives off
content_stems = Cut(_stem_of, _EMPTY)  # stems of the words that carry meaning
grams = Cut(_grams_of)  # character trigrams to pentagrams inside each word, its ends marked; they survive a misspelling


def content(text: str) -> str:
    """The words that carry meaning; all words where none does."""
    return " ".join(content_stems.kept(words(text)))


class _Numbers(dict[str, int]):
    """Words or tokens, numbered in the order in which they are met."""

    def __missing__(self, token: str) -> int:
        return self.setdefault(token, len(self))


@dataclass(frozen=True, slots=True)
class Bm25:
    """One BM25 index. Scores are shares in [0, 1] of what a text holding every query term could reach.

    Most tokens come once in a text. Their weight is the token's idf by a factor of the text's length alone, so of
    them only the rows are kept; that is half of the memory, and a score is still one pass over the query's tokens.
    """

    number: dict[str, int]  # token -> its column
    once: NDArray[np.int32]  # rows of the texts that hold a token once, token after token
    ends: NDArray[np.int64]  # (tokens + 1): where each token's rows begin and end in `once`
    factor: Scores  # (texts): what a token that comes once weighs in a text, before its idf
    more: csc_array  # (texts, tokens): what a token that comes more often weighs, before its idf
    idf: NDArray[np.float64]  # by token
    cut: Cut

    @classmethod
    def over(cls, texts: Sequence[str], cut: Cut) -> "Bm25":
        """Index texts by the tokens that `cut` gives (BM25 with Lucene's inverse document frequency)."""
        said = [cut.kept(_words_of(text)) for text in texts or [""]]
        word, token = _Numbers(), _Numbers()
        rows = np.repeat(np.arange(len(said), dtype=np.int32), [len(one) for one in said])
        flat = np.fromiter((word[one] for text in said for one in text), np.int32, len(rows))
        cuts = [[token[one] for one in cut.of_word(held)] for held in word]
        which = np.repeat(np.arange(len(cuts), dtype=np.int32), [len(one) for one in cuts])
        tokens = np.fromiter((one for of_word in cuts for one in of_word), np.int32, len(which))
        of_texts = csr_array((np.ones(len(flat), np.float32), (rows, flat)), shape=(len(said), len(word)))
        of_words = csc_array((np.ones(len(tokens), np.float32), (which, tokens)), shape=(len(word), len(token)))
        lengths = np.maximum(of_texts @ of_words.sum(axis=1), 1).astype(np.float64)
        long = _K1 * (1 - _B + _B * lengths / lengths.mean())

        once, more, ends, held = [], [], [np.zeros(1, np.int64)], []
        size = max(
            1, len(token) * AT_ONCE // max(int(lengths.sum()), 1)
        )  # columns; the whole at once would be twice it
        for at in range(0, len(token), size):
            times = csc_array(of_texts @ of_words[:, at : at + size])
            held.append(np.diff(times.indptr))
            column = np.repeat(np.arange(times.shape[1], dtype=np.int32), held[-1])
            alone = times.data == 1
            once.append(times.indices[alone].astype(np.int32))
            ends.append(ends[-1][-1] + np.cumsum(np.bincount(column[alone], minlength=times.shape[1])))
            row, often = times.indices[~alone], times.data[~alone]
            weights = (often / (often + long[row])).astype(np.float32)
            more.append(csc_array((weights, (row.astype(np.int32), column[~alone])), shape=times.shape))
        found = np.concatenate(held) if held else np.zeros(0)
        return cls(
            number=dict(token),
            once=np.concatenate(once) if once else np.zeros(0, np.int32),
            ends=np.concatenate(ends),
            factor=(1 / (1 + long)).astype(np.float32),
            more=csc_array(hstack(more)) if more else csc_array((len(said), 0), dtype=np.float32),
            idf=np.log(1 + (len(said) - found + 0.5) / (found + 0.5)),
            cut=cut,
        )

    def scores(self, text: str) -> Scores:
        """A score a text, shape (texts,), for a query; tokens nowhere indexed count against all."""
        asked = Counter(self.number.get(token, -1) for token in self.cut(text))
        unknown, size = asked.pop(-1, 0), len(self.factor)
        columns = np.fromiter(asked, np.int64, len(asked))
        weights = self.idf[columns] * np.fromiter(asked.values(), np.int64, len(asked))
        ceiling = float(weights.sum()) + float(np.log(1 + (size + 0.5) / 0.5)) * unknown
        if not asked or ceiling <= 0:
            return np.zeros(size, np.float32)
        rows = np.concatenate([self.once[self.ends[at] : self.ends[at + 1]] for at in columns])
        starts = np.cumsum([0, *(self.ends[columns + 1] - self.ends[columns])]).astype(np.int32)
        once = csc_array((np.ones(len(rows), np.float32), rows, starts), shape=(size, len(columns)))
        by = weights.astype(np.float32)
        return np.asarray((once @ by * self.factor + self.more[:, columns] @ by) / np.float32(ceiling), np.float32)


@dataclass(frozen=True, slots=True)
class Speller:
    """Repairs words that are in no document by the nearest one that is."""

    vocabulary: frozenset[str]
    common: tuple[str, ...]  # words of six letters and more, the candidates of a repair
    letters: NDArray[np.uint8]  # (candidates, 26): how often each letter comes in them
    lengths: NDArray[np.int64]  # (candidates)

    @classmethod
    def over(cls, texts: Sequence[str]) -> "Speller":
        """A speller that knows the words of these texts."""
        known = frozenset[str]().union(*map(_words_of, texts))
        common = tuple(sorted(word for word in known if len(word) >= 6))
        lengths = np.array([len(word) for word in common], np.int64)
        return cls(known, common, _letters(common), lengths)

    def repair(self, text: str) -> str:
        """The text with unknown words of six letters or more replaced by a near known word, where there is one."""
        repaired = []
        for word in words(text):
            if len(word) >= 6 and word not in self.vocabulary and word.isalpha():
                near = process.extractOne(word, self._alike(word), scorer=fuzz.ratio, score_cutoff=LIKE)
                word = near[0] if near else word
            repaired.append(word)
        return " ".join(repaired)

    def _alike(self, word: str) -> list[str]:
        """The candidates that share enough letters with a word to be LIKE it, in order: no other one can be."""
        shared = np.minimum(self.letters, _letters([word])).sum(axis=1, dtype=np.int64)
        near = 200 * shared >= LIKE * (self.lengths + len(word))
        return [self.common[at] for at in np.flatnonzero(near)]


def _letters(of: Sequence[str]) -> NDArray[np.uint8]:
    """How often each of a to z comes in words, shape (words, 26)."""
    rows = np.repeat(np.arange(len(of)), [len(word) for word in of])
    codes = np.frombuffer("".join(of).encode(), np.uint8).astype(np.int64) - ord("a")
    is_letter = (codes >= 0) & (codes < 26)
    counts = np.bincount(rows[is_letter] * 26 + codes[is_letter], minlength=26 * len(of))
    return counts.reshape(len(of), 26).clip(max=255).astype(np.uint8)
