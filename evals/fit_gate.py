"""Fitting the gate: covered, silent or off topic, with thresholds from stated costs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from conversation.gate import FEATURES, WEIGHTS, Coverage, features
from conversation.understanding import understand
from evals.fit_ranking import TRAINING
from evals.items import as_message, read_items
from evals.measures import Rate
from knowledge.library import Library
from retrieval.search import Search

# What a mistake costs, in refusals of a question the documents answer.
COST_WRONG_ANSWER = 2.5  # answering what the documents are silent on
COST_REFUSAL = 1.0  # silence where the documents answer
COST_OFF_TOPIC_ANSWERED = 1.5
COST_TURNED_AWAY = 2.0  # a question on topic declined as off topic
CLASSES = (Coverage.COVERED, Coverage.OFF_TOPIC, Coverage.SILENT)
FOLDS = 10


@dataclass(frozen=True, slots=True)
class Examples:
    """Gate features of every training question with one part, and what the documents do with it."""

    ids: tuple[str, ...]
    features: NDArray[np.float64]  # (questions, features)
    labels: NDArray[np.str_]


def examples(search: Search, library: Library, path: Path = TRAINING) -> Examples:
    """Read the training questions as the gate will see them."""
    ids, rows, labels = [], [], []
    for item in read_items(path):
        question = understand(as_message(item), clinics=library.clinics, named=search.named)
        if len(question.parts) > 1:
            continue
        held = features(search(question.parts[0]), question.text)
        ids.append(item["id"])
        rows.append([held[name] for name in FEATURES])
        labels.append(str(item["coverage"]))
    return Examples(tuple(ids), np.array(rows), np.array(labels))


def fit_gate(search: Search, library: Library, path: Path = WEIGHTS) -> dict[str, Any]:
    """Fit, choose thresholds on held-back probabilities, and write the file."""
    made = examples(search, library)
    means, scales = made.features.mean(axis=0), made.features.std(axis=0) + 1e-6
    scaled = (made.features - means) / scales
    model = LogisticRegression(C=1.0, max_iter=2000, class_weight="balanced")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=7)
    held_back = cross_val_predict(model, scaled, made.labels, cv=folds, method="predict_proba")
    silent_above, off_topic_above = _thresholds(held_back, made.labels)
    model.fit(scaled, made.labels)
    written = {
        "weights": {
            str(label): {"bias": round(float(model.intercept_[row]), 4)}
            | {name: round(float(model.coef_[row][at]), 4) for at, name in enumerate(FEATURES)}
            for row, label in enumerate(model.classes_)
        },
        "means": {name: round(float(means[at]), 4) for at, name in enumerate(FEATURES)},
        "scales": {name: round(float(scales[at]), 4) for at, name in enumerate(FEATURES)},
        "silent_above": silent_above,
        "off_topic_above": off_topic_above,
        "figures": {
            "questions": len(made.ids),
            "held_back": [str(rate) for rate in _rates(held_back, made, silent_above, off_topic_above)],
            "costs": {
                "wrong_answer": COST_WRONG_ANSWER,
                "refusal": COST_REFUSAL,
                "off_topic_answered": COST_OFF_TOPIC_ANSWERED,
                "turned_away": COST_TURNED_AWAY,
            },
        },
    }
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return written


def _said(likely: NDArray[np.float64], silent_above: float, off_topic_above: float) -> Coverage:
    if likely[CLASSES.index(Coverage.OFF_TOPIC)] >= off_topic_above:
        return Coverage.OFF_TOPIC
    return Coverage.SILENT if likely[CLASSES.index(Coverage.SILENT)] >= silent_above else Coverage.COVERED


def _thresholds(held_back: NDArray[np.float64], labels: NDArray[np.str_]) -> tuple[float, float]:
    """The pair of thresholds with the least mean cost."""
    steps = [round(step, 2) for step in np.arange(0.3, 0.96, 0.02)]
    return min(
        ((silent, off) for silent in steps for off in steps),
        key=lambda pair: sum(_cost(_said(row, *pair), label) for row, label in zip(held_back, labels, strict=True)),
    )


def _cost(said: Coverage, truth: str) -> float:
    if said == truth:
        return 0.0
    if truth == Coverage.OFF_TOPIC:
        return COST_OFF_TOPIC_ANSWERED if said is Coverage.COVERED else 0.2
    if said is Coverage.OFF_TOPIC:
        return COST_TURNED_AWAY if truth == Coverage.COVERED else 0.5
    return COST_WRONG_ANSWER if said is Coverage.COVERED else COST_REFUSAL


def _rates(held_back: NDArray[np.float64], made: Examples, silent_above: float, off_topic_above: float) -> list[Rate]:
    rates = {label: Rate(f"{label} questions said to be so") for label in CLASSES}
    for name, row, label in zip(made.ids, held_back, made.labels, strict=True):
        said = _said(row, silent_above, off_topic_above)
        rates[Coverage(label)].count(said == label, name)
    return list(rates.values())
