"""Which words of a passage answer to the words of a claim, and which sentences of it the claim is about."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conversation.clauses import Reading, Word
from conversation.figures import figures
from conversation.lexicon import Lexicon, stem

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

LITTLE = 0.25  # what a word that says little weighs, against 1
NEAR = 0.6  # the cosine of two single words from which one may answer to the other
CLOSE = 0.5  # the score from which a word counts as answered
SECOND = 0.12  # a further sentence must answer this much more of the claim


def remembering(embed: Embed, most: int = 20_000) -> Embed:
    """Keep the vectors of the words seen: most of a draft does not change between two looks at it."""
    kept: dict[str, NDArray[np.float32]] = {}

    def remember(texts: Sequence[str]) -> NDArray[np.float32]:
        missing = list(dict.fromkeys(text for text in texts if text not in kept))
        made = dict(zip(missing, embed(missing), strict=True)) if missing else {}
        if len(kept) + len(made) > most:
            kept.clear()
        held = {**kept, **made}
        kept.update(made)
        return np.stack([held[text] if text in held else embed([text])[0] for text in texts])

    return remember


@dataclass(frozen=True, slots=True)
class Pair:
    """A word of the claim and the place of the word that answers to it; -1 and 0 where none does."""

    word: Word
    weight: float
    place: int = -1
    score: float = 0.0

    @property
    def is_answered(self) -> bool:
        """The passage has a counterpart."""
        return self.score >= CLOSE


@dataclass(frozen=True, slots=True)
class Alignment:
    """A claim beside a passage."""

    claim: Reading
    passage: Reading
    pairs: tuple[Pair, ...]
    chosen: frozenset[int]  # the passage's sentences the claim is about
    best: int  # the first of them
    covered: float  # share of the claim's weight that the passage answers
    covered_by_chosen: float

    @property
    def answered(self) -> tuple[Pair, ...]:
        """Pairs with a counterpart."""
        return tuple(pair for pair in self.pairs if pair.is_answered)

    def by_place(self) -> dict[int, Pair]:
        """Answered pairs by the place of the passage's word."""
        return {pair.place: pair for pair in self.answered}


def align(
    claim: Reading,
    passage: Reading,
    lexicon: Lexicon,
    embed: Embed | None,
    known: frozenset[str] = frozenset(),
    common: frozenset[str] = frozenset(),
) -> Alignment:
    """The alignment. `known` are plain words that need no counterpart, such as the clinic's name; `common` ones that
    the whole document is about, whose absence says little."""
    counted = [(figure.start, figure.end) for figure in figures(claim)]  # compared as figures, not as words
    asked = [
        word
        for word in claim.words
        if word.is_content
        and word.plain not in known
        and word.plain[0].isalpha()
        and not any(start <= word.start < end for start, end in counted)
    ]
    held = [(place, word) for place, word in enumerate(passage.words) if word.is_content]
    held_words = frozenset(word.plain for _, word in held)
    scores = _scores(asked, [word.plain for _, word in held], lexicon, embed)
    _initials(asked, passage, held, scores)
    weights = np.array([LITTLE if word.is_little or word.plain in common - held_words else 1.0 for word in asked])
    total = float(weights.sum()) or 1.0
    by_sentence: dict[int, NDArray[np.float64]] = {}
    for number in range(len(passage.sentences)):
        columns = [i for i, (_, word) in enumerate(held) if word.sentence == number]
        by_sentence[number] = scores[:, columns].max(axis=1) if columns and asked else np.zeros(len(asked))
    best = max(by_sentence, key=lambda n: (float(by_sentence[n] @ weights), -n), default=0)
    chosen, reached = {best}, by_sentence.get(best, np.zeros(len(asked)))
    for number, own in sorted(by_sentence.items(), key=lambda item: -float(item[1] @ weights)):
        together = np.maximum(reached, own)
        if number != best and float((together - reached) @ weights) / total > SECOND:
            chosen.add(number)
            reached = together
    everywhere = scores.max(axis=1) if held and asked else np.zeros(len(asked))
    pairs = _pairs(asked, weights, held, scores, frozenset(chosen), best)
    return Alignment(
        claim,
        passage,
        pairs,
        frozenset(chosen),
        best,
        float(everywhere @ weights) / total if asked else 1.0,
        float(reached @ weights) / total if asked else 1.0,
    )


