"""The second reader: what it reads of a long text, where its numbers come from, and that it can be missing."""

import json

import numpy as np
import pytest

from evals.fit_triage import read_examples
from triage.classifier import ANSWER, CARD, CHECK_IN, ELSEWHERE, WEIGHTS, WINDOWS, group_of, load_classifier, windows
from triage.decision import Message, Route
from triage.triage import Triage


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
    assert WEIGHTS.stat().st_size < 2_000_000
    assert {group_of(label) for label in found.labels} <= {*Route, CHECK_IN, ANSWER, ELSEWHERE}


@pytest.mark.parametrize("broken", [RuntimeError("no session"), MemoryError()])
def test_a_broken_model_leaves_the_rules_to_decide_and_says_so(broken):
    def embed(_):
        raise broken

    triage = Triage(embed)

    assert triage(Message("i want to kill myself")).route is Route.CRISIS
    assert triage.by_rules_alone


def test_probabilities_of_every_text_sum_to_one():
    found = load_classifier()
    assert found is not None

    table = found.probabilities(["", "a", "x " * 900], lambda texts: np.full((len(texts), 384), 0.05, np.float32))

    assert np.allclose(table.sum(axis=1), 1.0, atol=1e-4)
