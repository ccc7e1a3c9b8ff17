"""Do the documents answer this? Asked of each clinic's documents, by fitted weights over few features."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.evidence import Evidence, Findings

WEIGHTS = Path(__file__).with_name("gate.json")

# One clinic's documents and a question. "Told" is a passage that is not a gap.
CLINIC_FEATURES = {
    "told": "score of the clinic's best told passage",
    "ahead": "that score less its best gap's",
    "asked_told": "cosine to the nearest `asked as` line of its best told passage",
    "asked_gap": "cosine to the nearest `asked as` line of its best gap",
    "words_told": "BM25 of its best told passage",
    "words_gap": "BM25 of its best gap",
    "grams_told": "BM25 of character n-grams of its best told passage",
    "sentence_told": "cosine to the nearest sentence of its best told passage",
    "detail_sure": "its best told passage holds a price, number, address, hours or person asked for (1, else -1; or 0)",
    "peak": "score of its best told passage less the mean of the five after it",
    "beside": "score of its best told passage less the best one of the other clinics",
    "ahead_beside": "how far told passages stand ahead of gaps with the other clinics",
    "unknown": "share of the question's words that stand in no document and no `asked as` line",
    "short": "1 for a question of at most three words",
    "seldom": "log-odds that a question of this kind is one that documents of clinics leave open (price, hours, wifi)",
}
# The question and all documents searched.
TOPIC_FEATURES = {
    "best": "score of the best passage",
    "asked": "cosine to the nearest `asked as` line of any passage",
    "words": "BM25 of the best passage",
    "grams": "BM25 of character n-grams of the best passage",
    "unknown": "as above",
    "short": "as above",
    "elsewhere": "log-odds that a question of this kind has nothing to do with such documents",
}
MODELS = ("covered", "covered_plain", "covered_by_words", "off_topic")
KINDS = ("seldom", "elsewhere")
NONE = 0.0  # the score of a passage that is not there


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the documents do with a question."""

    clinics: frozenset[str] = frozenset()  # whose documents answer it
    is_off_topic: bool = False

    @property
    def is_silent(self) -> bool:
        """No document searched answers it."""
        return not self.clinics


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model over named, standardised features."""

    bias: float
    weights: Mapping[str, float]
    means: Mapping[str, float]
    scales: Mapping[str, float]
    above: float  # the probability from which the answer is yes; chosen by stated costs

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability of yes."""
        held = ((weight, features[name], name) for name, weight in self.weights.items())
        logit = self.bias + sum(w * (value - self.means[name]) / self.scales[name] for w, value, name in held)
        return 1 / (1 + math.exp(-max(min(logit, 50.0), -50.0)))

    def says_yes(self, features: Mapping[str, float]) -> bool:
        """The probability reaches the threshold."""
        return self.probability(features) >= self.above


@dataclass(frozen=True, slots=True)
class KindOfQuestion:
    """A logistic model over the question's vector alone: what sort of thing is asked, whatever was found."""

    bias: float
    weights: NDArray[np.float32]  # a weight a dimension of the model it was fitted with
    usual: float  # the log-odds of a question of which nothing is known

    def log_odds(self, findings: Findings) -> float:
        """Of yes; `usual` without a vector, or with one of another model's length."""
        vector = findings.vector
        if vector is None or vector.shape != self.weights.shape:
            return self.usual
        return float(vector @ self.weights) + self.bias


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a clinic's document answers (one model for helped documents, one for plain), and what is off topic."""

    covered: Logistic
    covered_plain: Logistic  # for documents without `asked as` lines: there are no gaps to weigh either
    covered_by_words: Logistic  # while the model or the index is not there
    off_topic: Logistic
    seldom: KindOfQuestion
    elsewhere: KindOfQuestion

    def __call__(self, findings: Findings, question: str, clinics: Iterable[str]) -> Coverage:
        """Whose documents answer a question.

        Off topic is said only where it was learned: with the model, over helped documents, where no clinic is named.
        """
        helped = any(one.passage.is_helped for one in findings.evidence)
        learned = helped and not findings.by_words_alone and not findings.named
        if learned and self.off_topic.says_yes(topic_features(findings, question, self.elsewhere.log_odds(findings))):
            return Coverage(is_off_topic=True)
        return Coverage(frozenset(clinic for clinic in clinics if self._answers(findings, question, clinic)))

    def _answers(self, findings: Findings, question: str, clinic: str) -> bool:
        own = [one.passage for one in findings.evidence if one.passage.clinic == clinic]
        model = self.covered if any(passage.is_helped for passage in own) else self.covered_plain
        if findings.by_words_alone:
            model = self.covered_by_words
        return model.says_yes(clinic_features(findings, question, clinic, self.seldom.log_odds(findings)))


