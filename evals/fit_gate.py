"""Fitting the gate: whose documents answer, and what is off topic, with thresholds from stated costs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from conversation.gate import CLINIC_FEATURES, TOPIC_FEATURES, WEIGHTS, clinic_features, topic_features
from conversation.understanding import understand
from evals.fit_ranking import TRAINING, unversioned
from evals.items import as_message, read_items
from evals.measures import Rate
from knowledge.library import Library
from retrieval.search import Search

# What a mistake costs, in refusals of a question that the documents answer.
COST_WRONG_ANSWER = 1.5  # silent documents, and nothing beside the answer that says so
COST_MIXED = 0.6  # the same where a gap stands among the passages shown
COST_TURNED_AWAY = 2.0  # a question on topic declined as off topic
COST_OFF_TOPIC_ANSWERED = 1.0
FOLDS = 10

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class Examples:
    """Rows of features, a yes or no each, and the question each row belongs to."""

    names: tuple[str, ...]
    rows: list[list[float]]
    yes: list[bool]
    questions: list[int]

    def add(self, features: Mapping[str, float], yes: bool, question: int) -> None:
        """One more row."""
        self.rows.append([features[name] for name in self.names])
        self.yes.append(yes)
        self.questions.append(question)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a training question."""

    id: str
    coverage: str
    shows_gap: bool  # a gap stands close enough to the best passage to be shown with it


def fit_gate(search: Search, plain: Search, library: Library, path: Path = WEIGHTS) -> dict[str, Any]:
    """Fit the models, choose their thresholds on held-back probabilities, and write the file.

    `plain` searches the same documents without their `asked as` lines and gaps, as a clinic's own would come.
    """
    asked, clinics, topics = examples(search, library)
    plainly, plain_clinics, _ = examples(plain, library)
    by_topic = _held_back(topics)
    off_topic = _cheapest(
        lambda above: sum(_cost_of_topic(of, p >= above) for of, p in zip(asked, by_topic, strict=True))
    )
    answered, rates = _answering(asked, clinics)
    answered_plain, plain_rates = _answering(plainly, plain_clinics)
    worded, word_clinics, _ = examples(replace(search, dense=None, embed=None), library)
    answered_by_words, word_rates = _answering(worded, word_clinics)
    topic_rates = [Rate("off topic, said to be"), Rate("on topic, kept")]
    for of, likely in zip(asked, by_topic, strict=True):
        is_off = of.coverage == "off_topic"
        topic_rates[not is_off].count(bool(likely >= off_topic) == is_off, of.id)
    written = {
        "covered": _model(clinics, answered),
        "covered_plain": _model(plain_clinics, answered_plain),
        "covered_by_words": _model(word_clinics, answered_by_words),
        "off_topic": _model(topics, off_topic),
        "figures": {
            "questions": len(asked),
            "held_back": [str(rate) for rate in (*rates, *topic_rates)],
            "held_back_plain": [str(rate) for rate in plain_rates],
            "held_back_by_words": [str(rate) for rate in word_rates],
            "costs": {
                "refusal": 1.0,
                "wrong_answer": COST_WRONG_ANSWER,
                "mixed": COST_MIXED,
                "turned_away": COST_TURNED_AWAY,
                "off_topic_answered": COST_OFF_TOPIC_ANSWERED,
            },
        },
    }
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return written


def _answering(asked: list[Asked], clinics: Examples) -> tuple[float, list[Rate]]:
    """The cheapest threshold for "some document answers", and how often it is right on held-back questions."""
    by_row = _held_back(clinics)
    best = [0.0] * len(asked)
    for likely, question in zip(by_row, clinics.questions, strict=True):
        best[question] = max(best[question], float(likely))
    above = _cheapest(lambda step: sum(_cost_of_answer(of, p >= step) for of, p in zip(asked, best, strict=True)))
    rates = [Rate("covered, answered"), Rate("silent, said to be")]
    for of, likely in zip(asked, best, strict=True):
        if of.coverage != "off_topic":
            rates[of.coverage == "silent"].count((likely >= above) is (of.coverage == "covered"), of.id)
    return above, rates


def examples(search: Search, library: Library, path: Path = TRAINING) -> tuple[list[Asked], Examples, Examples]:
    """The training questions with one part, as the gate will see them: by clinic, and as a whole."""
    told = {unversioned(key): passage.clinic for key, passage in library.passages.items() if not passage.is_gap}
    asked: list[Asked] = []
    clinics, topics = Examples(tuple(CLINIC_FEATURES), [], [], []), Examples(tuple(TOPIC_FEATURES), [], [], [])
    for item in read_items(path):
        question = understand(as_message(item), clinics=library.clinics, named=search.named)
        if len(question.parts) > 1:
            continue
        found = search(question.parts[0])
        answering = {told.get(name) for name in item.get("passages") or ()}
        for clinic in question.clinics or found.named or library.clinics:
            clinics.add(clinic_features(found, question.text, clinic), clinic in answering, len(asked))
        topics.add(topic_features(found, question.text), item["coverage"] == "off_topic", len(asked))
        asked.append(Asked(item["id"], item["coverage"], any(one.passage.is_gap for one in found.evidence[:3])))
    return asked, clinics, topics


def _standardised(made: Examples) -> tuple[Numbers, Numbers, Numbers]:
    rows = np.array(made.rows)
    means, scales = rows.mean(axis=0), np.maximum(rows.std(axis=0), 0.001)
    return (rows - means) / scales, means, scales


def _held_back(made: Examples) -> Numbers:
    """The probability of yes a row, from models that have not seen its question."""
    rows, _, _ = _standardised(made)
    folds = GroupKFold(FOLDS)
    model = LogisticRegression(max_iter=2000)
    likely = cross_val_predict(model, rows, np.array(made.yes), groups=made.questions, cv=folds, method="predict_proba")
    return np.asarray(likely[:, 1], np.float64)


def _model(made: Examples, above: float) -> dict[str, Any]:
    rows, means, scales = _standardised(made)
    model = LogisticRegression(max_iter=2000).fit(rows, np.array(made.yes))

    def named(values: Numbers) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(made.names, values, strict=True)}

    return {
        "bias": round(float(model.intercept_[0]), 4),
        "weights": named(model.coef_[0]),
        "means": named(means),
        "scales": named(scales),
        "above": above,
    }


def _cheapest(cost: Callable[[float], float]) -> float:
    return min((round(float(step), 2) for step in np.arange(0.1, 0.96, 0.02)), key=cost)


def _cost_of_topic(of: Asked, said_off_topic: bool) -> float:
    if of.coverage == "off_topic":
        return 0.0 if said_off_topic else COST_OFF_TOPIC_ANSWERED
    return COST_TURNED_AWAY if said_off_topic else 0.0


def _cost_of_answer(of: Asked, said_answered: bool) -> float:
    if of.coverage == "covered":
        return 0.0 if said_answered else 1.0
    if of.coverage == "off_topic" or not said_answered:
        return 0.0
    return COST_MIXED if of.shows_gap else COST_WRONG_ANSWER
