"""What fits an item, and the line a visitor reads when something does not, in both languages."""

from datetime import UTC, datetime

import pytest

from errors import BadInput
from intake.questionnaire import Kind, Value
from intake.values import LARGEST_FILE, Given, canonical, understand
from prompts.intake import intake_words
from tests.intake.files import choice, item, made

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def one(kind: str, **more):
    return made(item("a", kind, **more)).by_id()["a"]


def typed(kind: str, words: str, language: str = "en", **more) -> Value:
    return understand(one(kind, **more), Given(words=words), language, NOW)


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("string", "  Nashville ", Value(Kind.WORDS, "Nashville")),
        ("text", "two\nlines", Value(Kind.WORDS, "two\nlines")),
        ("text", "nul\0l\x08 \ud800half\r\nnext\ttab", Value(Kind.WORDS, "null half\nnext\ttab")),
        ("text", "<b>*bold*</b> \u202eright", Value(Kind.WORDS, "<b>*bold*</b> \u202eright")),
        ("integer", "+7", Value(Kind.INTEGER, "7")),
        ("decimal", "2,50", Value(Kind.DECIMAL, "2.5")),
        ("decimal", "-0", Value(Kind.DECIMAL, "0")),
        ("quantity", "70 kg", Value(Kind.QUANTITY, "70", "kg")),
        ("date", "2025-02", Value(Kind.DATE, "2025-02")),
        ("date", "1999", Value(Kind.DATE, "1999")),
        ("dateTime", "2026-05-04 14:30", Value(Kind.DATE_TIME, "2026-05-04T14:30:00+00:00")),
        ("time", "14:30", Value(Kind.TIME, "14:30:00")),
        ("url", "https://example.org/x", Value(Kind.URL, "https://example.org/x")),
        ("reference", "Dr. Day, my GP", Value(Kind.REFERENCE, "Dr. Day, my GP")),
        ("boolean", "sort of", Value(Kind.OWN_WORDS, "sort of")),
    ],
)
def test_what_fits_is_kept_in_one_canonical_form(kind: str, words: str, value: Value):
    assert typed(kind, words) == value


@pytest.mark.parametrize(
    ("kind", "words", "line"),
    [
        ("string", "   ", "unfit.empty"),
        ("integer", "three", "unfit.integer"),
        ("integer", "3.5", "unfit.integer"),
        ("integer", "9" * 13, "unfit.integer"),
        ("integer", "٣", "unfit.integer"),
        ("decimal", "1e400", "unfit.decimal"),
        ("decimal", "NaN", "unfit.decimal"),
        ("quantity", "heavy", "unfit.decimal"),
        ("date", "yesterday", "unfit.date"),
        ("date", "2025-02-30", "unfit.date"),
        ("dateTime", "noon", "unfit.date_time"),
        ("time", "25:00", "unfit.time"),
        ("url", "not a link", "unfit.url"),
        ("url", "http://[", "unfit.url"),
    ],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_does_not_fit_gets_one_clear_line(kind: str, words: str, line: str, language: str):
    with pytest.raises(BadInput) as refused:
        typed(kind, words, language)

    assert str(refused.value) == intake_words(language)(line)


@pytest.mark.parametrize("words", ["2097-01-01", "1850", "2097"])
def test_a_date_that_cannot_be_is_asked_again_with_the_range(words: str):
    with pytest.raises(BadInput, match="not between 1901 and 2028"):
        typed("date", words)


def test_twenty_thousand_characters_are_refused_with_both_numbers():
    with pytest.raises(BadInput, match=r"20,000 characters; this place takes 4,000"):
        typed("text", "a" * 20_000)
    with pytest.raises(BadInput, match="takes 12"):
        typed("string", "a" * 20, maxLength=12)


def test_bounds_of_the_file_are_kept():
    bounds = [
        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 200},
    ]

    with pytest.raises(BadInput, match="from 0 to 200"):
        typed("integer", "201", extension=bounds)
    assert typed("integer", "0", extension=bounds).text == "0"


def test_an_option_is_kept_as_it_was_read_and_own_words_stay_own_words():
    asked = made(choice("a", "x", "y")).by_id()["a"]

    assert understand(asked, Given(option="|x"), "en", NOW) == Value(Kind.OPTION, "Say x", "x")
    assert understand(asked, Given(words="Say x"), "en", NOW) == Value(Kind.OWN_WORDS, "Say x")
    with pytest.raises(BadInput, match="not one of the answers"):
        understand(asked, Given(option="|z"), "en", NOW)


def test_a_file_is_small_and_of_a_known_kind():
    asked = one("attachment")

    given = Given(words="Two words", file_name="scan.pdf", media_type="application/pdf", content=b"%PDF")
    kept = understand(asked, given, "en", NOW)
    assert (kept.kind, kept.text, kept.code, kept.words) == (Kind.FILE, "scan.pdf", "application/pdf", "")
    for given in (
        Given(file_name="a.exe", media_type="application/x-msdownload", content=b"MZ"),
        Given(file_name="a.pdf", media_type="application/pdf", content=b"x" * (LARGEST_FILE + 1)),
    ):
        with pytest.raises(BadInput, match="at most 2 MB"):
            understand(asked, given, "en", NOW)


def test_a_canonical_value_stays_what_it_is():
    for kind, text in ((Kind.DECIMAL, "12.25"), (Kind.DATE_TIME, "2026-05-04T14:30:00+00:00"), (Kind.TIME, "07:00:00")):
        assert canonical(kind, text) == text


def test_both_languages_of_the_intake_have_the_same_words_and_blanks():
    english, spanish = intake_words("en"), intake_words("es")

    assert english.names() == spanish.names()
    for key in english.names():
        assert english.blanks(key) == spanish.blanks(key), key
        for said in (english, spanish):
            text = said(key, **dict.fromkeys(said.blanks(key), "…"))
            assert "!" not in text
            assert "¡" not in text
