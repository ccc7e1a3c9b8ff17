"""Search by words alone: BM25 over word stems and over character n-grams, both held in memory."""

import ctypes
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from sys import intern
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csc_array, csr_array

Scores = NDArray[np.float32]

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_K1, _B = 1.2, 0.75
AT_ONCE = 1_000_000  # tokens of all texts counted at one time while an index is made
MOST = 65_536  # texts of a block
SHRINK = 4  # times the texts of the block after it, at least, a block has
LONG = 6  # letters of a word that may be repaired, and of one that stands in for it
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


def words_of(text: str) -> list[str]:
    """The same words, each held once however many texts say it."""
    return [intern(word) for word in words(text)]


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
class _Places:
    """Where tokens stand: for each pair of a token and a text that holds it, one entry of three arrays."""

    column: NDArray[np.int32]  # of the token
    row: NDArray[np.int32]  # of the text
    times: NDArray[np.uint16]  # how often


@dataclass(frozen=True, slots=True)
class _Block:
    """At most MOST texts indexed together, so that a text's place takes two bytes; never changed, only merged.

    Most tokens come once in a text, and of them only the place is kept.
    """

    texts: int
    columns: NDArray[np.int32]  # the tokens that stand in any of them, ascending
    once: NDArray[np.uint16]  # places of the texts that hold a token once, token after token
    once_ends: NDArray[np.int64]  # (columns + 1): where each token's places begin and end in `once`
    more: NDArray[np.uint16]  # the same for the texts that hold a token more often
    more_ends: NDArray[np.int64]
    times: NDArray[np.uint16]  # how often, beside `more`

    @classmethod
    def over(cls, said: Sequence[Sequence[str]], cut: Cut, number: _Numbers) -> "tuple[_Block, NDArray[np.int32]]":
        """The block of texts, each given as the words that count, and how many tokens each of them has."""
        word = _Numbers()
        rows = np.repeat(np.arange(len(said), dtype=np.int32), [len(one) for one in said])
        flat = np.fromiter((word[one] for text in said for one in text), np.int32, len(rows))
        cuts = [[number[one] for one in cut.of_word(held)] for held in word]
        which = np.repeat(np.arange(len(cuts), dtype=np.int32), [len(one) for one in cuts])
        found = np.fromiter((one for of_word in cuts for one in of_word), np.int32, len(which))
        columns, tokens = np.unique(found, return_inverse=True)
        of_texts = csr_array((np.ones(len(flat), np.float32), (rows, flat)), shape=(len(said), len(word)))
        of_words = csc_array((np.ones(len(tokens), np.float32), (which, tokens)), shape=(len(word), len(columns)))
        lengths = np.asarray(of_texts @ of_words.sum(axis=1)).astype(np.int32)
        size = max(1, len(columns) * AT_ONCE // max(int(lengths.sum()), 1))  # columns; the whole at once is twice it
        parts = []
        for at in range(0, len(columns), size):
            held = csc_array(of_texts @ of_words[:, at : at + size])
            column = np.repeat(np.arange(held.shape[1], dtype=np.int32), np.diff(held.indptr))
            parts.append(cls.of(len(said), columns[at : at + size], _Places(column, held.indices, _short(held.data))))
        return cls._beside(len(said), parts), lengths

    @classmethod
    def of(cls, texts: int, columns: NDArray[np.int32], places: _Places) -> "_Block":
        """The block that holds these places, given column after column; a column is a place in `columns`."""
        alone = places.times == 1

        def ends(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.cumsum(np.bincount(places.column[chosen] + 1, minlength=len(columns) + 1))

        once, more = places.row[alone].astype(np.uint16), places.row[~alone].astype(np.uint16)
        return cls(texts, columns, once, ends(alone), more, ends(~alone), places.times[~alone])

    @classmethod
    def _beside(cls, texts: int, parts: "Sequence[_Block]") -> "_Block":
        """One block of the same texts from blocks of one range of tokens after another."""

        def ends(of: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
            before = np.cumsum([0, *(one[-1] for one in of)])
            return np.concatenate([[0], *(one[1:] + at for one, at in zip(of, before, strict=False))]).astype(np.int64)

        def both(of: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
            return np.concatenate(of) if of else np.zeros(0, kind)

        return cls(
            texts,
            both([one.columns for one in parts], np.int32),
            both([one.once for one in parts], np.uint16),
            ends([one.once_ends for one in parts]),
            both([one.more for one in parts], np.uint16),
            ends([one.more_ends for one in parts]),
            both([one.times for one in parts], np.uint16),
        )

    def merged(self, other: "_Block", kept: NDArray[np.bool_]) -> "_Block":
        """This block's texts and then the other's, those of them that are `kept`."""
        own, theirs = self._places(0), other._places(self.texts)
        token = np.concatenate([self.columns[own.column], other.columns[theirs.column]])
        row, times = np.concatenate([own.row, theirs.row]), np.concatenate([own.times, theirs.times])
        token, row, times = token[kept[row]], row[kept[row]], times[kept[row]]
        order = np.argsort(token, kind="stable")
        columns, column = np.unique(token[order], return_inverse=True)
        place = (np.cumsum(kept) - 1).astype(np.int32)
        return _Block.of(int(kept.sum()), columns, _Places(column.astype(np.int32), place[row[order]], times[order]))

    def _places(self, first: int) -> _Places:
        """All its places, its first text counted as `first`; first what comes once, then the rest."""
        column = [np.repeat(np.arange(len(self.columns)), np.diff(ends)) for ends in (self.once_ends, self.more_ends)]
        times = np.concatenate([np.ones(len(self.once), np.uint16), self.times])
        row = np.concatenate([self.once, self.more]).astype(np.int32) + first
        return _Places(np.concatenate(column).astype(np.int32), row, times)

    def sums(self, columns: NDArray[np.int64], by: Scores, long: Scores, factor: Scores) -> Scores:
        """What each text, shape (texts,), gets of tokens that count so much; `long` and `factor` are the texts' own."""
        at = np.minimum(np.searchsorted(self.columns, columns), max(len(self.columns) - 1, 0))
        held = self.columns[at] == columns if len(self.columns) else np.zeros(len(columns), bool)
        at, by = at[held], by[held]
        once, of_once = _slices(self.once, self.once_ends, at)
        more, of_more = _slices(self.more, self.more_ends, at)
        often = _slices(self.times, self.more_ends, at)[0].astype(np.float32)
        alone = np.bincount(once, np.repeat(by, of_once), self.texts)
        rest = np.bincount(more, np.repeat(by, of_more) * often / (often + long[more]), self.texts)
        return np.asarray(alone * factor + rest, np.float32)


def _short(times: Scores) -> NDArray[np.uint16]:
    return times.clip(max=np.iinfo(np.uint16).max).astype(np.uint16)


def _slices(held: NDArray[Any], ends: NDArray[np.int64], at: NDArray[np.int64]) -> tuple[NDArray[Any], list[int]]:
    """The parts of an array for these columns, one after another, and how long each is."""
    parts = [held[ends[one] : ends[one + 1]] for one in at]
    return np.concatenate(parts) if parts else held[:0], [*map(len, parts)]


@dataclass(frozen=True, slots=True)
class Bm25:
    """One BM25 index. Scores are shares in [0, 1] of what a text holding every query term could reach.

    The texts lie in blocks in the order in which they came. An index that follows a change keeps the blocks, has one
    more of what is new, and counts again only what a number a token or a text can say; its scores are those of an
    index made anew. Small blocks are merged, so there are never many.
    """

    cut: Cut
    number: _Numbers  # token -> its column; shared with the indexes that follow, and only added to
    blocks: tuple[_Block, ...]
    slots: NDArray[np.int32]  # (texts): where each text lies among those of all blocks
    lengths: NDArray[np.int32]  # (slots): how many tokens
    held: NDArray[np.int32]  # by column: how many texts hold the token
    idf: NDArray[np.float64]  # by column
    long: Scores  # (slots): a text's length beside the usual one, as BM25 weighs it
    factor: Scores  # (slots): what a token that comes once weighs in a text, before its idf

    @classmethod
    def over(cls, texts: Sequence[str], cut: Cut) -> "Bm25":
        """Index texts by the tokens that `cut` gives (BM25 with Lucene's inverse document frequency)."""
        return cls.of_words([words_of(text) for text in texts], cut)

    @classmethod
    def of_words(cls, said: Sequence[Sequence[str]], cut: Cut) -> "Bm25":
        """The same for texts given as their words."""
        number = _Numbers()
        counted = [cut.kept(one) for one in said or [()]]
        made = [_Block.over(counted[at : at + MOST], cut, number) for at in range(0, len(counted), MOST)]
        held = np.zeros(len(number), np.int32)
        for block, _ in made:
            held[block.columns] += np.diff(block.once_ends + block.more_ends).astype(np.int32)
        lengths = np.concatenate([one for _, one in made])
        blocks = tuple(block for block, _ in made)
        return cls._weighed(cut, number, blocks, np.arange(len(lengths), dtype=np.int32), lengths, held)

    @classmethod
    def _weighed(
        cls,
        cut: Cut,
        number: _Numbers,
        blocks: tuple[_Block, ...],
        slots: NDArray[np.int32],
        lengths: NDArray[np.int32],
        held: NDArray[np.int32],
    ) -> "Bm25":
        size = np.maximum(lengths, 1).astype(np.float64)
        long = (_K1 * (1 - _B + _B * size / size[slots].mean())).astype(np.float32)
        idf = np.log(1 + (len(slots) - held + 0.5) / (held + 0.5))
        return cls(cut, number, blocks, slots, lengths, held, idf, long, (1 / (1 + long)).astype(np.float32))

    def following(self, kept: NDArray[np.int64], gone: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> "Bm25":
        """The index of changed texts: for each text its place in this one, or -1 for those that are `new`, in order.

        `gone` are the texts of this one that are no more; both are given as their words.
        """
        if not len(kept):
            return Bm25.of_words([], self.cut)
        blocks, lengths = self.blocks, self.lengths
        slots = np.where(kept >= 0, self.slots[kept], -1).astype(np.int32)
        if new:
            block, own = _Block.over([self.cut.kept(one) for one in new], self.cut, self.number)
            slots[kept < 0] = np.arange(len(lengths), len(lengths) + len(own), dtype=np.int32)
            blocks, lengths = (*blocks, block), np.concatenate([lengths, own])
        held = np.zeros(len(self.number), np.int32)
        held[: len(self.held)] = self.held
        if new:
            held[block.columns] += np.diff(block.once_ends + block.more_ends).astype(np.int32)
        for text in gone:
            tokens = {token for word in self.cut.kept(text) for token in self.cut.of_word(word)}
            held[[self.number[token] for token in tokens]] -= 1
        blocks, slots, lengths = _settled(blocks, slots, lengths)
        return Bm25._weighed(self.cut, self.number, blocks, slots, lengths, held)

    def scores(self, text: str) -> Scores:
        """A score a text, shape (texts,), for a query; tokens nowhere indexed count against all."""
        asked = Counter(map(self._column, self.cut(text)))
        unknown, size = asked.pop(-1, 0), len(self.slots)
        columns = np.fromiter(asked, np.int64, len(asked))
        weights = self.idf[columns] * np.fromiter(asked.values(), np.int64, len(asked))
        ceiling = float(weights.sum()) + float(np.log(1 + (size + 0.5) / 0.5)) * unknown
        if not asked or ceiling <= 0:
            return np.zeros(size, np.float32)
        by, sums, at = weights.astype(np.float32), np.empty(len(self.lengths), np.float32), 0
        for block in self.blocks:
            own = slice(at, at := at + block.texts)
            sums[own] = block.sums(columns, by, self.long[own], self.factor[own])
        return np.asarray(sums[self.slots] / np.float32(ceiling), np.float32)

    def _column(self, token: str) -> int:
        """A token's column; -1 where no text holds it, though one may have before or may in an index that follows."""
        column = self.number.get(token, -1)
        return column if 0 <= column < len(self.held) and self.held[column] else -1


def _settled(
    blocks: tuple[_Block, ...], slots: NDArray[np.int32], lengths: NDArray[np.int32]
) -> tuple[tuple[_Block, ...], NDArray[np.int32], NDArray[np.int32]]:
    """The same with the last blocks merged, without what is no more, until each is SHRINK times the next."""
    while len(blocks) > 1 and blocks[-2].texts <= SHRINK * blocks[-1].texts:
        *rest, one, other = blocks
        if one.texts + other.texts > MOST:
            break
        first = len(lengths) - one.texts - other.texts
        used = np.zeros(len(lengths), bool)
        used[slots] = True
        place = first + np.cumsum(used[first:]) - 1
        slots = slots.copy()
        slots[slots >= first] = place[slots[slots >= first] - first]
        lengths = np.concatenate([lengths[:first], lengths[first:][used[first:]]])
        blocks = (*rest, one.merged(other, used[first:]))
    return blocks, slots, lengths


@dataclass(frozen=True, slots=True)
class Speller:
    """Repairs words that are in no document by the nearest one that is."""

    vocabulary: dict[str, int]  # every word there is, and how many texts say it
    common: list[str]  # words of six letters and more in order, the candidates of a repair
    letters: NDArray[np.uint8]  # (candidates, 26): how often each letter comes in them
    lengths: NDArray[np.int64]  # (candidates)

    @classmethod
    def over(cls, texts: Sequence[str]) -> "Speller":
        """A speller that knows the words of these texts."""
        return cls.of_words([words_of(text) for text in texts])

    @classmethod
    def of_words(cls, said: Iterable[Sequence[str]]) -> "Speller":
        """The same for texts given as their words."""
        known: Counter[str] = Counter()
        for text in said:
            known.update(set(text))
        common = sorted(word for word in known if len(word) >= LONG)
        return cls(dict(known), common, _letters(common), np.array([len(word) for word in common], np.int64))

    def following(self, gone: Iterable[Sequence[str]], new: Iterable[Sequence[str]]) -> "Speller":
        """The speller of changed texts: without those that are gone, with those that are new."""
        known, touched = Counter(self.vocabulary), set[str]()
        for texts, change in ((gone, known.subtract), (new, known.update)):
            for text in texts:
                change(set(text))
                touched.update(text)
        for word in touched:
            if not known[word]:
                del known[word]
        lost = sorted(word for word in touched if len(word) >= LONG and word in self.vocabulary and word not in known)
        met = sorted(word for word in touched if len(word) >= LONG and word not in self.vocabulary and word in known)
        if not lost and not met:
            return replace(self, vocabulary=dict(known))
        at = [bisect_left(self.common, word) for word in lost]
        common = np.delete(np.array(self.common, object), at)
        letters, lengths = np.delete(self.letters, at, axis=0), np.delete(self.lengths, at)
        into = [bisect_left(common, word) for word in met]
        return Speller(
            dict(known),
            np.insert(common, into, np.array(met, object)).tolist(),
            np.insert(letters, into, _letters(met), axis=0),
            np.insert(lengths, into, np.array([len(word) for word in met], np.int64)),
        )

    def repair(self, text: str) -> str:
        """The text with unknown words of six letters or more replaced by a near known word, where there is one."""
        repaired = []
        for word in words(text):
            if len(word) >= LONG and word not in self.vocabulary and word.isalpha():
                near = process.extractOne(word, self._alike(word), scorer=fuzz.ratio, score_cutoff=LIKE)
                word = near[0] if near else word
            repaired.append(word)
        return " ".join(repaired)

    def _alike(self, word: str) -> list[str]:
        """The candidates that share enough letters with a word to be LIKE it, in order: no other one can be."""
        shared = np.minimum(self.letters, _letters([word])).sum(axis=1, dtype=np.int64)
        near = 200 * shared >= LIKE * (self.lengths + len(word))
        return [self.common[at] for at in np.flatnonzero(near)]


def give_back() -> None:
    """Hand freed memory to the system: what an index was made with is else kept for the next one, twice the index."""
    with suppress(OSError, AttributeError, TypeError):  # only some systems' allocators have to be asked
        ctypes.CDLL(None).malloc_trim(0)


def _letters(of: Sequence[str]) -> NDArray[np.uint8]:
    """How often each of a to z comes in words, shape (words, 26)."""
    rows = np.repeat(np.arange(len(of)), [len(word) for word in of])
    codes = np.frombuffer("".join(of).encode(), np.uint8).astype(np.int64) - ord("a")
    is_letter = (codes >= 0) & (codes < 26)
    counts = np.bincount(rows[is_letter] * 26 + codes[is_letter], minlength=26 * len(of))
    return counts.reshape(len(of), 26).clip(max=255).astype(np.uint8)
