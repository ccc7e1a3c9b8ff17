"""The second reader: how near a message is to the example messages, by meaning and by words, calibrated.

A kernel model: least squares on Gaussian nearness to every example, then one softmax with a fitted temperature.

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
HASHED = 512  # places that words and word pairs are hashed to, with a sign
PAIR_WEIGHT = 0.5  # the length of the word features beside an embedding of length one
WINDOWS = 14  # at most, besides the whole text
SHORT = 24  # words; shorter messages are one window
CHECK_IN, ANSWER = "check_in", "answer"
_OFF = (Reason.OFF_TOPIC, Reason.MANIPULATION)
_END = re.compile(r"(?<=[.!?…\n])\s+|\n+")

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Multi-class logistic weights; `probabilities` are calibrated by one temperature."""

    labels: tuple[str, ...]
    landmarks: Vectors  # (examples, DIMENSIONS + HASHED): the features of every example
    lengths: Vectors  # (examples,): their squared lengths
    groups: tuple[str, ...]  # routes, and "check_in"; what is decided
    weights: Vectors  # (examples, labels + groups)
    temperature: float
    thresholds: dict[str, float]  # by route, "check_in" and "out_of_scope": the least probability that counts
    grave: float  # a window inside a longer text counts as danger from here on

    def probabilities(self, texts: Sequence[str], embed: Embed) -> tuple[Vectors, Vectors]:
        """(texts, groups) calibrated probabilities, each row summing to one; and (texts, labels) scores within them."""
        scores = nearness(features(texts, embed), self.landmarks, self.lengths) @ self.weights
        kinds = scores[:, len(self.labels) :] / self.temperature
        raised = np.exp(kinds - kinds.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32), scores[:, : len(self.labels)]

    def read(self, text: str, embed: Embed, *, is_well: bool = False) -> tuple[tuple[Verdict, ...], bool]:
        """What this reader adds to the rules, and whether hopelessness asks for a warm line."""
        parts = windows(text)
        if not parts:
            return (), False
        table, kinds = self.probabilities(parts, embed)
        found: dict[Route, Verdict] = {}
        for route in (Route.CRISIS, Route.SAFETY, Route.ELIGIBILITY, Route.OUT_OF_SCOPE):
            totals = table[:, self.groups.index(route.value)]
            if route is Route.OUT_OF_SCOPE:
                totals = totals[:1]  # a message is off topic as a whole or not at all
            best = int(totals.argmax())
            needed = self.thresholds[route.value]
            if route is Route.CRISIS and (best > 0 or is_well):
                needed = self.grave
            if totals[best] >= needed:
                columns = [number for number, label in enumerate(self.labels) if route_of(label) is route]
                reason = Reason(self.labels[max(columns, key=lambda column: float(kinds[best, column]))])
                found[route] = Verdict(READER, route, reason, parts[best].strip()[:200], float(totals[best]))
        warm = float(table[:, self.groups.index(CHECK_IN)].max()) >= self.thresholds[CHECK_IN]
        near_danger = float(table[0, self.groups.index(Route.CRISIS.value)]) >= self.thresholds["near_danger"]
        return tuple(found.values()), warm or near_danger


def group_of(label: str) -> str:
    """What is decided for a label: its route, or a warm line."""
    return label if label == CHECK_IN else route_of(label).value


def route_of(label: str) -> Route:
    """The route a label of the examples stands for."""
    if label in (ANSWER, CHECK_IN):
        return Route.ANSWER
    reason = Reason(label)
    if reason in DANGER:
        return Route.CRISIS
    if reason in _OFF:
        return Route.OUT_OF_SCOPE
    order = list(Reason)
    return Route.SAFETY if order.index(reason) < order.index(Reason.CANDIDATE) else Route.ELIGIBILITY


def windows(text: str) -> list[str]:
    """The whole text first; a longer one also in runs of one to three sentences, at most WINDOWS of them."""
    whole = text.strip()
    if not whole:
        return []
    if len(whole.split()) <= SHORT:
        return [whole]
    pieces = [piece.strip() for piece in _END.split(whole) if piece.strip()]
    runs: list[str] = []
    for piece in pieces:
        words = piece.split()
        runs += [" ".join(words[at : at + 40]) for at in range(0, len(words), 30)] if len(words) > 45 else [piece]
    spans = [" ".join(runs[at : at + 2]) for at in range(len(runs) - 1)] if len(runs) > 1 else runs
    size = max(1, -(-len(spans) // WINDOWS))
    if size > 1:
        spans = [" ".join(runs[at : at + size + 1]) for at in range(0, len(runs), size)]
    return [whole, *(span for span in spans if span != whole)]


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
    table[:, DIMENSIONS:] *= PAIR_WEIGHT / np.maximum(length, 1.0)
    return table


def nearness(table: Vectors, landmarks: Vectors, lengths: Vectors) -> Vectors:
    """(texts, examples): 1 for the same features, falling with their squared distance; `lengths` are the landmarks'."""
    squares = (table**2).sum(axis=1)[:, None] + lengths[None, :] - 2 * table @ landmarks.T
    return np.asarray(np.exp(-np.maximum(squares, 0.0)), dtype=np.float32)


def load_classifier() -> Classifier | None:
    """The fitted classifier, or None where its files are missing or unreadable: then the rules decide alone."""
    try:
        from safetensors.numpy import load_file

        card = json.loads(CARD.read_text(encoding="utf-8"))
        table = load_file(WEIGHTS)
        landmarks = table["landmarks"].astype(np.float32)
        return Classifier(
            labels=tuple(card["labels"]),
            groups=tuple(card["groups"]),
            landmarks=landmarks,
            lengths=np.asarray((landmarks**2).sum(axis=1), dtype=np.float32),
            weights=table["weights"].astype(np.float32),
            temperature=float(card["temperature"]),
            thresholds={name: float(value) for name, value in card["thresholds"].items()},
            grave=float(card["grave"]),
        )
    except (OSError, ValueError, KeyError, ImportError):
        return None
