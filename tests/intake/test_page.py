"""The clinician's page: own words in order, a time and a link on every line, sums only as the file defines them."""

import pytest
import sqlalchemy as sa

from desk.conversation import need_seal
from desk.roles import Role
from desk.transcript import MESSAGE
from errors import BadInput, Conflict
from intake import rows
from intake.enclosed import FileState
from intake.page import Page, SectionKey, To
from intake.questionnaire import Panel
from intake.rows import ANSWER, FILE
from intake.values import Given
from tests.desk.desks import LINK
from tests.desk.made_up import answered as by_documents
from tests.intake.files import choice, item, made, total
from tests.intake.houses import IntakeHouse


def page_of(house: IntakeHouse, view) -> Page:
    return house.intake_desk.page(house.clinician(), view.intake.id)


def texts(page: Page, key: str) -> list[str]:
    section = page.section(key)
    return [line.text for line in section.lines] if section else []


@pytest.fixture
def told(house: IntakeHouse) -> Page:
    """A page with something in every section."""
    view = house.ready()
    house.say(view, "brings", "Music is only noise to me. Am I a candidate?")
    house.say(view, "medicines", "lithium 300 mg, a blue one at night")
    house.say(view, "tried.what[0]", "sertraline")
    house.say(view, "tried.changed[0]", "less crying, less everything")
    house.choose(view, "tried.flat[0]", "yes")
    house.choose(view, "tried[0]", "true")
    house.say(view, "tried.what[1]", "walking")
    house.intakes.skip(LINK, view.intake.id, "place")
    house.intakes.skip(LINK, view.intake.id, "health", to_a_person=True)
    house.ask(by_documents, "Where are visits held?")
    house.hand_over(view)
    return page_of(house, view)


def test_it_says_everything_in_the_visitors_own_words_and_order(told: Page):
    assert texts(told, "about") == ["For myself", "Yes"]
    assert texts(told, "now") == ["Music is only noise to me. Am I a candidate?"]
    assert texts(told, "tried") == ["sertraline", "less crying, less everything", "Yes", "walking"]
    assert [line.row for line in told.section("tried").lines] == ["1", "1", "1", "2"]
    assert texts(told, SectionKey.MEDICINES) == ["lithium 300 mg, a blue one at night"]
    assert texts(told, SectionKey.SKIPPED) == ["Where do you live?"]
    assert texts(told, SectionKey.TO_A_PERSON)[0].startswith("Is there anything about your physical health")


def test_topics_for_a_person_name_the_reason_and_the_deciding_words(told: Page):
    found = told.section(SectionKey.TOPICS).lines

    assert any("lithium" in line.text and "edicine" in line.label for line in found)
    assert any("candidate" in line.text.lower() for line in found)
    (deciding,) = [line.text for line in found if "candidate" in line.text]
    assert deciding.count("candidate") == 1, "words are not said twice"


def test_a_chosen_option_may_be_a_topic_and_brings_its_question_along(house: IntakeHouse):
    view = house.ready()
    house.choose(view, "adult", "no")
    house.hand_over(view)

    (line,) = page_of(house, view).section(SectionKey.TOPICS).lines
    assert (line.text, line.typed) == ("No", False)
    assert "18 or older" in line.label


def test_danger_stands_on_the_page_also_once_its_answer_was_corrected_or_where_it_was_too_long(house: IntakeHouse):
    view = house.ready()
    house.say(view, "brings", "I want to kill myself.")
    house.desk.clear_care(house.clinician(), 1, 1)
    house.say(view, "brings", "It is better today.")
    house.say(view, "outcome", "I want to end my life. " + "x" * 20_000)
    house.desk.clear_care(house.clinician(), 1, 2)
    house.hand_over(view)

    page = page_of(house, view)
    corrected, too_long = page.section(SectionKey.TOPICS).lines
    assert corrected.text == "I want to kill myself."
    assert too_long.text.startswith("I want to end my life.")
    assert {corrected.link.to, too_long.link.to} == {To.MESSAGE}
    assert corrected.label
    assert texts(page, "now") == ["It is better today."]


def test_what_was_asked_stands_with_the_very_sentences_that_were_shown(told: Page):
    lines = told.section(SectionKey.ASKED).lines

    assert [line.text for line in lines] == ["Where are visits held?", "Visits take place at the clinic."]
    assert "mck version 3" in lines[1].label


def test_every_line_has_a_time_and_a_link_that_leads_to_a_stored_row(told: Page, house: IntakeHouse):
    lines = [line for section in told.sections for line in section.lines]
    columns = {To.MESSAGE: MESSAGE.c.id, To.ANSWER: ANSWER.c.id, To.FILE: FILE.c.fingerprint}

    with house.store.reading() as connection:
        for line in lines:
            column = columns[line.link.to]
            wanted = line.link.id if line.link.to is To.FILE else int(line.link.id)
            assert line.at
            assert connection.execute(sa.select(column).where(column == wanted)).first(), line


def test_an_option_read_in_spanish_stands_as_it_was_read_with_the_files_wording_behind_it(house: IntakeHouse):
    view = house.begin(language="es")
    house.choose(view, "who", "self")
    house.choose(view, "adult", "yes")
    house.choose(view, "pleasure", "none")
    house.hand_over(view)

    assert texts(page_of(house, view), "now") == ["Nada (None at all)"]
    assert page_of(house, view).language == "es"


