import pytest

from conversation.table import Row, Surety, rows_of, side_by_side
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.source import Kind


@pytest.fixture(scope="module")
def library() -> Library:
    return read_folder(SHIPPED)


@pytest.fixture(scope="module")
def rows(library: Library) -> tuple[Row, ...]:
    return rows_of(library.passages.values(), library)


def test_a_gap_is_no_finding(rows: tuple[Row, ...]) -> None:
    assert rows
    assert not any(row.statement.is_gap for row in rows)


def test_every_cell_is_in_the_sources_own_words(rows: tuple[Row, ...], library: Library) -> None:
    for row in rows:
        text = " ".join(library.sources[row.statement.span.source].text.split())
        assert " ".join(row.statement.text.split()) in text
        assert row.population in " ".join(library.passages[row.statement.span.passage].text.split())
        assert all(words.lower() in text.lower() for words in row.by_words.split(", "))


def test_a_study_in_animals_says_which_and_a_sentence_that_hides_them_is_flagged(rows: tuple[Row, ...]) -> None:
    studied = [row for row in rows if row.statement.kind is Kind.ANIMAL_STUDY]

    assert studied
    for row in studied:
        named = any(word in row.statement.text.lower() for word in ("mice", "mouse", "animal", "rat"))
        assert named or "in-mice" in row.flags


def test_what_the_clinic_reads_into_a_study_is_flagged(rows: tuple[Row, ...]) -> None:
    (row,) = [one for one in rows if one.statement.text.startswith("Music City Ketamine reads the study in mice")]

    assert row.says_too_much
    assert row.flags == ("clinics-own-reading",)
    assert row.population == "mice"


@pytest.mark.parametrize("surety", Surety)
def test_the_words_that_make_it_so_are_named(rows: tuple[Row, ...], surety: Surety) -> None:
    found = [row for row in rows if row.surety is surety]

    assert found
    assert all(bool(row.by_words) is (surety is not Surety.PLAIN) for row in found)


def test_a_topic_of_two_clinics_stands_side_by_side(rows: tuple[Row, ...]) -> None:
    beside = side_by_side(rows)

    assert "what-anhedonia-is" in beside
    assert all(len(clinics) > 1 for clinics in beside.values())
