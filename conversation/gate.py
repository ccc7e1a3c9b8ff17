"""Do the documents answer this? Three classes from few features, by fitted weights."""

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from retrieval.evidence import Findings

WEIGHTS = Path(__file__).with_name("gate.json")

FEATURES = {
    "best": "score of the best passage",
    "best_gap": "score of the best gap passage, less the best other's",
    "second": "how far the second passage stands behind the first",
    "dense": "the best passage's largest cosine (0 without a model)",
    "asked": "the best cosine to an `asked as` line",
    "words": "BM25 of the best passage's words",
    "unknown": "share of the question's content words that stand in no document",
    "short": "1 for a question of at most three words",
}


class Coverage(StrEnum):
    """What the documents do with a question."""

    COVERED = "covered"
    SILENT = "silent"  # on topic, not in the documents
    OFF_TOPIC = "off_topic"


@dataclass(frozen=True, slots=True)
class Gate:
    """A multinomial logistic model over FEATURES; `weights[coverage]["bias"]` is its constant."""

    weights: dict[str, dict[str, float]]
    means: dict[str, float]
    scales: dict[str, float]
    silent_above: float  # probability of silence from which the documents are said to be silent
    off_topic_above: float

    def probabilities(self, features: dict[str, float]) -> dict[Coverage, float]:
        """A probability a coverage; they add up to one."""
        logits = {
            coverage: held["bias"]
            + sum(
                weight * (features[name] - self.means[name]) / self.scales[name]
                for name, weight in held.items()
                if name != "bias"
            )
            for coverage, held in self.weights.items()
        }
        top = max(logits.values())
        parts = {coverage: math.exp(value - top) for coverage, value in logits.items()}
        return {Coverage(coverage): part / sum(parts.values()) for coverage, part in parts.items()}

    def __call__(self, findings: Findings, question: str) -> Coverage:
        """The coverage on a question, by the costs its thresholds were fitted to."""
        likely = self.probabilities(features(findings, question))
        if likely[Coverage.OFF_TOPIC] >= self.off_topic_above:
            return Coverage.OFF_TOPIC
        return Coverage.SILENT if likely[Coverage.SILENT] >= self.silent_above else Coverage.COVERED


def features(findings: Findings, question: str) -> dict[str, float]:
    """The gate's view of what a search found."""
    count = max(len(question.split()), 1)
    scores = [one.score for one in findings.evidence]
    told = max((one.score for one in findings.evidence if not one.passage.is_gap), default=-5.0)
    gaps = max((one.score for one in findings.evidence if one.passage.is_gap), default=-5.0)
    best = findings.evidence[0].features if findings.evidence else {}
    return {
        "best": max(scores, default=-5.0),
        "best_gap": max(min(gaps - told, 5.0), -5.0),
        "second": scores[0] - scores[1] if len(scores) > 1 else 0.0,
        "dense": max((best.get(name, 0.0) for name in ("dense_passage", "dense_sentence", "dense_asked")), default=0.0),
        "asked": max((one.features.get("dense_asked", 0.0) for one in findings.evidence), default=0.0),
        "words": best.get("words", 0.0),
        "unknown": len(findings.unknown) / count,
        "short": float(count <= 3),
    }


@cache
def load_gate(path: Path = WEIGHTS) -> Gate:
    """The weights in a file made by `python -m evals fit`."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return Gate(held["weights"], held["means"], held["scales"], held["silent_above"], held["off_topic_above"])
