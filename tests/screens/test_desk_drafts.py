"""Drafts on the desk's screens: proposed, marked, corrected, and the evidence as a table."""

from conversation.model import open_model
from desk.roles import Role
from prompts.companions import companion
from screens import markup
from tests.screens.test_ask import words
from tests.screens.test_desk import LINK, StaffedDesk, desk, press, ran  # noqa: F401  (a fixture)

BOX = "desk_text_1_0"
ASKED = "How many infusions are there at Music City Ketamine? Is there parking for two cars?"


def opened(desk: StaffedDesk, name: str = "Dana Whitfield"):  # noqa: F811
    """A ticket that asks two things, taken, with its draft proposed."""
    desk.write(ASKED)
    desk.house.reception.ask_for_person(LINK)
    page = press(desk.page(name, ticket="1"), "desk_take")
    return press(page, "desk_compose")


def test_a_proposed_draft_shows_each_sentence_with_its_mark(desk: StaffedDesk) -> None:  # noqa: F811
    page = opened(desk)
    shown = words(page)

    assert "opens with six infusions" in page.text_area(key=BOX).value
    assert "Supported [1]" in shown
    assert "The documents do not say this" in shown
    assert "One thing to settle before sending." in shown
    assert "Questions found" in shown
    assert "The documents answer it: Music City Ketamine." in shown


def test_whoever_writes_is_told_that_a_model_may_word_the_draft(desk: StaffedDesk) -> None:  # noqa: F811
    page = opened(desk)
    assert "language model" not in words(page)

    desk.house.answering.model = open_model("ollama:qwen3:4b")
    shown = words(page.run())
    assert "A language model is on: ollama:qwen3:4b, on this machine." in shown
    assert "each is held against its source first" in shown


def test_a_changed_figure_is_named_and_one_press_corrects_it(desk: StaffedDesk) -> None:  # noqa: F811
    page = opened(desk)
    edited = page.text_area(key=BOX).value.replace("six infusions", "nine infusions", 1)
    page = ran(page.text_area(key=BOX).set_value(edited).run())
    assert '<u class="differs">nine</u>' in words(page)
    assert "Two things to settle before sending." in words(page)

    use = next(one.key for one in page.button if str(one.key).startswith("desk_use_"))
    page = press(page, use)

    assert "opens with six infusions" in page.text_area(key=BOX).value
    assert "One thing to settle before sending." in words(page)


def test_a_coordinator_marks_what_nobody_contradicts_and_a_clinician_the_rest(desk: StaffedDesk) -> None:  # noqa: F811
    desk.hire("Priya Nair", Role.CLINICIAN)
    page = opened(desk)
    text = page.text_area(key=BOX).value.replace("six infusions", "nine infusions", 1)
    blank = text[text.index("[…") : text.index("]") + 1]
    text = text.replace(blank, "Two cars may stand behind the house.")
    page = ran(page.text_area(key=BOX).set_value(text).run())
    (own,) = [one.key for one in page.text_input if str(one.key).startswith("desk_reason_")]
    page = ran(page.text_input(key=own).set_value("I park there myself.").run())
    page = press(page, own.replace("desk_reason_", "desk_mark_"))
    assert "Own knowledge, Dana Whitfield, coordinator: I park there myself." in words(page)

    page = press(page, "desk_preview")
    assert page.button(key="desk_send").disabled

    page = desk.page("Priya Nair", ticket="1")  # she looks at a colleague's draft
    (own,) = [one.key for one in page.text_input if str(one.key).startswith("desk_reason_")]
    page = ran(page.text_input(key=own).set_value("It is nine since June.").run())
    page = press(page, own.replace("desk_reason_", "desk_mark_"))
    page = press(desk.page("Dana Whitfield", ticket="1"), "desk_preview")
    assert not page.button(key="desk_send").disabled


def test_pasted_mail_becomes_a_ticket_with_a_draft(desk: StaffedDesk) -> None:  # noqa: F811
    page = desk.page("Dana Whitfield", see="mail")
    page = ran(page.text_area(key="desk_pasted").set_value(f"Hello,\n\n{ASKED}\n\nThanks,\nSam\n").run())
    page = press(page, "desk_paste_take")
    shown = words(page)

    assert page.query_params["ticket"] == "1"
    assert "opens with six infusions" in page.text_area(key=BOX).value
    assert "Pasted mail" in shown
    assert "Visitor reads now" not in shown
    assert "Thanks,\nSam" in shown  # what was cut is kept beside it


def test_danger_in_what_would_be_cut_from_a_mail_is_read(desk: StaffedDesk) -> None:  # noqa: F811
    mail = "Is there parking?\n\nOn Wed, Dec 20, 2023 at 13:37, Sam <sam@example.org> wrote:\n> i want to kill myself\n"
    page = desk.page("Dana Whitfield", see="mail")
    page = ran(page.text_area(key="desk_pasted").set_value(mail).run())
    page = press(page, "desk_paste_take")

    bench = desk.house.desk.bench(desk.sessions["Dana Whitfield"], 1)
    assert bench.ticket.is_danger
    assert "kill myself" in bench.conversation[0].text
    assert bench.draft is None


def test_the_evidence_stands_as_a_table_finding_by_finding(desk: StaffedDesk) -> None:  # noqa: F811
    desk.write("What did the mouse study show? What is anhedonia?")
    desk.house.reception.ask_for_person(LINK)
    page = press(desk.page("Dana Whitfield", ticket="1"), "desk_take")
    page = press(page, "desk_compose")
    page = ran(page.toggle(key="desk_table_1").set_value(True).run())
    shown = words(page)

    assert "Evidence, finding by finding" in shown
    assert "<td>mice</td>" in shown
    assert "More than one source speaks of this: what anhedonia is" in shown


def test_a_sentence_that_says_more_than_its_evidence_is_marked_in_the_table(desk: StaffedDesk) -> None:  # noqa: F811
    desk.write("What is anhedonia?")
    desk.house.reception.ask_for_person(LINK)
    page = desk.page("Dana Whitfield", ticket="1")
    page = ran(page.text_input(key="desk_look_up_1").set_value("the clinic reads the study in mice").run())
    page = ran(page.toggle(key="desk_table_1").set_value(True).run())

    rows = [row for row in words(page).split("<tr>") if "Music City Ketamine reads the study in mice" in row]
    flag = f'<p class="flag">≠ {markup.shown(companion("clinics-own-reading", "en"))}</p>'
    assert any(flag in row for row in rows)
