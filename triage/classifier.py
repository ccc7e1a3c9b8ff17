"""The second reader: how a message compares with the example messages, by meaning and by words, calibrated.

A multinomial logistic model over the embedding of a text and its hashed words and word pairs.

Weights are in classifier.safetensors; labels, thresholds, figures and the hash of the examples are beside it in
classifier.json. Both are made by `python -m evals fit`.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
HASHED = 2048  # places that words and word pairs are hashed to, with a sign
WORDS_WEIGHT = 0.7  # the length of the word features beside an embedding of length one
SHORT = 24  # words; shorter messages are read as a whole only
WINDOWS = 24  # single sentences read besides the whole of a longer text, at most
LONGEST, SHORTEST = 40, 4  # words in one of them
FIRST, LAST = 4, 10  # of a long text, always read; the rest are those where somebody speaks of themselves
CHECK_IN, ANSWER, ELSEWHERE = "check_in", "answer", "elsewhere"  # labels that are no reason
_OFF = (Reason.OFF_TOPIC, Reason.MANIPULATION)
_END = re.compile(r"(?<=[.!?…\n])\s+|\n+")
_SELF = re.compile(r"\b(?:i|i'm|im|i've|me|my|myself|he|she|him|her|yo|mi|me|estoy|quiero)\b", re.IGNORECASE)

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Multinomial logistic weights; `probabilities` are calibrated by one temperature."""

    labels: tuple[str, ...]
    weights: Vectors  # (DIMENSIONS + HASHED, labels)
    bias: Vectors  # (labels,)
    temperature: float
    thresholds: dict[str, float]  # by route, "check_in" and "near_danger": the least probability that counts
    grave: float  # a sentence inside a longer text counts as danger from here on

    def probabilities(self, texts: Sequence[str], embed: Embed) -> Vectors:
        """(texts, labels) calibrated probabilities, each row summing to one."""
        scores = (features(texts, embed) @ self.weights + self.bias) / self.temperature
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)

    def read(self, text: str, embed: Embed, *, is_well: bool = False) -> tuple[tuple[Verdict, ...], bool]:
        """What this reader adds to the rules, and whether hopelessness asks for a warm line."""
        parts = windows(text)
        if not parts:
            return (), False
        table = self.probabilities(parts, embed)
        found: list[Verdict] = []
        danger = table[:, self._columns(Route.CRISIS.value)].sum(axis=1)
        part = int(danger.argmax())
        least = self.thresholds[Route.CRISIS.value]
        whole = self._verdict(Route.CRISIS, parts[0], table[0])
        if len(parts) > 1:  # a long text: one sentence must speak of danger too, and an old illness is no emergency
            is_well = is_well or danger[1:].max() < least
            least = self.grave if whole.reason is Reason.EMERGENCY else least
        if not is_well and danger[0] >= least:
            found.append(whole)
        elif danger[part] >= self.grave:
            found.append(self._verdict(Route.CRISIS, parts[part], table[part]))
        routes = (Route.SAFETY, Route.ELIGIBILITY, Route.OUT_OF_SCOPE)
        likely = max(routes, key=lambda route: float(table[0, self._columns(route.value)].sum()))
        if table[0, self._columns(likely.value)].sum() >= self.thresholds[likely.value]:
            found.append(self._verdict(likely, parts[0], table[0]))
        warm = float(table[:, self._columns(CHECK_IN)].max()) >= self.thresholds[CHECK_IN]
        near_danger = float(danger[0]) >= self.thresholds["near_danger"]
        return tuple(found), warm or near_danger

    def _verdict(self, route: Route, text: str, row: Vectors) -> Verdict:
        columns = self._columns(route.value)
        reason = Reason(self.labels[max(columns, key=lambda column: float(row[column]))])
        return Verdict(READER, route, reason, text[:200], float(row[columns].sum()))

    def _columns(self, group: str) -> list[int]:
        return [number for number, label in enumerate(self.labels) if group_of(label) == group]


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
    """(texts, DIMENSIONS + HASHED): the embedding, and hashed words and word pairs of the folded text."""
    table = np.zeros((len(texts), DIMENSIONS + HASHED), dtype=np.float32)
    table[:1, :DIMENSIONS] = embed(list(texts[:1]))  # alone: a long text would pad all the short ones
    if len(texts) > 1:
        table[1:, :DIMENSIONS] = embed(list(texts[1:]))
    for row, text in enumerate(texts):
        for sentence in sentences(text[:4000], cue_spelling()):
            words = sentence.text.split()
            for gram in (*words, *(f"{a} {b}" for a, b in pairwise(words))):
                place = crc32(gram.encode())
                table[row, DIMENSIONS + place % HASHED] += 1.0 if place & 0x10000 else -1.0
    length = np.linalg.norm(table[:, DIMENSIONS:], axis=1, keepdims=True)
    table[:, DIMENSIONS:] *= WORDS_WEIGHT / np.maximum(length, 1.0)
    return table


def load_classifier() -> Classifier | None:
    """The fitted classifier, or None where its files are missing or unreadable: then the rules decide alone."""
    try:
        from safetensors.numpy import load_file

        card = json.loads(CARD.read_text(encoding="utf-8"))
        table = load_file(WEIGHTS)
        return Classifier(
            labels=tuple(card["labels"]),
            weights=table["weights"].astype(np.float32),
            bias=table["bias"].astype(np.float32),
            temperature=float(card["temperature"]),
            thresholds={name: float(value) for name, value in card["thresholds"].items()},
            grave=float(card["grave"]),
        )
    except (OSError, ValueError, KeyError, ImportError):
        return None