def clinic_features(findings: Findings, question: str, clinic: str, seldom: float) -> dict[str, float]:
    """CLINIC_FEATURES of a search for a question."""
    own = [one for one in findings.evidence if one.passage.clinic == clinic]
    others = [one for one in findings.evidence if one.passage.clinic != clinic]
    told, gap = _best(own, gap=False), _best(own, gap=True)
    told_beside, gap_beside = _best(others, gap=False), _best(others, gap=True)
    sure = _feature(told, "detail_sure")
    beside = _score(told_beside) if told_beside else _score(told)
    return {
        "told": _score(told),
        "ahead": _score(told) - _score(gap),
        "asked_told": _feature(told, "dense_asked"),
        "asked_gap": _feature(gap, "dense_asked"),
        "words_told": _feature(told, "words"),
        "words_gap": _feature(gap, "words"),
        "grams_told": _feature(told, "grams"),
        "sentence_told": _feature(told, "dense_sentence"),
        "detail_sure": sure,
        "peak": _score(told) - _after(own),
        "beside": _score(told) - beside,
        "ahead_beside": beside - (_score(gap_beside) if gap_beside else _score(gap)),
        "seldom": min(seldom, 0.0) if sure > 0 else seldom,  # what stands there is not left open
        **_of_question(findings, question),
    }


def topic_features(findings: Findings, question: str, elsewhere: float) -> dict[str, float]:
    """TOPIC_FEATURES of a search for a question."""
    best = findings.evidence[0] if findings.evidence else None
    return {
        "best": _score(best),
        "asked": max((one.features.get("dense_asked", 0.0) for one in findings.evidence), default=0.0),
        "words": _feature(best, "words"),
        "grams": _feature(best, "grams"),
        "elsewhere": elsewhere,
        **_of_question(findings, question),
    }


def _of_question(findings: Findings, question: str) -> dict[str, float]:
    count = max(len(question.split()), 1)
    return {"unknown": len(findings.unknown) / count, "short": float(count <= 3)}


def _best(found: Iterable[Evidence], *, gap: bool) -> Evidence | None:
    return next((one for one in found if one.passage.is_gap is gap), None)


def _after(found: Iterable[Evidence]) -> float:
    """The mean score of the second to sixth told passage; the first one's where it is alone."""
    told = [one.score for one in found if not one.passage.is_gap]
    return sum(told[1:6]) / len(told[1:6]) if len(told) > 1 else sum(told)


def _score(one: Evidence | None) -> float:
    return one.score if one else NONE


def _feature(one: Evidence | None, name: str) -> float:
    return one.features.get(name, 0.0) if one else 0.0


@cache
def load_gate(path: Path = WEIGHTS) -> Gate:
    """The weights in a file made by `python -m evals fit`."""
    held = json.loads(path.read_text(encoding="utf-8"))
    names = ("bias", "weights", "means", "scales", "above")
    seldom, elsewhere = (
        KindOfQuestion(held[kind]["bias"], np.asarray(held[kind]["weights"], np.float32), held[kind]["usual"])
        for kind in KINDS
    )
    covered, plain, by_words, off_topic = (Logistic(*(held[model][name] for name in names)) for model in MODELS)
    return Gate(covered, plain, by_words, off_topic, seldom, elsewhere)
