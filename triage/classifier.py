"""The second reader: how near a message is to the example messages, by meaning, words and letters, calibrated.

A kernel ridge model. A text is compared with every example by meaning (a Gaussian of the distance between their
embeddings) and, linearly, by its hashed words, word pairs and runs of letters, which stand through typing slips. Each
label gets a score; the scores of a kind of label are turned into a probability by a small logistic curve over the whole
text and its most telling sentence.

What is compared with is in classifier.safetensors; labels, curves, thresholds, figures and the hash of the examples are
beside it in classifier.json. Both are made by `python -m evals fit`.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from triage.decision import Reason, Route, Verdict
from triage.normalise import sentences
from triage.rules import DANGER, cue_spelling

READER = "classifier"
HERE = Path(__file__).parent
WEIGHTS, CARD = HERE / "classifier.safetensors", HERE / "classifier.json"

DIMENSIONS = 384
WORDS, LETTERS = 2048, 1024  # places that words with word pairs, and runs of letters, are hashed to, with a sign
FEATURES = DIMENSIONS + WORDS + LETTERS
SHARE = 0.2  # of each of the two beside a nearness by meaning of at most 1
WIDTH = 2.0  # nearness by meaning is exp(-WIDTH * (1 - cosine))
SHORT = 24  # words; shorter messages are read as a whole only
WINDOWS = 24  # single sentences read besides the whole of a longer text, at most
LONGEST, SHORTEST = 40, 4  # words in one of them
FIRST, LAST = 4, 10  # of a long text, always read; the rest are those where somebody speaks of themselves
TELLING = 0.8  # the score of danger from which one sentence of a longer text speaks of it
CHECK_IN, ANSWER, ELSEWHERE = "check_in", "answer", "elsewhere"  # labels that are no reason
_OFF = (Reason.OFF_TOPIC, Reason.MANIPULATION)
_END = re.compile(r"(?<=[.!?…\n])\s+|\n+")
_SELF = re.compile(r"\b(?:i|i'm|im|i've|me|my|myself|he|she|him|her|yo|mi|me|estoy|quiero)\b", re.IGNORECASE)
_LASTS = re.compile(
    r"(?:won't|wont|will not|doesn't|does not|never) (?:go|goes|going) away|come(?:s)? and go(?:es)?|on and off"
    r"|for (?:many |several |some |the past |the last |a few |\w+ )?(?:weeks|months|years)|no se (?:me )?quita"
    r"|(?:desde )?hace (?:\w+ )?(?:semanas|meses|años)",
    re.IGNORECASE,
)

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve from the scores of a text to the probability that it is of one kind."""

    whole: float
    sentence: float
    long: float
    offset: float

    def chance(self, scores: Vectors) -> float:
        """Of the scores of a kind, the whole text first, then its sentences where it has more than one."""
        best, is_long = float(scores[1:].max() if len(scores) > 1 else scores[0]), len(scores) > 1
        odds = self.whole * float(scores[0]) + self.sentence * best + self.long * is_long + self.offset
        return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


@dataclass(frozen=True)
class Classifier:
    """What was learned from the examples. `curves` and `thresholds` are by route, and by "check_in"."""

    labels: tuple[str, ...]
    landmarks: Vectors  # (landmarks, DIMENSIONS): embeddings of examples
    pull: Vectors  # (landmarks, labels): what nearness to each says for each label
    words: Vectors  # (WORDS + LETTERS, labels)
    bias: Vectors  # (labels,)
    curves: dict[str, Curve]
    thresholds: dict[str, float]  # the least probability that counts; "near_danger", "long" and "though_well" too

    def scores(self, texts: Sequence[str], embed: Embed) -> Vectors:
        """(texts, labels): near 1 where a text is like the examples of a label, near 0 where it is not."""
        table = features(texts, embed)
        near = nearness(table[:, :DIMENSIONS], self.landmarks)
        return np.asarray(near @ self.pull + table[:, DIMENSIONS:] @ self.words + self.bias, dtype=np.float32)

    def read(self, text: str, embed: Embed, *, is_well: bool = False) -> tuple[tuple[Verdict, ...], bool]:
        """What this reader adds to the rules, and whether hopelessness asks for a warm line."""
        parts = windows(text)
        if not parts:
            return (), False
        table = self.scores(parts, embed)
        chances = {kind: curve.chance(table[:, self.columns[kind]].sum(axis=1)) for kind, curve in self.curves.items()}
        found: list[Verdict] = []
        danger = chances[Route.CRISIS]
        if danger >= self.thresholds["long" if len(parts) > 1 else Route.CRISIS]:
            verdict = self._verdict(Route.CRISIS, parts, table, danger)
            sentences_of_it = table[1:, self.columns[Route.CRISIS]].sum(axis=1)
            is_faint = len(parts) > 1 and sentences_of_it.max() < TELLING  # no sentence speaks of it
            if verdict.reason is Reason.EMERGENCY:  # the long story of an illness, or what has lasted
                is_faint = len(parts) > 1 or _LASTS.search(text) is not None
            if not (is_well or is_faint) or danger >= self.thresholds["though_well"]:
                found.append(verdict)
        routes = (Route.SAFETY, Route.ELIGIBILITY, Route.OUT_OF_SCOPE)
        likely = max(routes, key=lambda route: chances[route] / self.thresholds[route])
        if chances[likely] >= self.thresholds[likely]:
            found.append(self._verdict(likely, parts, table, chances[likely]))
        warm = chances[CHECK_IN] >= self.thresholds[CHECK_IN] or danger >= self.thresholds["near_danger"]
        return tuple(found), warm

    def _verdict(self, route: Route, parts: list[str], table: Vectors, chance: float) -> Verdict:
        columns = self.columns[route.value]
        of_kind = table[:, columns].sum(axis=1)
        part = int(of_kind.argmax())
        reason = Reason(self.labels[max(columns, key=lambda column: float(table[part, column]))])
        return Verdict(READER, route, reason, parts[part][:200], round(chance, 4))

    @cached_property
    def columns(self) -> dict[str, list[int]]:
        """The labels of each kind, by their number."""
        kinds = [group_of(label) for label in self.labels]
        return {kind: [number for number, of in enumerate(kinds) if of == kind] for kind in dict.fromkeys(kinds)}


