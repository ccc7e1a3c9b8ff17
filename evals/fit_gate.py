"""Fitting the gate: whose documents answer, and what is off topic, with thresholds from stated costs."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

from conversation.gate import (
    CLINIC_FEATURES,
    TOPIC_FEATURES,
    WEIGHTS,
    KindOfQuestion,
    clinic_features,
    topic_features,
)
from conversation.understanding import understand
from evals.fit_ranking import TRAINING, unversioned
from evals.items import Item, as_message, read_items
from evals.leaflets import Leaflets
from evals.measures import Rate
from knowledge.library import Library
from retrieval.evidence import Findings, Query
from retrieval.search import Search

# What a mistake costs, in refusals of a question that the documents answer.
COST_WRONG_ANSWER = 1.1  # silent documents, and no gap stands beside the answer though there are gaps for most matters
COST_MIXED = 0.3  # the same where a gap stands among the passages shown
COST_WRONG_PLAIN = 1.8  # silent documents in which no gap could ever say so
COST_TURNED_AWAY = 2.0  # a question on topic declined as off topic
COST_OFF_TOPIC_ANSWERED = 1.0
FOLDS = 10
# A made-up clinic's document that tells much of what others leave open, and questions it answers or does not.
TELLING = Path(__file__).parent / "training" / "lindfield.txt"
TELLING_WEIGHT = 5.0  # how often each of its few questions counts beside the many others
LEAFLET_WEIGHT = 2.0  # and each question to the made-up leaflets

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class Examples:
    """Rows of features, a yes or no each, and the question each row belongs to."""

    names: tuple[str, ...]
    rows: list[list[float]]
    yes: list[bool]
    questions: list[int]
    weights: list[float] = field(default_factory=list)

    def add(self, features: Mapping[str, float], yes: bool, question: int, weight: float = 1.0) -> None:
        """One more row."""
        self.weights.append(weight)
        self.rows.append([features[name] for name in self.names])
        self.yes.append(yes)
        self.questions.append(question)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a training question."""

    id: str
    coverage: str
    shows_gap: bool  # a gap stands close enough to the best passage to be shown with it
    text: str
    found: Findings
    clinics: tuple[str, ...]  # whose documents were asked
    answering: frozenset[str]  # the clinics whose documents answer
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A model of what sort of thing is asked, and each training question's log-odds from one that has not seen it."""

    written: dict[str, Any]
    held_back: dict[str, float]  # by the question's id

    def of(self, asked: Asked) -> float:
        """The held-back log-odds of a question; nothing where it was found by words alone."""
        if asked.found.vector is None:
            return 0.0
        seen = self.held_back.get(asked.id)
        return self.model.log_odds(asked.found) if seen is None else seen

    @property
    def model(self) -> KindOfQuestion:
        """The model as the gate reads it."""
        return KindOfQuestion(
            self.written["bias"], np.asarray(self.written["weights"], np.float32), self.written["usual"]
        )


def fit_gate(
    search: Search,
    plain: Search,
    telling: Search,
    library: Library,
    small: Search,
    leaflets: Leaflets,
    path: Path = WEIGHTS,
) -> dict[str, Any]:
    """Fit the models, choose their thresholds on held-back probabilities, and write the file.

    `plain` searches the same documents without their `asked as` lines and gaps, as a clinic's own would come;
    `telling` searches the document of TELLING, `small` the leaflets.
    """
    asked = searched(search, library)
    on_topic = [one for one in asked if one.coverage != "off_topic"]
    seldom = _kind(asked, on_topic, lambda one: one.coverage == "silent")
    elsewhere = _kind(asked, asked, lambda one: one.coverage == "off_topic")
    topics = Examples(tuple(TOPIC_FEATURES), [], [], [])
    for number, one in enumerate(asked):
        topics.add(topic_features(one.found, one.text, elsewhere.of(one)), one.coverage == "off_topic", number)
    by_topic = _held_back(topics)
    off_topic = _cheapest(
        lambda above: sum(_cost_of_topic(of, p >= above) for of, p in zip(asked, by_topic, strict=True))
    )
    covered, rates = _answering(asked, seldom)
    plainly = searched(plain, library)
    plainly += told(telling, read_items(TELLING.with_suffix(".jsonl")), TELLING_WEIGHT)
    plainly += told(small, leaflets.items, LEAFLET_WEIGHT)
    plain_covered, plain_rates = _answering(plainly, seldom, COST_WRONG_PLAIN)
    word_covered, word_rates = _answering(searched(replace(search, dense=None, embed=None), library), seldom)
    topic_rates = [Rate("off topic, said to be"), Rate("on topic, kept")]
    for of, likely in zip(asked, by_topic, strict=True):
        is_off = of.coverage == "off_topic"
        topic_rates[not is_off].count(bool(likely >= off_topic) == is_off, of.id)
    written = {
        "covered": covered,
        "covered_plain": plain_covered,
        "covered_by_words": word_covered,
        "off_topic": _model(topics, off_topic),
        "seldom": seldom.written,
        "elsewhere": elsewhere.written,
        "figures": {
            "questions": len(asked),
            "held_back": [str(rate) for rate in (*rates, *topic_rates)],
            "held_back_plain": [str(rate) for rate in plain_rates],
            "held_back_by_words": [str(rate) for rate in word_rates],
            "costs": {
                "refusal": 1.0,
                "wrong_answer": COST_WRONG_ANSWER,
                "wrong_answer_plain": COST_WRONG_PLAIN,
                "mixed": COST_MIXED,
                "turned_away": COST_TURNED_AWAY,
                "off_topic_answered": COST_OFF_TOPIC_ANSWERED,
            },
        },
    }
    lines = re.sub(r"(?<=[\[,])\s+(?=-?\d)|(?<=\d)\s+(?=\])", "", json.dumps(written, indent=1))  # a vector a line
    path.write_text(lines + "\n", encoding="utf-8")
    return written


