"""A passage that holds what is asked for is told from one that does not."""

import pytest

from retrieval.detail import detail

HOUSE = "Nora Quill, RN, meets you at the door. One visit costs $40; ring 555-012-3456 before ten."


@pytest.mark.parametrize(
    "question",
    [
        "what does a visit cost",
        "phone number",
        "who meets me at the door",
        "how much is it and what is the phone number",
    ],
)
def test_a_passage_holds_the_detail_that_is_asked_for(question: str):
    assert detail(question, HOUSE) == 1


@pytest.mark.parametrize("question", ["what is the price", "is there a telephone", "who opens the door"])
def test_a_passage_without_it_does_not(question: str):
    assert detail(question, "The house stands on a hill and has a blue door.") == -1


@pytest.mark.parametrize(
    "question", ["what is the house like", "someone who sleeps badly", "pay attention to the door"]
)
def test_a_question_for_no_such_thing_speaks_for_no_passage(question: str):
    assert detail(question, HOUSE) == 0


def test_half_of_two_details_counts_neither_way():
    assert detail("what does it cost and what is the e-mail", HOUSE) == 0


def test_a_number_is_a_detail_but_not_a_sure_one():
    assert detail("how many doors are there", "There are four doors.") == 1
    assert detail("how many doors are there", "There are four doors.", sure=True) == 0
