import pytest

from conversation.clauses import read
from conversation.figures import Sort, figures, matches


@pytest.mark.parametrize(
    ("text", "sort", "low", "high"),
    [
        ("six visits", Sort.COUNT, 6, 6),
        ("half a dozen visits", Sort.COUNT, 6, 6),
        ("twenty-four visits", Sort.COUNT, 24, 24),
        ("one of the two core signs", Sort.COUNT, 2, 2),
        ("between 20% and 35% of people", Sort.SHARE, 0.2, 0.35),
        ("nine in ten people", Sort.SHARE, 0.9, 0.9),
        ("two thirds of people", Sort.SHARE, 2 / 3, 2 / 3),
        ("half of the people", Sort.SHARE, 0.5, 0.5),
        ("4-6 weeks", Sort.TIME, 28, 42),
        ("four to six weeks", Sort.TIME, 28, 42),
        ("half an hour", Sort.TIME, 1 / 48, 1 / 48),
        ("by the 5th visit", Sort.ORDINAL, 5, 5),
        ("by session number five", Sort.ORDINAL, 5, 5),
        ("in 2024", Sort.YEAR, 2024, 2024),
        ("once a month", Sort.RATE, 1, 1),
        ("weekly visits", Sort.RATE, 1, 1),
        ("ring 555-010-4477", Sort.PHONE, 5550104477, 5550104477),
        ("3,000 people", Sort.COUNT, 3000, 3000),
    ],
)
def test_figures_are_read_in_digits_and_in_words(text: str, sort: Sort, low: float, high: float) -> None:
    (figure,) = figures(read(text))

    assert figure.sort is sort
    assert (figure.low, figure.high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    "text", ["People may forget", "as seen in earlier work [2]", "someone at once", "a daily routine"]
)
def test_what_is_no_figure_is_left_alone(text: str) -> None:
    assert not [figure for figure in figures(read(text)) if figure.sure]


@pytest.mark.parametrize(
    ("claimed", "given", "same"),
    [
        ("two weeks", "14 days", True),
        ("a week or more", "5 to 10 days", True),
        ("4 to 6 days", "4 to 6 weeks", False),
        ("just under a quarter of visits", "22% of visits", True),
        ("roughly 40% of patients", "roughly 37% of patients", False),
        ("May 2025", "March 2025", False),
        ("spring 2025", "May 2025", True),
        ("visit five", "the 5th visit", True),
        ("three visits", "the third dose", False),
        ("once a month", "once a week", False),
    ],
)
def test_a_figure_answers_to_its_equal_in_another_form(claimed: str, given: str, same: bool) -> None:
    mine, theirs = (figures(read(text))[0] for text in (claimed, given))

    assert matches(mine, theirs) is same
