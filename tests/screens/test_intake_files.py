"""Files on the intake's page: what may be said of each, danger that comes while something is typed, taking away."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from intake.intakes import View
from intake.questionnaire import Kind
from intake.values import Given
from prompts.intake import intake_words
from tests.intake.files import item, source
from tests.screens.fakes import FakeHouse, fake_house
from tests.screens.test_ask import press, words
from tests.screens.test_intake import LINK, at, opened, view

PDF = "application/pdf"
DANGER = "i want to kill myself tonight"
LONG = "Nothing new was found. " * 300  # more than is read in the step itself


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHouse:
    """One visitor's house with a questionnaire that asks for a letter."""
    import wiring

    folder = tmp_path / "data" / "questionnaires"
    folder.mkdir(parents=True)
    asked = (item("letter", "attachment"), item("hopes", "text"))
    (folder / "with-a-letter.json").write_text(source(*asked, title="With a letter"), encoding="utf-8")
    house = fake_house(tmp_path / "data")
    monkeypatch.setattr(wiring, "services", lambda: house)
    return house


def given(house: FakeHouse, content: str, *, media: str = "text/plain", name: str = "letter.txt") -> View:
    begun = house.intakes.begin(LINK, "with-a-letter", "en")
    files = [Given(file_name=name, media_type=media, content=content.encode())]
    return house.intakes.answer(LINK, begun.intake.id, "letter", files).view


def resumed(house: FakeHouse, language: str = "en") -> AppTest:
    return press(opened(language), f"intake_resume_{view(house).intake.id}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_says_of_each_file_what_its_own_row_says(house: FakeHouse, language: str) -> None:
    say = intake_words(language)
    given(house, LONG)
    assert say("step.file_waiting", name="letter.txt") in words(resumed(house, language))
    house.intakes.read_files()
    back = press(resumed(house, language), "intake_back")
    assert say("step.file_read", name="letter.txt") in words(back)

    given(house, "a scan", media=PDF, name="scan.pdf")
    house.intakes.read_files()
    beside = resumed(house, language)
    assert at(beside) == "hopes"
    assert say("step.file_unreadable", name="scan.pdf") in words(beside)


def test_danger_read_in_a_file_comes_first_and_the_box_that_is_typed_in_stays_behind_it(house: FakeHouse) -> None:
    given(house, LONG + DANGER)
    page = resumed(house)
    house.intakes.read_files()
    met = page.run()

    assert "Are you safe right now?" in words(met)
    assert intake_words("en")("unfit.waits") in words(met)
    assert "care-block-1" in str(met.session_state["ask_move"])
    assert any("hopes" in str(one.key) for one in met.text_area), "what a browser holds of it is not lost"
    assert "st-key-intake-behind" in (Path(__file__).parents[2] / "screens" / "style.css").read_text(encoding="utf-8")


def test_a_file_stays_when_words_are_added_and_goes_when_it_is_taken_away(house: FakeHouse) -> None:
    given(house, "My doctor writes that all is well.")
    page = press(resumed(house), "intake_back")
    assert [one.label for one in page.checkbox] == ["Keep letter\\.txt"]
    next(one for one in page.text_area if "letter" in str(one.key)).set_value("and I agree")
    page = press(press(page, "intake_next"), "intake_back")
    kinds = [value.kind for value in view(house).path[0].entry.values]  # type: ignore[union-attr]
    assert kinds == [Kind.FILE, Kind.OWN_WORDS]
    assert len(house.intakes.files(LINK)) == 1

    page.checkbox[0].uncheck()
    press(page, "intake_next")
    kinds = [value.kind for value in view(house).path[0].entry.values]  # type: ignore[union-attr]
    assert kinds == [Kind.OWN_WORDS]


def test_going_on_from_a_file_that_is_kept_asks_for_nothing(house: FakeHouse) -> None:
    given(house, "My doctor writes that all is well.")
    after = press(press(resumed(house), "intake_back"), "intake_next")

    assert at(after) == "hopes"
    assert json.dumps(str(view(house).path[0].entry)).count("letter.txt") == 1


def test_the_review_says_what_was_not_read_and_staff_are_told_the_same(house: FakeHouse) -> None:
    given(house, LONG)
    review = press(resumed(house), "intake_review")
    assert intake_words("en")("step.file_unread_by_staff") in words(review)

    given(house, "a scan", media=PDF, name="scan.pdf")
    house.intakes.read_files()
    house.intakes.hand_over(LINK, view(house).intake.id, consent=True)
    assert intake_words("en")("step.file_handed_over", name="scan.pdf") in words(resumed(house))
