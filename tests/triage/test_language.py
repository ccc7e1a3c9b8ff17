"""The language of a message: few words are enough, and what does not tell stays in the language before it."""

import pytest

from triage.decision import Language
from triage.language import language_of


@pytest.mark.parametrize(
    "text", ["voy a suicidarme", "me voy a matar", "me corto", "no aguanto", "No sé", "ayuda", "¿cuánto cuesta?"]
)
def test_short_spanish_is_read_as_spanish(text):
    assert language_of(text) is Language.SPANISH


@pytest.mark.parametrize(
    "text", ["no", "nvm", "not safe", "i want to die", "no idea", "help me", "a ketamine question"]
)
def test_short_english_is_read_as_english(text):
    assert language_of(text) is Language.ENGLISH


@pytest.mark.parametrize("text", ["no", "ok", "sí", "jaja", "988", "Safe"])
def test_a_word_that_does_not_tell_keeps_the_language_of_the_conversation(text):
    assert language_of(text, ["no", "mi marido me pega"]) is Language.SPANISH


def test_a_whole_sentence_changes_the_language_of_the_conversation():
    assert language_of("can you say it in english", ["mi marido me pega"]) is Language.ENGLISH
