"""Values on their way into the page."""

import html
import unicodedata
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from screens.markup import clock, label, shown


@given(st.text())
def test_no_text_brings_a_tag_or_a_hidden_character_onto_the_page(text: str) -> None:
    markup = shown(text)

    assert "<" not in markup
    assert '"' not in markup
    assert not [letter for letter in markup if unicodedata.bidirectional(letter) in ("RLO", "LRO", "RLE", "LRE", "PDF")]
    assert "\x00" not in markup


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs"))))
def test_ordinary_text_reads_the_same_on_the_page(text: str) -> None:
    assert html.unescape(shown(text)) == text


def test_a_label_means_nothing_to_markdown() -> None:
    assert label("[a](b) *c* :red[d]") == r"\[a\]\(b\) \*c\* \:red\[d\]"


def test_another_day_carries_its_date() -> None:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    now = datetime.now(UTC)
    yesterday = now - timedelta(days=1)

    assert clock(now, UTC, days) == f"{now:%H:%M}"
    assert clock(yesterday, UTC, days) == f"{days[yesterday.weekday()]} {yesterday:%H:%M}"
    assert clock(datetime(2020, 1, 2, 3, 4, tzinfo=UTC), UTC, days) == "2020-01-02 03:04"