def nearness(table: Vectors, landmarks: Vectors) -> Vectors:
    """(texts, landmarks): 1 for the same meaning, towards 0 with distance; both hold rows of length one."""
    return np.asarray(np.exp(WIDTH * (table @ landmarks.T - 1)), dtype=np.float32)


def pack(vectors: Vectors) -> tuple[float, NDArray[np.int8]]:
    """Vectors as whole numbers from -127 to 127, and what one of them is worth."""
    scale = float(np.abs(vectors).max()) / 127
    return scale, np.round(vectors / scale).astype(np.int8)


def unpack(packed: NDArray[np.int8], scale: float) -> Vectors:
    """The vectors that were packed, but for rounding."""
    return packed.astype(np.float32) * np.float32(scale)


def group_of(label: str) -> str:
    """What is decided for a label: a route, a warm line, or nothing at all."""
    if label in (CHECK_IN, ANSWER, ELSEWHERE):
        return label
    reason = Reason(label)
    if reason in DANGER:
        return Route.CRISIS.value
    if reason in _OFF:
        return Route.OUT_OF_SCOPE.value
    order = list(Reason)
    return (Route.SAFETY if order.index(reason) < order.index(Reason.CANDIDATE) else Route.ELIGIBILITY).value


def windows(text: str) -> list[str]:
    """The whole text first; of a longer one also up to WINDOWS sentences: the first, the last, the personal ones."""
    whole = text.strip()
    if not whole:
        return []
    if len(whole.split()) <= SHORT:
        return [whole]
    pieces: list[str] = []
    for piece in _END.split(whole):
        words = piece.split()
        if pieces and len(words) < SHORTEST:  # too short to mean anything alone
            pieces[-1] = f"{pieces[-1]} {piece.strip()}"
        else:
            pieces += [" ".join(words[at : at + LONGEST]) for at in range(0, len(words), LONGEST)]
    if len(pieces) > WINDOWS:
        middle = pieces[FIRST:-LAST]
        personal = [piece for piece in middle if _SELF.search(piece)] or middle
        step = -(-len(personal) // (WINDOWS - FIRST - LAST))
        pieces = [*pieces[:FIRST], *personal[::step], *pieces[-LAST:]]
    return [whole, *(piece for piece in pieces if piece != whole)]


def features(texts: Sequence[str], embed: Embed) -> Vectors:
    """(texts, FEATURES): the embedding, then what is hashed of the folded text."""
    table = np.zeros((len(texts), FEATURES), dtype=np.float32)
    table[:, :DIMENSIONS] = embed(list(texts))
    for row, text in enumerate(texts):
        words: list[int] = []
        letters: list[int] = []
        for sentence in sentences(text[:4000], cue_spelling()):
            said = sentence.text.split()
            words += [crc32(gram.encode()) for gram in (*said, *(f"{a} {b}" for a, b in pairwise(said)))]
            letters += [mark for word in said for mark in _runs(word)]
        table[row, DIMENSIONS : DIMENSIONS + WORDS] = _counted(words, WORDS)
        table[row, DIMENSIONS + WORDS :] = _counted(letters, LETTERS)
    for first, last in ((DIMENSIONS, DIMENSIONS + WORDS), (DIMENSIONS + WORDS, table.shape[1])):
        length = np.linalg.norm(table[:, first:last], axis=1, keepdims=True)
        table[:, first:last] *= np.sqrt(SHARE) / np.maximum(length, 1.0)
    return table


@lru_cache(maxsize=16384)
def _runs(word: str) -> tuple[int, ...]:
    """Marks of the runs of three and four letters, the ends of the word marked."""
    marked = f"<{word}>"
    runs = (marked[at : at + size] for size in (3, 4) for at in range(len(marked) - size + 1))
    return tuple(crc32(run.encode()) for run in runs)


def _counted(marks: Sequence[int], size: int) -> NDArray[np.float64]:
    """Each mark added at its place, or taken away there: half of them have a minus sign."""
    places = np.array(marks, np.int64)
    signs = np.where(places & 0x10000, 1.0, -1.0)
    return np.asarray(np.bincount(places % size, signs, size), np.float64)


def load_classifier() -> Classifier | None:
    """The fitted classifier, or None where its files are missing or unreadable: then the rules decide alone."""
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError:
        return None
    try:
        card = json.loads(CARD.read_text(encoding="utf-8"))
        table = load_file(WEIGHTS)
        return Classifier(
            labels=tuple(card["labels"]),
            landmarks=unpack(table["landmarks"], float(card["scale"])),
            pull=table["pull"].astype(np.float32),
            words=table["words"].astype(np.float32),
            bias=table["bias"].astype(np.float32),
            curves={kind: Curve(**numbers) for kind, numbers in card["curves"].items()},
            thresholds={name: float(value) for name, value in card["thresholds"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None
