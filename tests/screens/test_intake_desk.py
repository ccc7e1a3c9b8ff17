"""The clinician's page and the follow-ups on the desk, run from app.py over a real house."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.roles import Role
from intake.values import Given
from tests.screens import test_desk
from tests.screens.test_ask import words
from tests.screens.test_desk import LINK, StaffedDesk, press

FIRST, FOLLOW_UP = "first-conversation", "follow-up"
QUESTION = "how many infusions are in the series"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StaffedDesk:
    """A house with a clinician, and a visitor who asked something and handed over a first conversation."""
    made: StaffedDesk = test_desk.desk.__wrapped__(tmp_path, monkeypatch)  # type: ignore[attr-defined]
    made.hire("Priya", Role.CLINICIAN)
    made.write(QUESTION)
    hand_over(made, FIRST, {"who": 0, "adult": 0, "brings": "It is <b>grey</b>.", "medicines": "lamictal 100 mg"})
    return made


def hand_over(desk: StaffedDesk, name: str, answers: dict[str, int | str]) -> int:
    """Answers as a visitor gives them, by the place of an option or in words; the ticket's number."""
    intakes = desk.house.intakes
    view = intakes.begin(LINK, name, "en")
    for key, said in answers.items():
        step = view.step(key)
        assert step is not None
        given = Given(option=step.item.options[said].key) if isinstance(said, int) else Given(words=said)
        view = intakes.answer(LINK, view.intake.id, key, [given]).view
    view = intakes.skip(LINK, view.intake.id, view.path[-1].key).view
    ticket = intakes.hand_over(LINK, view.intake.id, consent=True).view.intake.ticket
    assert ticket is not None
    return ticket


def test_a_ticket_of_an_intake_opens_the_page_in_the_visitors_own_words(desk: StaffedDesk) -> None:
    ticket = desk.house.intakes.mine(LINK)[0].intake.ticket
    on_ticket = desk.page("Priya", ticket=str(ticket))
    assert "Answers handed over" in words(on_ticket)

    shown = words(press(on_ticket, "desk_intake_open_1"))
    assert 'class="own" lang="en">It is &lt;b&gt;grey&lt;/b&gt;.' in shown
    assert 'class="own" lang="en">lamictal 100 mg' in shown
    assert "Medicines, as typed" in shown
    assert "Passed over" in shown
    assert QUESTION in shown
    assert "opens with six infusions" in shown
    assert "Not a validated instrument" in shown


def test_every_line_of_the_page_has_its_time_and_its_link(desk: StaffedDesk) -> None:
    shown = words(desk.page("Priya", intake="1"))
    page = desk.house.intake_desk.page(desk.sessions["Priya"], 1)
    lines = [line for section in page.sections for line in section.lines]

    assert shown.count("<li") == len(lines)
    for line in lines:
        assert f'{line.at.astimezone(desk.house.hours.zone):%Y-%m-%d %H:%M} · <a href="' in shown
        assert f">{line.link.text}</a>" in shown


def test_a_page_that_was_taken_back_is_no_longer_shown(desk: StaffedDesk) -> None:
    desk.house.intakes.take_back(LINK, 1)
    shown = words(desk.page("Priya", intake="1"))

    assert "in the visitor&#x27;s hands" in shown
    assert "grey" not in shown


def test_without_a_session_the_page_is_not_shown(desk: StaffedDesk) -> None:
    shown = words(desk.page(intake="1"))

    assert "Log in" in shown
    assert "grey" not in shown


def test_the_page_is_offered_as_text_pdf_and_fhir(desk: StaffedDesk) -> None:
    page = desk.page("Priya", intake="1")
    names = {one.proto.label for one in page.get("download_button")}
    assert {"PDF", "FHIR answers", "FHIR bundle", "Text"} <= names

    pasted = page.toggle(key="desk_intake_plain").set_value(True).run()
    assert any("lamictal 100 mg" in one.value for one in pasted.code)


def test_a_follow_up_is_asked_for_and_shows_on_the_queue_once_it_is_due(
    desk: StaffedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = desk.house.intakes.mine(LINK)[0].intake.ticket
    page = desk.page("Priya", ticket=str(ticket))
    page.number_input(key="desk_follow_up_weeks").set_value(2)
    asked = next(one for one in page.button if one.label == "Ask for it").click().run()
    assert "Follow-up planned for" in words(asked)
    assert "Follow-ups not answered" not in words(desk.page("Priya"))

    later = datetime.now(UTC) + timedelta(weeks=2, hours=1)
    monkeypatch.setattr(desk.house.intake_desk, "_clock", lambda: later)
    assert "Follow-ups not answered" in words(desk.page("Priya"))

    press(desk.page("Priya", ticket=str(ticket)), "desk_follow_up_off_1")
    assert "Follow-ups not answered" not in words(desk.page("Priya"))


def test_follow_ups_stand_in_a_table_beside_their_charts(desk: StaffedDesk) -> None:
    hand_over(desk, FOLLOW_UP, {"interest": 1, "pleasure": 0, "drive": 2, "mood": "up and down", "sessions": "3"})
    page = desk.page("Priya", intake="1")
    shown = words(page)

    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")
    assert shown.count('<th scope="row">') == 1
    for column in ("Interest", "Pleasure", "Drive", "Mood", "Sessions"):
        assert f'<th scope="col">{column}' in shown
    assert "In own words, so not on the chart" in shown
