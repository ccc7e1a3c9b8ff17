"""The page's short words, in both languages."""

import re
from pathlib import Path

import pytest

from prompts.page import page_words

SCREENS = Path(__file__).parents[2] / "screens"


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    english, spanish = page_words("en"), page_words("es")

    assert english.names() == spanish.names()
    assert {key: english.blanks(key) for key in english.names()} == {
        key: spanish.blanks(key) for key in spanish.names()
    }


def test_every_word_a_screen_asks_for_is_there() -> None:
    asked = set()
    for file in SCREENS.glob("*.py"):
        asked |= set(re.findall(r"words\(\s*\"([a-z_]+\.[a-z_]+)\"", file.read_text(encoding="utf-8")))

    assert asked
    assert asked <= page_words("en").names()


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_word_of_the_page_shouts_or_promises(language: str) -> None:
    words = page_words(language)
    for key in words.names():
        text = words(key, **dict.fromkeys(words.blanks(key), "…"))
        assert "!" not in text, key
        assert "will contact you" not in text, key


def test_a_language_we_do_not_have_reads_english() -> None:
    assert page_words("fr")("frame.leave") == page_words("en")("frame.leave")