def _scores(words: list[Word], held: list[str], lexicon: Lexicon, embed: Embed | None) -> NDArray[np.float64]:
    """How surely each word held answers to each word asked, (asked, held). A name answers to nothing but itself."""
    asked = [word.plain for word in words]
    names = {i for i, word in enumerate(words) if word.is_capital and word.start > words[0].start}
    table = {(one, other): lexicon.alike(one, other) for one in set(asked) for other in set(held)}
    scores = np.array([[table[one, other] for other in held] for one in asked], np.float64)
    scores = scores.reshape(len(asked), len(held))
    if embed is None or not asked or not held:
        return scores
    open_rows = [
        i for i in range(len(asked)) if scores[i].max() < CLOSE and asked[i] not in lexicon.kinds and i not in names
    ]
    open_columns = [i for i, word in enumerate(held) if word not in lexicon.kinds]
    if open_rows and open_columns:
        near = embed([asked[i] for i in open_rows]) @ embed([held[i] for i in open_columns]).T
        for row, cosines in zip(open_rows, near, strict=True):
            for column, cosine in zip(open_columns, cosines, strict=True):
                if not lexicon.opposes(asked[row], held[column]):
                    scores[row, column] = max(scores[row, column], float(cosine) if cosine >= NEAR else cosine * 0.4)
    return scores


def _initials(asked: list[Word], passage: Reading, held: list[tuple[int, Word]], scores: NDArray[np.float64]) -> None:
    """NIMH answers to National Institute of Mental Health, and the other way round."""
    places = {place: column for column, (place, _) in enumerate(held)}
    runs = _capital_runs(passage.words)
    for row, word in enumerate(asked):
        if word.text.isupper() and 2 <= len(word.text) <= 6:
            for run in runs:
                initials = "".join(passage.words[place].text[0].upper() for place in run)
                if word.text in initials and run[0] in places:
                    scores[row, places[run[0]]] = 1.0
    for place, word in ((place, word) for place, word in held if word.text.isupper() and len(word.text) > 1):
        for run in _capital_runs(asked):
            if "".join(asked[i].text[0].upper() for i in run) == word.text:
                for i in run:
                    scores[i, places[place]] = 1.0


def _capital_runs(words: Sequence[Word]) -> list[list[int]]:
    """Runs of capitalised words, small words between them left out."""
    runs: list[list[int]] = []
    last = -9
    for place, word in enumerate(words):
        if word.is_capital and word.text[0].isupper():
            if runs and all(words[i].is_function for i in range(last + 1, place)) and place - last <= 3:
                runs[-1].append(place)
            else:
                runs.append([place])
            last = place
    return [run for run in runs if len(run) > 1]


def _pairs(
    asked: list[Word],
    weights: NDArray[np.float64],
    held: list[tuple[int, Word]],
    scores: NDArray[np.float64],
    chosen: frozenset[int],
    best: int,
) -> tuple[Pair, ...]:
    """For each word the counterpart in the clause that answers most of the claim, other places after it."""
    busy: Counter[int] = Counter()
    for row in range(len(asked)):
        busy.update({held[i][1].clause for i in range(len(held)) if scores[row, i] >= CLOSE})
    pairs = []
    for row, word in enumerate(asked):
        if not held:
            pairs.append(Pair(word, float(weights[row])))
            continue

        def rank(column: int, row: int = row, form: str = stem(word.plain)) -> tuple[bool, float, bool, int]:
            other = held[column][1]
            score = float(scores[row, column])
            place = 2 * (other.sentence == best) + (other.sentence in chosen)
            return (score >= CLOSE, place + score * 2, form == stem(other.plain), busy[other.clause])

        column = max(range(len(held)), key=rank)
        pairs.append(Pair(word, float(weights[row]), held[column][0], float(scores[row, column])))
    return tuple(pairs)
