"""The second reader: what it reads of a long text, where its numbers come from, and that it can be missing."""

import json

import numpy as np
import pytest

from evals.fit_triage import read_examples
from triage import classifier
from triage.classifier import (
    _LASTS,
    ANSWER,
    CARD,
    CHECK_IN,
    ELSEWHERE,
    ENCODER,
    OF_THE_PAGE,
    WINDOWS,
    Curve,
    group_of,
    load_classifier,
    log_odds,
    windows,
)
from triage.decision import Message, Route
from triage.triage import Triage


def blank(texts):
    """An embedder that says nothing about any text."""
    return np.full((len(texts), 384), 0.05, np.float32)


def test_the_first_and_the_last_sentence_of_a_long_story_are_read():
    story = "We had a dog. " + "The weather was fine by the lake that summer. " * 80 + "And now I am done with it all."

    read = windows(story)

    assert read[0] == story
    assert read[-1] == "And now I am done with it all."
    assert "We had a dog." in read[1]
    assert len(read) <= WINDOWS + 1


def test_a_short_message_is_read_once_and_whole():
    assert windows("  how many infusions are there ") == ["how many infusions are there"]
    assert windows("   ") == []


def test_the_fitted_file_knows_the_examples_it_was_fitted_on():
    card = json.loads(CARD.read_text(encoding="utf-8"))

    assert card["examples_sha256"] == read_examples().fingerprint, "run `python -m evals fit triage`"


def test_weights_are_small_and_every_label_is_decided():
    found = load_classifier()

    assert found is not None
    assert ENCODER.stat().st_size < 12_000_000
    assert {group_of(label) for label in found.labels} <= {*Route, *OF_THE_PAGE, CHECK_IN, ANSWER, ELSEWHERE}
    assert {*found.curves} <= {*found.thresholds}


@pytest.mark.parametrize("name", ["ENCODER", "WEIGHTS"])
def test_a_fitted_file_that_is_not_of_this_fit_is_not_used(name, tmp_path, monkeypatch):
    damaged = tmp_path / getattr(classifier, name).name
    held = bytearray(getattr(classifier, name).read_bytes())
    held[-1] ^= 1
    damaged.write_bytes(held)
    monkeypatch.setattr(classifier, name, damaged)

    assert load_classifier() is None
    assert Triage(blank)(Message("i want to kill myself")).route is Route.CRISIS


@pytest.mark.parametrize("broken", [RuntimeError("no session"), MemoryError()])
def test_a_broken_model_leaves_the_rules_to_decide_and_says_so(broken):
    def embed(_):
        raise broken

    triage = Triage(embed)

    assert triage(Message("i want to kill myself")).route is Route.CRISIS
    assert triage.by_rules_alone


@pytest.mark.parametrize("text", ["", "a", "x " * 900, "I read it twice. " * 300])
def test_any_text_can_be_read_without_an_error(text):
    found = load_classifier()
    assert found is not None

    verdicts, _ = found.read(text, blank)

    assert all(verdict.score is not None and 0 <= verdict.score <= 1 for verdict in verdicts)


def test_chances_add_up_to_one_and_odds_stay_within_bounds():
    found = load_classifier()
    assert found is not None

    table = found.chances(["one", "two"], blank)

    assert np.allclose(table.sum(axis=1), 1, atol=1e-5)
    assert np.array_equal(log_odds(np.array([0.0, 0.5, 1.0], np.float32)), [-12.0, 0.0, 12.0])


def test_one_grave_sentence_raises_the_chance_of_a_long_text():
    curve = Curve(whole=3.0, sentence=3.0, long=-0.5, offset=-4.0)

    calm = curve.chance(np.array([-2.0, -2.0, -2.0], np.float32))
    grave = curve.chance(np.array([-2.0, -2.0, 4.0], np.float32))

    assert calm < 0.1 < grave


def test_a_longer_text_needs_surer_signs_and_one_that_says_all_is_well_surer_ones_still():
    found = load_classifier()
    assert found is not None
    least = found.thresholds

    assert least["near_danger"] < least[Route.CRISIS] < least["long"] < least["though_well"]


@pytest.mark.parametrize(
    "text",
    ["my elbow clicks for three years", "a rash that won't go away", "me duele la rodilla desde hace meses"],
)
def test_what_has_lasted_for_long_is_told_from_what_happens_now(text):
    assert _LASTS.search(text)
    assert not _LASTS.search("my throat is closing and i cannot get air")
