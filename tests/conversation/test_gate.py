"""The gate: asked of each clinic's documents, and silent about what it was not fitted to."""

from conversation.gate import (
    CLINIC_FEATURES,
    TOPIC_FEATURES,
    Gate,
    Logistic,
    clinic_features,
    load_gate,
    topic_features,
)
from tests.conversation.made_up import LIBRARY, found


def always(answer: bool) -> Logistic:
    return Logistic(10.0 if answer else -10.0, {}, {}, {}, 0.5)


def gate(*, covered: bool, off_topic: bool) -> Gate:
    return Gate(always(covered), always(covered), always(covered), always(off_topic))


def test_what_is_covered_is_said_of_each_clinic_alone():
    by_score = Logistic(0.0, {"told": 1.0}, {"told": 9.8}, {"told": 0.1}, 0.5)
    reading = Gate(by_score, by_score, by_score, always(False))

    cover = reading(found("north#visits.1", "south#place.1"), "how many visits", LIBRARY.clinics)

    assert cover.clinics == {"North Clinic"}  # 10.0 against 9.5
    assert not cover.is_silent


def test_documents_without_questions_of_their_own_are_never_called_off_topic():
    cover = gate(covered=False, off_topic=True)(found("north#visits.1"), "how many visits", LIBRARY.clinics)

    assert not cover.is_off_topic
    assert cover.is_silent


def test_every_feature_the_weights_name_is_measured_and_every_measured_one_has_a_weight():
    findings = found("north#visits.1", "south#visits.1")
    shipped = load_gate()

    assert set(clinic_features(findings, "how many", "North Clinic")) == set(CLINIC_FEATURES)
    assert set(topic_features(findings, "how many")) == set(TOPIC_FEATURES)
    for model in (shipped.covered, shipped.covered_plain, shipped.covered_by_words):
        assert set(model.weights) == set(CLINIC_FEATURES)
    assert set(shipped.off_topic.weights) == set(TOPIC_FEATURES)


def test_a_question_that_nothing_was_found_for_is_silent_and_raises_nothing():
    cover = load_gate()(found(), "anything", LIBRARY.clinics)

    assert cover.is_silent