def _kind(asked: list[Asked], fitted_to: list[Asked], is_kind: Callable[[Asked], bool]) -> Kind:
    """A model over the questions' vectors alone; those it is fitted to are held back in turn."""
    rows = np.array([one.found.vector for one in fitted_to])
    yes = np.array([is_kind(one) for one in fitted_to])
    model = LogisticRegression(max_iter=2000)
    folds = KFold(FOLDS, shuffle=True, random_state=1)
    likely = cross_val_predict(model, rows, yes, cv=folds, method="decision_function")
    model.fit(rows, yes)
    every = model.decision_function(np.array([one.found.vector for one in asked]))
    held_back = dict(zip((one.id for one in asked), map(float, every), strict=True))
    held_back |= dict(zip((one.id for one in fitted_to), map(float, likely), strict=True))
    written = {
        "bias": round(float(model.intercept_[0]), 4),
        "usual": round(float(np.mean(every)), 4),
        "weights": [round(float(weight), 3) for weight in model.coef_[0]],
    }
    return Kind(written, held_back)


def _answering(asked: list[Asked], seldom: Kind, wrong: float = COST_WRONG_ANSWER) -> tuple[dict[str, Any], list[Rate]]:
    """A model with the cheapest threshold for "some document answers", and how often it is right when held back."""
    clinics = Examples(tuple(CLINIC_FEATURES), [], [], [])
    for number, one in enumerate(asked):
        for clinic in one.clinics:
            features = clinic_features(one.found, one.text, clinic, seldom.of(one))
            clinics.add(features, clinic in one.answering, number, one.weight)
    by_row = _held_back(clinics)
    best = [0.0] * len(asked)
    for likely, question in zip(by_row, clinics.questions, strict=True):
        best[question] = max(best[question], float(likely))
    above = _cheapest(
        lambda step: sum(of.weight * _cost_of_answer(of, p >= step, wrong) for of, p in zip(asked, best, strict=True))
    )
    rates = [Rate("covered, answered"), Rate("silent, said to be")]
    for of, likely in zip(asked, best, strict=True):
        if of.coverage != "off_topic":
            rates[of.coverage == "silent"].count((likely >= above) is (of.coverage == "covered"), of.id)
    return _model(clinics, above), rates


def searched(search: Search, library: Library, path: Path = TRAINING) -> list[Asked]:
    """The training questions with one part, and what a search finds for each."""
    told = {unversioned(key): passage.clinic for key, passage in library.passages.items() if not passage.is_gap}
    asked: list[Asked] = []
    for item in read_items(path):
        question = understand(as_message(item), clinics=library.clinics, named=search.named)
        if len(question.parts) > 1:
            continue
        found = search(question.parts[0])
        asked.append(
            Asked(
                id=item["id"],
                coverage=item["coverage"],
                shows_gap=any(one.passage.is_gap for one in found.evidence[:3]),
                text=question.text,
                found=found,
                clinics=tuple(question.clinics or found.named or library.clinics),
                answering=frozenset(told[name] for name in item.get("passages") or () if name in told),
            )
        )
    return asked


def told(telling: Search, items: list[Item], weight: float) -> list[Asked]:
    """The questions to a made-up clinic, and what a search finds for each."""
    clinic = next(iter(telling.words.routes))
    asked = []
    for item in items:
        found = telling(Query(item["message"]))
        answering = frozenset({clinic} if item["coverage"] == "covered" else ())
        asked.append(Asked(item["id"], item["coverage"], False, item["message"], found, (clinic,), answering, weight))
    return asked


def _standardised(made: Examples) -> tuple[Numbers, Numbers, Numbers]:
    rows = np.array(made.rows)
    means, scales = rows.mean(axis=0), np.maximum(rows.std(axis=0), 0.001)
    return (rows - means) / scales, means, scales


def _held_back(made: Examples) -> Numbers:
    """The probability of yes a row, from models that have not seen its question."""
    rows, _, _ = _standardised(made)
    folds = GroupKFold(FOLDS)
    model = LogisticRegression(max_iter=2000)
    likely = cross_val_predict(
        model,
        rows,
        np.array(made.yes),
        groups=made.questions,
        cv=folds,
        params={"sample_weight": np.array(made.weights)},
        method="predict_proba",
    )
    return np.asarray(likely[:, 1], np.float64)


def _model(made: Examples, above: float) -> dict[str, Any]:
    rows, means, scales = _standardised(made)
    model = LogisticRegression(max_iter=2000).fit(rows, np.array(made.yes), sample_weight=np.array(made.weights))

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


def _cost_of_answer(of: Asked, said_answered: bool, wrong: float) -> float:
    if of.coverage == "covered":
        return 0.0 if said_answered else 1.0
    if of.coverage == "off_topic" or not said_answered:
        return 0.0
    return COST_MIXED if of.shows_gap else wrong
