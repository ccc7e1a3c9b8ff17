"""The second reader: how like the example messages a message is, by an encoder tuned on them, calibrated.

The encoder is the packaged model with its layers tuned (encoder.safetensors, laid over the packaged weights when it is
loaded); over its vectors a linear head gives each label a probability. The odds of a kind of label are turned into a
probability by a small logistic curve over the whole text and its most telling sentence.

The head is in classifier.safetensors; labels, curves, thresholds, figures and the hashes of the examples and of both
fitted files are beside it in classifier.json. All three are made by `python -m evals fit triage`.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.decision import Reason, Route, Verdict
from triage.rules import DANGER

READER = "classifier"
HERE = Path(__file__).parent
ENCODER = HERE / "encoder.safetensors"
WEIGHTS, CARD = HERE / "classifier.safetensors", HERE / "classifier.json"

MOST = 12.0  # log odds beyond which nothing is surer
SHORT = 24  # words; shorter messages are read as a whole only
WINDOWS = 24  # single sentences read besides the whole of a longer text, at most
LONGEST, SHORTEST = 40, 4  # words in one of them
FIRST, LAST = 4, 10  # of a long text, always read; the rest are those where somebody speaks of themselves
TELLING = 0.0  # the log odds of danger from which one sentence of a longer text speaks of it
CHECK_IN, ANSWER, ELSEWHERE = "check_in", "answer", "elsewhere"  # labels that are no reason
OF_THE_PAGE = (Reason.ASKED_FOR_A_PERSON, Reason.ABOUT_PAGE)  # asked of this page, and not of the documents
MOSTLY = 0.5  # the chance from which a sentence is taken to ask that and nothing else
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
    """A logistic curve from the log odds of a text to the probability that it is of one kind."""

    whole: float
    sentence: float
    long: float
    offset: float

    def chance(self, scores: Vectors) -> float:
        """Of the log odds of a kind, the whole text first, then its sentences where it has more than one."""
        best, is_long = float(scores[1:].max() if len(scores) > 1 else scores[0]), len(scores) > 1
        odds = self.whole * float(scores[0]) + self.sentence * best + self.long * is_long + self.offset
        return float(1 / (1 + np.exp(-np.clip(odds, -50, 50))))


@dataclass(frozen=True)
class Classifier:
    """What was learned from the examples. `curves` and `thresholds` are by route, by "check_in" and OF_THE_PAGE."""

    labels: tuple[str, ...]
    head: Vectors  # (dimensions, labels)
    bias: Vectors  # (labels,)
    curves: dict[str, Curve]
    thresholds: dict[str, float]  # the least probability that counts; "near_danger", "long" and "though_well" too

    def chances(self, texts: Sequence[str], embed: Embed) -> Vectors:
        """(texts, labels): the probability of each label; `embed` is the tuned encoder. Each row adds up to one."""
        scores = embed(list(texts)) @ self.head + self.bias
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True), dtype=np.float32)

    def odds(self, table: Vectors, kind: str) -> Vectors:
        """(texts,): the log odds that each text is of a kind, from the chances of its labels."""
        return log_odds(table[:, self.columns[kind]].sum(axis=1))

    def read(self, text: str, embed: Embed, *, is_well: bool = False) -> tuple[tuple[Verdict, ...], bool]:
        """What this reader adds to the rules, and whether hopelessness asks for a warm line."""
        parts = windows(text)
        if not parts:
            return (), False
        table = self.chances(parts, embed)
        chances = {kind: curve.chance(self.odds(table, kind)) for kind, curve in self.curves.items()}
        found: list[Verdict] = []
        danger = chances[Route.CRISIS]
        if danger >= self.thresholds["long" if len(parts) > 1 else Route.CRISIS]:
            verdict = self._verdict(Route.CRISIS, parts, table, danger)
            is_faint = len(parts) > 1 and self.odds(table[1:], Route.CRISIS).max() < TELLING  # no sentence speaks of it
            if verdict.reason is Reason.EMERGENCY:  # the long story of an illness, or what has lasted
                is_faint = len(parts) > 1 or _LASTS.search(text) is not None
            if not (is_well or is_faint) or danger >= self.thresholds["though_well"]:
                found.append(verdict)
        routes = (Route.SAFETY, Route.ELIGIBILITY, Route.OUT_OF_SCOPE)
        likely = max(routes, key=lambda route: chances[route] / self.thresholds[route])
        if chances[likely] >= self.thresholds[likely]:
            found.append(self._verdict(likely, parts, table, chances[likely]))
        found += [
            self._verdict(reason, parts, table, chances[reason])
            for reason in OF_THE_PAGE
            if chances[reason] >= self.thresholds[reason]
        ]
        warm = chances[CHECK_IN] >= self.thresholds[CHECK_IN] or danger >= self.thresholds["near_danger"]
        return tuple(found), warm

    def beside(self, text: str, embed: Embed) -> str:
        """The sentences of a text but those that mostly ask for a person or about this page."""
        pieces = [piece for piece in _END.split(text.strip()) if piece.strip()]
        columns = [column for reason in OF_THE_PAGE for column in self.columns[reason]]
        chances = self.chances(pieces, embed)[:, columns].sum(axis=1)
        return " ".join(piece for piece, chance in zip(pieces, chances, strict=True) if chance < MOSTLY)

    def _verdict(self, kind: Route | Reason, parts: list[str], table: Vectors, chance: float) -> Verdict:
        columns = self.columns[kind.value]
        of_kind = table[:, columns].sum(axis=1)
        part = int(of_kind.argmax())
        reason = Reason(self.labels[max(columns, key=lambda column: float(table[part, column]))])
        route = kind if isinstance(kind, Route) else Route.ANSWER
        return Verdict(READER, route, reason, parts[part][:200], round(chance, 4))

    @cached_property
    def columns(self) -> dict[str, list[int]]:
        """The labels of each kind, by their number."""
        kinds = [group_of(label) for label in self.labels]
        return {kind: [number for number, of in enumerate(kinds) if of == kind] for kind in dict.fromkeys(kinds)}


def log_odds(chance: Vectors) -> Vectors:
    """The log odds of probabilities, between -MOST and MOST."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(chance) - np.log1p(-np.minimum(chance, 1.0)), -MOST, MOST), np.float32)


def group_of(label: str) -> str:
    """What is decided for a label: a route, a warm line, what is asked of the page, or nothing at all."""
    if label in (CHECK_IN, ANSWER, ELSEWHERE):
        return label
    reason = Reason(label)
    if reason in DANGER:
        return Route.CRISIS.value
    if reason in _OFF:
        return Route.OUT_OF_SCOPE.value
    if reason in OF_THE_PAGE:
        return reason.value
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


def hashes() -> dict[str, str]:
    """What the two fitted files hold, as hashes by the card's names for them. Raises OSError."""
    files = {"encoder_sha256": ENCODER, "head_sha256": WEIGHTS}
    return {name: sha256(file.read_bytes()).hexdigest() for name, file in files.items()}


def load_classifier() -> Classifier | None:
    """The fitted classifier, or None where a file is missing, unreadable or not of one fit: the rules decide alone."""
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError:
        return None
    try:
        card = json.loads(CARD.read_text(encoding="utf-8"))
        if not hashes().items() <= card.items():
            return None
        table = load_file(WEIGHTS)
        return Classifier(
            labels=tuple(card["labels"]),
            head=table["head"].astype(np.float32),
            bias=table["bias"].astype(np.float32),
            curves={kind: Curve(**numbers) for kind, numbers in card["curves"].items()},
            thresholds={name: float(value) for name, value in card["thresholds"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None