def test_a_corrected_answer_says_so_and_only_the_last_one_stands(house: IntakeHouse):
    view = house.ready()
    house.say(view, "outcome", "To laugh.")
    house.hand_over(view)

    (line,) = page_of(house, view).section("hope").lines
    assert (line.text, line.corrected) == ("To laugh.", True)


SUMMED = made(
    choice("a", "0", "1", "2", counts=True, kind="choice"),
    choice("b", "0", "1", "2", counts=True, kind="choice"),
    name="own",
    extension=[total(0, 4, "a", "b", bands=((0, 1, "Low, says the file."), (2, 4, "High, says the file.")))],
)


def test_a_sum_is_given_only_as_the_file_defines_it_with_range_and_version(house: IntakeHouse):
    view = house.with_files(SUMMED).begin("own")
    house.choose(view, "a", "1")
    house.choose(view, "b", "2")
    house.hand_over(view)

    lines = page_of(house, view).section(SectionKey.SCORES).lines
    assert [line.text for line in lines] == ["3 (range 0 to 4), Made up, version 1", "High, says the file."]
    assert lines[0].link.to is To.FILE
    assert lines[0].link.id == SUMMED.fingerprint


@pytest.mark.parametrize("words", [(), ("in between",)])
def test_an_unanswered_item_or_own_words_leave_the_sum_open(house: IntakeHouse, words: tuple[str, ...]):
    view = house.with_files(SUMMED).begin("own")
    house.choose(view, "a", "1")
    for one in words:
        house.say(view, "b", one)
    house.hand_over(view)

    assert texts(page_of(house, view), SectionKey.SCORES) == ["No sum: 1 of 2 items have no chosen answer."]


def test_a_file_without_a_sum_gets_none(told: Page):
    assert told.section(SectionKey.SCORES) is None


def test_a_file_that_came_with_an_answer_is_there_for_staff(house: IntakeHouse):
    view = house.with_files(made(item("a", "attachment"), name="own")).begin("own")
    given = Given(file_name="letter.txt", media_type="text/plain", content=b"hello")
    house.intakes.answer(LINK, view.intake.id, "a", [given])
    house.hand_over(view)

    (line,) = page_of(house, view).section("answers").lines
    assert (line.text, line.file.state) == ("letter.txt", FileState.READ)
    attached = house.intake_desk.file(house.clinician(), view.intake.id, int(line.link.id))
    assert (attached.name, attached.media_type, attached.content) == ("letter.txt", "text/plain", b"hello")
    with pytest.raises(Conflict):
        house.intake_desk.file(house.clinician(), view.intake.id, 999)


def test_nothing_is_open_to_staff_before_it_is_handed_over(house: IntakeHouse):
    view = house.ready()
    house.reception.ask_for_person(LINK)

    (listed,) = house.intake_desk.of_ticket(house.clinician(), 1)
    assert not listed.has_page
    for attempt in (house.intake_desk.page, house.intake_desk.as_text, house.intake_desk.as_bundle):
        with pytest.raises(Conflict, match="visitor's hands"):
            attempt(house.clinician(), view.intake.id)


def test_follow_ups_keep_interest_pleasure_and_drive_apart_from_mood(house: IntakeHouse):
    house.hand_over(house.ready())
    house.follow_up("0", "1", "0", "2", sessions="0")
    house.clock.move(days=14)
    view = house.follow_up("2", "3", "1", "2", sessions="4", language="es")

    page = page_of(house, view)
    found = {panel: [point for point in page.points if point.panel is panel] for panel in Panel}
    assert [point.label for point in found[Panel.ANHEDONIA]] == ["Interest", "Pleasure", "Drive"] * 2
    assert [int(point.value) for point in found[Panel.MOOD]] == [2, 2]
    assert [point.text for point in found[Panel.SESSIONS]] == ["0", "4"]
    assert {panel for panel, _, _ in page.scale} == {Panel.ANHEDONIA, Panel.MOOD}


def test_own_words_stand_in_the_table_and_not_on_the_chart(house: IntakeHouse):
    view = house.begin("follow-up")
    house.say(view, "interest", "it comes and goes")
    house.hand_over(view)

    (point,) = page_of(house, view).points
    assert (point.value, point.text) == (None, "it comes and goes")


def test_another_clinics_staff_find_no_such_intake(house: IntakeHouse):
    view = house.intakes.begin(LINK, "first-conversation", "en", clinic="Tovani Health")
    house.choose(view, "who", "self")
    house.choose(view, "adult", "yes")
    house.hand_over(view)
    other = house.hire("Sol", Role.CLINICIAN, clinic="Music City Ketamine")
    with pytest.raises(Conflict, match="no such intake"):
        house.intake_desk.page(other, view.intake.id)
    with pytest.raises(Conflict):
        house.intake_desk.of_ticket(other, 1)


def test_a_follow_up_file_must_be_one(house: IntakeHouse):
    house.hand_over(house.ready())

    with pytest.raises(BadInput, match="no follow-up named"):
        house.intake_desk.ask_follow_up(house.clinician(), 1, "first-conversation", 2)


def test_the_rows_of_a_page_open_only_with_the_conversations_key(house: IntakeHouse):
    view = house.ready()
    with house.store.reading() as connection:
        seal = need_seal(connection, house.keys, view.intake.conversation)
        assert len(rows.rows(connection, seal, view.intake.id)) == 3
