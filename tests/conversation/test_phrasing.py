"""A model words a draft: each sentence keeps the span it says again, and the model never reads the visitor."""

import pytest

from conversation.calls import Call, Outcome
from conversation.compose import Composer
from conversation.phrasing import Phrasing
from errors import Unavailable
from tests.conversation.made_up import LIBRARY, covered
from tests.conversation.recorded import Says, model_that

PASSAGE = LIBRARY.passages["north@1#visits.1"]
STATEMENTS = Composer(LIBRARY, covered).of_choice((PASSAGE, sentence) for sentence in PASSAGE.sentences)


def phrased(values, kept: list[Call] | None = None):
    chat, calls = Says(values), [] if kept is None else kept
    written = Phrasing(model_that(chat), LIBRARY, calls.append)("am i a candidate, ask for Marisol", STATEMENTS)
    return written, chat


def test_each_sentence_carries_the_span_of_the_one_it_says_again():
    kept: list[Call] = []
    written, _ = phrased(
        {"sentences": [{"number": 2, "text": "You come on a weekday."}, {"number": 1, "text": "First, four visits."}]},
        kept,
    )

    assert [one.text for one in written] == ["First, four visits.", "You come on a weekday."]
    assert [one.span for one in written] == [statement.span for statement in STATEMENTS]
    assert [call.outcome for call in kept] == [Outcome.USED]


def test_the_visitor_s_words_are_not_shown_to_it():
    _, chat = phrased({"sentences": [{"number": 1, "text": "Four visits."}]})

    assert "Visits" in chat.seen[0]
    assert not any(word in chat.seen[0] for word in ("candidate", "Marisol"))


def test_a_sentence_for_a_number_it_was_not_shown_is_dropped():
    written, _ = phrased(
        {
            "sentences": [
                {"number": 7, "text": "It is free."},
                {"number": 1, "text": "Four."},
                {"number": "2", "text": "x"},
                4,
            ]
        }
    )

    assert [one.text for one in written] == ["Four."]


def test_a_sentence_that_runs_on_is_dropped():
    written, _ = phrased({"sentences": [{"number": 1, "text": "so " * 200}, {"number": 2, "text": "On a weekday."}]})

    assert [one.text for one in written] == ["On a weekday."]


@pytest.mark.parametrize("values", [{}, {"sentences": []}, {"sentences": "Four."}, TimeoutError(), {"text": "Four."}])
def test_without_anything_to_use_the_statements_stand_as_they_are(values):
    kept: list[Call] = []
    with pytest.raises(Unavailable):
        phrased(values, kept)

    assert len(kept) == 1
    assert kept[0].outcome is not Outcome.USED
