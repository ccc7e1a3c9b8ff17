"""The gate: asked of each clinic's documents, and silent about what it was not fitted to."""

from dataclasses import replace

import numpy as np

from conversation.gate import (
    CLINIC_FEATURES,
    TOPIC_FEATURES,
    Gate,
    KindOfQuestion,
    Logistic,
    clinic_features,
    load_gate,
    topic_features,
)
from knowledge.source import MANY_QUESTIONS
from retrieval.evidence import Findings
from tests.conversation.made_up import LIBRARY, found


def always(answer: bool) -> Logistic:
    return Logistic(10.0 if answer else -10.0, {}, {}, {}, 0.5)


NOTHING = KindOfQuestion(0.0, np.zeros(2, np.float32), 0.0)


def gate(*, covered: bool, off_topic: bool) -> Gate:
    return Gate(always(covered), always(covered), always(covered), always(off_topic), NOTHING, NOTHING)


def test_what_is_covered_is_said_of_each_clinic_alone():
    by_score = Logistic(0.0, {"told": 1.0}, {"told": 9.8}, {"told": 0.1}, 0.5)
    reading = Gate(by_score, by_score, by_score, always(False), NOTHING, NOTHING)

    cover = reading(found("north#visits.1", "south#place.1"), "how many visits", LIBRARY.clinics)

    assert cover.clinics == {"North Clinic"}  # 10.0 against 9.5
    assert not cover.is_silent


def test_documents_without_questions_of_their_own_are_never_called_off_topic():
    cover = gate(covered=False, off_topic=True)(found("north#visits.1"), "how many visits", LIBRARY.clinics)

    assert not cover.is_off_topic
    assert cover.is_silent


def test_a_few_accepted_questions_leave_a_document_weighed_as_a_plain_one():
    reading = replace(gate(covered=False, off_topic=True), covered_plain=always(True))
    (one,) = found("north#visits.1").evidence
    few, many = (
        Findings((replace(one, passage=replace(one.passage, asked_as=("how many times",) * count)),))
        for count in (2, MANY_QUESTIONS)
    )

    assert reading(few, "how many visits", LIBRARY.clinics).clinics
    assert reading(many, "how many visits", LIBRARY.clinics).is_off_topic


def test_every_feature_the_weights_name_is_measured_and_every_measured_one_has_a_weight():
    findings = found("north#visits.1", "south#visits.1")
    shipped = load_gate()

    assert set(clinic_features(findings, "how many", "North Clinic", 0.0)) == set(CLINIC_FEATURES)
    assert set(topic_features(findings, "how many", 0.0)) == set(TOPIC_FEATURES)
    for model in (shipped.covered, shipped.covered_plain, shipped.covered_by_words):
        assert set(model.weights) == set(CLINIC_FEATURES)
    assert set(shipped.off_topic.weights) == set(TOPIC_FEATURES)


def test_a_question_that_nothing_was_found_for_is_silent_and_raises_nothing():
    cover = load_gate()(found(), "anything", LIBRARY.clinics)

    assert cover.is_silent


def test_a_kind_of_question_that_documents_leave_open_is_answered_only_on_better_evidence():
    seldom = KindOfQuestion(0.0, np.array([3.0, 0.0], np.float32), 0.0)
    weighed = Logistic(
        0.0, {"told": 1.0, "seldom": -1.0}, {"told": 8.0, "seldom": 0.0}, {"told": 1.0, "seldom": 1.0}, 0.5
    )
    reading = replace(gate(covered=True, off_topic=False), covered=weighed, covered_plain=weighed, seldom=seldom)
    findings = found("north#visits.1")  # a score of 10

    usual, rare = (replace(findings, vector=np.array(vector, np.float32)) for vector in ((0.0, 1.0), (1.0, 0.0)))

    assert not reading(usual, "how many visits", LIBRARY.clinics).is_silent
    assert reading(rare, "what does it cost", LIBRARY.clinics).is_silent


def test_a_vector_of_another_model_says_nothing_about_the_kind_of_question():
    kind = KindOfQuestion(5.0, np.ones(2, np.float32), usual=-1.0)

    assert kind.log_odds(replace(found(), vector=np.ones(3, np.float32))) == -1.0
    assert kind.log_odds(found()) == -1.0
    assert kind.log_odds(replace(found(), vector=np.array([1.0, 0.0], np.float32))) == 6.0
