"""The desk's screens, run from app.py over a real house that searches by words alone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import wiring
from desk import staff
from desk.alerts import AlertContact
from desk.pace import Crowd, Wait
from desk.roles import Role
from desk.ticket import Stage
from errors import Conflict, Unavailable
from knowledge.library import SHIPPED, read_folder
from screens.desk_frame import SESSION_KEY
from screens.desk_triage import reviewed_files
from settings import Settings
from store.engine import Store, connect
from store.keys import Keys
from store.schema import upgrade
from tests.screens.conftest import APP
from tests.screens.test_ask import words

LINK = "v" * 43
SAFETY = "i take lamictal, could i still do this?"
DANGER = "i dont want to be here anymore"


@dataclass
class StaffedDesk:
    """A house, its store, and a page opener for whoever was hired."""

    house: wiring.Services
    store: Store
    sessions: dict[str, str]
    keys: Keys

    def hire(self, name: str, role: Role, **more: str) -> str:
        with self.store.writing() as connection:
            person, _ = staff.invite(connection, name, role, datetime.now(UTC), **more)
            self.sessions[name] = staff.open_session(connection, person.id, datetime.now(UTC))
        return self.sessions[name]

    def write(self, text: str, link: str = LINK) -> None:
        self.house.ask(link, text, clinic=None, language="en")

    def page(self, name: str = "", user: dict[str, object] | None = None, **query: str) -> AppTest:
        """The desk as this person sees it; a page is found by its address, as the browser does."""
        page = AppTest.from_file(str(APP), default_timeout=20)
        page.user = user or {}
        page.run()
        page._page_hash = next(
            key for key, info in page._registered_pages.items() if info.get("url_pathname") == "desk"
        )
        if name:
            page.session_state[SESSION_KEY] = self.sessions[name]
        for key, value in query.items():
            page.query_params[key] = value
        return ran(page.run())


def ran(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    return ran(page.button(key=key).click().run())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StaffedDesk:
    store = connect(f"sqlite:///{tmp_path / 'foreroom.db'}")
    upgrade(store)
    mail = {"smtp_host": "127.0.0.1", "smtp_sender": "desk@example.org"}  # set up; nothing is sent here
    settings = Settings(_env_file=None, data=tmp_path, desk_hours="Mon-Sun 00:00-23:59", **mail)
    keys = Keys.from_file(tmp_path / "master.key")
    house = wiring.Services(settings, store, keys, read_folder(SHIPPED))
    monkeypatch.setattr(wiring, "services", lambda: house)
    made = StaffedDesk(house, store, {}, keys)
    made.hire("Dana Whitfield", Role.COORDINATOR)
    return made


def test_without_a_session_nothing_of_the_desk_is_shown(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    shown = words(desk.page())

    assert "Log in" in shown
    assert "lamictal" not in shown
    assert "F-1" not in shown


def test_the_queue_shows_who_waits_why_and_who_has_it(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    shown = words(desk.page("Dana Whitfield"))

    assert "F-1" in shown
    assert SAFETY in shown
    assert "<b>Safety</b>" in shown
    assert "Nobody yet" in shown


def test_an_urgent_ticket_is_taken_with_one_press_and_opens_on_the_protocol(desk: StaffedDesk) -> None:
    desk.write(DANGER)
    page = press(desk.page("Dana Whitfield"), "desk_open_1")
    shown = words(page)

    assert page.query_params["ticket"] == "1"
    assert "Protocol" in shown
    assert len(page.checkbox) >= 7
    assert desk.house.desk.bench(desk.sessions["Dana Whitfield"], 1).ticket.stage is Stage.CLAIMED


def test_a_ticket_shows_the_deciding_words_and_what_the_visitor_reads(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    shown = words(desk.page("Dana Whitfield", ticket="1"))

    assert '<b class="decided">lamictal</b>' in shown
    assert "Why it came to you" in shown
    assert "Nobody receives messages on this installation yet" in shown  # there is no channel
    assert "Nobody is told by e-mail or message" in shown


def test_a_reply_is_saved_as_it_is_written_read_as_the_visitor_and_sent_once(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    page = press(desk.page("Dana Whitfield", ticket="1"), "desk_take")
    page = ran(page.text_area(key="desk_text_1_0").set_value("Thank you for your message. Please write again.").run())
    assert "Saved" in words(page)
    session = desk.sessions["Dana Whitfield"]
    draft = desk.house.desk.bench(session, 1).draft
    assert draft is not None
    assert draft.text == "Thank you for your message. Please write again."

    page = press(page, "desk_preview")
    assert "The visitor will read exactly this." in words(page)
    assert "Dana Whitfield" in words(page)
    assert not desk.house.reception.turns(LINK)[-1].replies
    page = press(page, "desk_send")
    assert "Your reply was sent." in words(page)
    assert [reply.text for reply in desk.house.reception.turns(LINK)[-1].replies] == [draft.text]


def test_a_reply_that_promises_what_nobody_holds_cannot_be_sent(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    page = press(desk.page("Dana Whitfield", ticket="1"), "desk_take")
    page = ran(page.text_area(key="desk_text_1_0").set_value("Somebody is watching this page all night.").run())
    page = press(page, "desk_preview")

    assert "This promises what nobody can hold" in words(page)
    assert page.button(key="desk_send").disabled


def test_who_lost_the_race_keeps_their_text(desk: StaffedDesk) -> None:
    desk.hire("Priya Nair", Role.CLINICIAN)
    desk.write(SAFETY)
    mine = press(desk.page("Dana Whitfield", ticket="1"), "desk_take")
    mine = ran(mine.text_area(key="desk_text_1_0").set_value("half a sentence").run())
    desk.house.desk.release(desk.sessions["Dana Whitfield"], 1)
    desk.house.desk.claim(desk.sessions["Priya Nair"], 1, 1)
    mine = ran(mine.text_area(key="desk_text_1_0").set_value("half a sentence, and the rest").run())
    shown = words(mine)

    assert "Your text is kept below." in shown
    assert "half a sentence, and the rest" in shown
    with pytest.raises(Conflict):
        desk.house.desk.claim(desk.sessions["Dana Whitfield"], 1, 1)


def test_a_canned_reply_brings_its_own_citations(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    page = press(desk.page("Dana Whitfield", ticket="1"), "desk_take")
    page = press(page, "desk_canned_first-step-tovani")
    draft = desk.house.desk.bench(desk.sessions["Dana Whitfield"], 1).draft

    assert draft is not None
    assert len(draft.citations) == 2
    assert shown_in(page, draft.citations[0].text)


def shown_in(page: AppTest, text: str) -> bool:
    return text.split("’")[0] in words(page)


def test_a_coordinator_is_told_that_only_a_clinician_closes_a_danger_ticket(desk: StaffedDesk) -> None:
    desk.hire("Priya Nair", Role.CLINICIAN)
    desk.write(DANGER)
    shown = words(desk.page("Dana Whitfield", ticket="1"))
    assert "Only a clinician closes it" in shown

    page = desk.page("Priya Nair", ticket="1")
    press(page, "desk_close_yes")
    assert desk.house.desk.bench(desk.sessions["Priya Nair"], 1).ticket.stage is Stage.CLOSED


def test_a_read_only_role_sees_everything_and_is_offered_nothing(desk: StaffedDesk) -> None:
    desk.hire("Lou Reader", Role.READ_ONLY)
    desk.write(SAFETY)
    page = desk.page("Lou Reader", ticket="1")
    offered = {str(button.key) for button in page.button}

    assert SAFETY.split("lamictal")[0] in words(page)
    assert not offered & {"desk_take", "desk_seen", "desk_close_yes", "desk_hand_over_yes", "desk_preview"}


def test_the_switch_is_an_administrators_and_works_from_the_next_message(desk: StaffedDesk) -> None:
    desk.hire("Ada", Role.ADMINISTRATOR)
    assert "desk_switch" not in {button.key for button in desk.page("Dana Whitfield", see="settings").button}

    page = press(desk.page("Ada", see="settings"), "desk_switch")
    assert "Answers are off" in words(page)
    desk.write("how many infusions are in the first series?")
    turn = desk.house.reception.turns(LINK)[-1]
    assert turn.turn is not None
    assert not turn.turn.statements
    assert turn.reference == "F-1"


def test_the_documents_page_names_version_and_review(desk: StaffedDesk) -> None:
    shown = words(desk.page("Dana Whitfield", see="documents"))

    assert "Tovani Health" in shown
    assert "Not yet reviewed by a clinician" in shown


def test_the_triage_page_shows_each_readers_verdict_and_its_words(desk: StaffedDesk) -> None:
    page = desk.page("Dana Whitfield", see="triage")
    page = ran(page.text_area(key="desk_try").set_value(SAFETY).run())
    shown = words(page)

    assert "<td>rules</td>" in shown
    assert '<b class="decided">lamictal</b>' in shown
    assert "triage/cues/danger/suicide.toml" in shown
    assert "desk/checklists.toml" in shown
    assert "numbers for help" in shown.lower()
    assert all(by == "" for _, by, _ in reviewed_files())  # nothing here has been reviewed yet


def test_too_many_messages_stop_answers_and_never_care(desk: StaffedDesk) -> None:
    for _ in range(25):
        last = desk.house.ask(LINK, "is there parking", clinic=None, language="en")
    assert not hasattr(last, "turn")
    desk.write(DANGER)
    turn = desk.house.reception.turns(LINK)[-1]

    assert turn.text == DANGER
    assert turn.reference is not None


def test_who_asks_for_a_person_again_and_again_is_told_to_wait_and_danger_never_is(desk: StaffedDesk) -> None:
    for _ in range(25):
        last = desk.house.ask_person(LINK, "please")
    assert isinstance(last, Wait)
    assert not isinstance(desk.house.ask_person(LINK, DANGER), Wait)
    assert desk.house.reception.turns(LINK)[-1].text == DANGER


def test_conversations_begun_with_a_questionnaire_count_for_their_address_too(desk: StaffedDesk) -> None:
    def begin(link: str) -> object:
        return desk.house.begin_intake(link, "first-conversation", "en", address="203.0.113.9")

    begun = [begin(f"link-{number}") for number in range(21)]
    assert [isinstance(one, Wait) for one in begun] == [False] * 20 + [True]
    assert not isinstance(begin("link-3"), Wait), "what is open goes on"


def test_above_the_limit_a_visitor_is_told_to_wait_and_danger_is_still_met(desk: StaffedDesk) -> None:
    desk.house._crowd = Crowd(places=1, patience=0.01)
    visitor = AppTest.from_file(str(APP), default_timeout=20).run()
    with desk.house._crowd.place():
        ran(visitor.chat_input[0].set_value("what is anhedonia").run())
        assert "Many people are asking at this moment." in words(visitor)
        assert visitor.chat_input[0].proto.value == "what is anhedonia"
        assert 'class="document"' not in words(visitor)

        ran(visitor.chat_input[0].set_value(DANGER).run())
        assert "Are you safe right now?" in words(visitor)


def test_contacts_are_set_in_the_browser(desk: StaffedDesk) -> None:
    ada = desk.hire("Ada", Role.ADMINISTRATOR)
    desk.house.desk.set_contacts(ada, (AlertContact("Priya", "email", "priya@example.org"),))
    page = desk.page("Ada", see="settings")

    assert "priya@example.org" in words(page)
    contact = desk.house.desk.contacts(ada)[0]
    press(page, f"desk_contact_gone_{contact.id}")
    assert desk.house.desk.contacts(ada) == ()


def test_a_message_that_is_markup_is_shown_as_text(desk: StaffedDesk) -> None:
    desk.write("<b onclick=x>i take lamictal</b>, could i still do this? \u202e")
    shown = words(desk.page("Dana Whitfield")) + words(desk.page("Dana Whitfield", ticket="1"))

    assert "<b onclick" not in shown
    assert "\u202e" not in shown


def test_notes_stay_at_the_desk_and_bear_a_name(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    page = desk.page("Dana Whitfield", ticket="1")
    page.text_area(key="desk_note_1_0").set_value("Called the pharmacy.")
    submit = next(button for button in page.button if button.label == "Keep the note")
    page = ran(submit.click().run())

    assert "Called the pharmacy." in words(page)
    assert "Called the pharmacy." not in str(desk.house.reception.turns(LINK))


def test_a_ticket_of_another_clinic_does_not_exist_for_staff_of_one(desk: StaffedDesk) -> None:
    desk.hire("Mo", Role.COORDINATOR, clinic="Tovani Health")
    desk.write(SAFETY)
    shown = words(desk.page("Mo", ticket="1"))

    assert "There is no ticket F-1." in shown
    assert "lamictal" not in shown


def test_the_documents_can_be_asked_while_a_person_has_the_word(desk: StaffedDesk) -> None:
    visitor = AppTest.from_file(str(APP), default_timeout=20).run()
    visitor.chat_input[0].set_value(SAFETY).run()
    dana = desk.sessions["Dana Whitfield"]
    desk.house.desk.claim(dana, 1, 1)

    ran(visitor.chat_input[0].set_value("what is anhedonia").run())
    assert "Saved for the person in this conversation." in words(visitor)
    assert 'class="document"' not in words(visitor)

    ran(visitor.segmented_control(key="ask_to").set_value("documents").run())
    ran(visitor.chat_input[0].set_value("what is anhedonia").run())
    assert "Asked of the documents." in words(visitor)
    assert 'class="document"' in words(visitor)
    assert visitor.segmented_control(key="ask_to").value == "person"
    assert "To the documents." in words(desk.page("Dana Whitfield", ticket="1"))


def test_an_address_that_names_no_ticket_says_so(desk: StaffedDesk) -> None:
    for number in ("999", "F-1", "x", "-1", "1" * 40):
        assert "Foreroom desk" in words(desk.page("Dana Whitfield", ticket=number))


def test_in_danger_the_visitor_may_leave_a_number_and_staff_read_whether_voicemail_is_safe(desk: StaffedDesk) -> None:
    ada = desk.hire("Ada", Role.ADMINISTRATOR)
    page = ran(AppTest.from_file(str(APP), default_timeout=20).run())
    page = ran(page.chat_input[0].set_value(DANGER).run())
    assert "May we call you?" not in str(page)  # nobody receives anything here yet

    desk.house.desk.set_contacts(ada, (AlertContact("Priya", "email", "priya@example.org"),))
    with desk.store.writing() as connection:
        _, secret = staff.invite(connection, "Priya Nair", Role.CLINICIAN, datetime.now(UTC))
    desk.house.door.accept(secret, "a long password")
    page = ran(page.run())
    page.text_input(key="ask_reach_address_care_1").set_value("+1 555 0100")
    page.checkbox(key="ask_reach_voicemail_care_1").check()
    submit = next(button for button in page.button if "ask_reach_form_care_1" in str(button.key))
    ran(submit.click().run())

    left = desk.house.desk.bench(ada, 1).reach
    assert left is not None
    assert (left.address, left.voicemail) == ("+1 555 0100", True)
    assert "A voicemail may be left" in words(desk.page("Dana Whitfield", ticket="1"))


def test_whom_a_provider_vouches_for_is_let_in_by_a_verified_address_and_by_nothing_less(desk: StaffedDesk) -> None:
    desk.hire("Priya Nair", Role.CLINICIAN, email="priya@example.org")
    desk.write(SAFETY)
    checked: dict[str, object] = {"is_logged_in": True, "email": "Priya@example.org", "email_verified": True}
    assert "F-1" in words(desk.page(user=checked))

    for change in ({"email_verified": False}, {"email": "other@example.org"}, {"is_logged_in": False}):
        shown = words(desk.page(user=checked | change))
        assert "F-1" not in shown
        assert "Log in" in shown


def test_without_a_provider_no_such_login_is_offered(desk: StaffedDesk) -> None:
    assert "organisation" not in words(desk.page())
    assert "Log in with your organisation" in words(desk.page(user={"is_logged_in": False}))


def test_the_queue_says_who_is_writing(desk: StaffedDesk) -> None:
    desk.write(SAFETY)
    page = desk.page("Dana Whitfield")
    assert "Nobody yet" in words(page)
    desk.hire("Priya Nair", Role.CLINICIAN)
    desk.house.desk.claim(desk.sessions["Priya Nair"], 1, 1)
    assert "Priya Nair is writing" in words(ran(page.run()))


def test_a_locked_database_is_said_in_words_and_reading_goes_on(
    desk: StaffedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise Unavailable("The database cannot be used now. Nothing was changed; try again.")

    desk.write(SAFETY)
    page = press(desk.page("Dana Whitfield", ticket="1"), "desk_take")
    with monkeypatch.context() as bad:
        bad.setattr(desk.house.door, "stay", locked)
        bad.setattr(desk.house.desk, "write", locked)
        page = ran(page.text_area(key="desk_text_1_0").set_value("half a sentence").run())
        assert "Your text stands in the box and is not saved." in words(page)
        assert page.text_area(key="desk_text_1_0").value == "half a sentence"
        bad.setattr(desk.house.desk, "counts", locked)
        assert "Nothing was changed; try again." in words(ran(page.run()))
