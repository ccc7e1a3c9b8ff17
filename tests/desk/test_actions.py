"""The staff's side: who may do what, one wins, nothing written is lost, a reply leaves once."""

import ast
import inspect
import threading
from pathlib import Path

import pytest

from desk.actions import Desk
from desk.pace import Wait
from desk.roles import ALLOWED, Action, Role
from desk.ticket import Outcome, Stage
from desk.ticket_queue import Filter, Group
from desk.transcript import Addressee
from errors import BadInput, Conflict, ForeroomError, NotAllowed
from store import audit
from tests.desk.desks import LINK, House
from tests.desk.made_up import SENTENCE, answered, danger, eligible, unsafe
from triage.decision import Care, Reason, Urgency

ACTIONS = {name: method.action for name, method in inspect.getmembers(Desk) if hasattr(method, "action")}
ARGUMENTS = {
    "acknowledge": (1, 1),
    "also_looking": (1,),
    "bench": (1,),
    "change_role": (99, Role.CLINICIAN),
    "check_off": (1, "every.read-all"),
    "claim": (1, 1),
    "clear_care": (1, 9),
    "close": (1, Outcome.ANSWERED, 9),
    "close_danger": (1, Outcome.NOT_IN_DANGER, 9),
    "end_account": (99,),
    "hand_over": (1, 2),
    "invite": ("New Person", Role.COORDINATOR),
    "invite_again": (99,),
    "note": (1, "a remark"),
    "preview": (1,),
    "release": (1,),
    "reopen": (1,),
    "send": (1, "x"),
    "set_contacts": ((),),
    "switch_answers": (False,),
    "write": (1, "words"),
    "compose": (1,),
    "keep_pasted": (1, ""),
    "mark": (1, 1, "words", "a reason"),
    "questions": (1, 1),
    "review": (1, 1),
}
MORE = {"close_danger": {"clear_care": False}}


@pytest.mark.parametrize("role", Role)
def test_each_role_can_do_what_the_table_says_and_nothing_else(house: House, role: Role):
    house.ask(eligible)
    session = house.hire("Somebody", role)
    refused = set()
    for name, action in ACTIONS.items():
        try:
            getattr(house.desk, name)(session, *ARGUMENTS.get(name, ()), **MORE.get(name, {}))
        except NotAllowed:
            refused.add(action)
        except ForeroomError:
            pass  # let in; the move itself was not possible here

    assert refused == set(Action) - ALLOWED[role]


def test_every_public_method_of_the_desk_checks_a_role():
    public = {name for name, member in inspect.getmembers(Desk) if callable(member) and not name.startswith("_")}

    assert public - {"allow"} == set(ACTIONS)


def test_every_action_of_the_table_is_used():
    assert set(ACTIONS.values()) == set(Action)


def test_only_the_guarded_place_moves_tickets():
    """A scan: saving a ticket, writing a reply or a setting happens nowhere else."""
    guarded = {"claimed", "released", "handed_over", "answered", "switch_answers", "write_note", "set_contacts"}
    house = Path(inspect.getfile(Desk)).parents[1]
    rooms = [path.parent for path in house.glob("*/__init__.py") if path.parent.name != "tests"]
    assert len(rooms) > 8
    for path in (*house.glob("*.py"), *(path for room in rooms for path in room.rglob("*.py"))):
        if path.name in ("actions.py", "writing.py") or path.parent.name == "versions":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("desk."):
                assert not guarded & {name.name for name in node.names}, path


@pytest.mark.parametrize("session", ["", "guess", "\x00", "a" * 500])
def test_nobody_acts_without_a_session(house: House, session: str):
    with pytest.raises(NotAllowed):
        house.desk.queue(session)


def test_a_role_that_was_taken_away_counts_from_the_next_click(house: House):
    ada, dana = house.hire("Ada", Role.ADMINISTRATOR), house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)
    house.desk.change_role(ada, 2, Role.READ_ONLY)

    with pytest.raises(NotAllowed):
        house.desk.write(dana, 1, "words")


def test_a_session_ends_by_resting_and_by_age(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.clock.move(minutes=61)
    assert house.door.who(dana) is None

    priya = house.hire("Priya", Role.CLINICIAN)
    for _ in range(13):
        house.clock.move(minutes=55)
        if house.door.who(priya):
            house.door.stay(priya)
    assert house.door.who(priya) is not None
    house.clock.move(minutes=55)
    assert house.door.who(priya) is None


def test_an_invitation_works_once_and_for_two_days(house: House):
    ada = house.hire("Ada", Role.ADMINISTRATOR)
    secret, late = house.desk.invite(ada, "Dana", Role.COORDINATOR), house.desk.invite(ada, "Lee", Role.COORDINATOR)

    with pytest.raises(BadInput):
        house.door.accept(secret, "short")
    house.door.accept(secret, "a longer password")
    with pytest.raises(NotAllowed):
        house.door.accept(secret, "another long password")
    house.clock.move(hours=49)
    with pytest.raises(NotAllowed):
        house.door.accept(late, "a longer password")
    assert isinstance(house.door.log_in("  dANA ", "a longer password", "10.0.0.1"), str)


@pytest.mark.parametrize("name", ["", "Ada\0", "Ada\nLund", "A\u202eda", "A" * 121])
def test_a_name_is_one_line_of_letters(house: House, name: str):
    ada = house.hire("Ada", Role.ADMINISTRATOR)
    with pytest.raises(BadInput):
        house.desk.invite(ada, name, Role.CLINICIAN)
    assert house.door.log_in("Dana", "a\0longer password", "10.0.0.1") is None


def test_five_wrong_passwords_lock_the_account_for_a_while(house: House):
    ada = house.hire("Ada", Role.ADMINISTRATOR)
    house.door.accept(house.desk.invite(ada, "Dana", Role.COORDINATOR), "a longer password")
    for number in range(5):
        assert house.door.log_in("Dana", "wrong", f"10.0.0.{number}") is None

    assert house.door.log_in("Dana", "a longer password", "10.0.0.9") is None
    house.clock.move(minutes=16)
    assert isinstance(house.door.log_in("Dana", "a longer password", "10.0.0.9"), str)


def test_too_many_tries_from_one_address_are_told_to_wait(house: House):
    answers = [house.door.log_in("nobody", "x", "10.0.0.1") for _ in range(7)]

    assert answers[:6] == [None] * 6
    assert isinstance(answers[6], Wait)
    assert answers[6].seconds > 0


def test_the_last_administrator_cannot_leave(house: House):
    ada = house.hire("Ada", Role.ADMINISTRATOR)

    with pytest.raises(Conflict):
        house.desk.end_account(ada, 1)
    with pytest.raises(Conflict):
        house.desk.change_role(ada, 1, Role.CLINICIAN)


def test_tickets_of_somebody_who_left_wait_again(house: House):
    ada, dana = house.hire("Ada", Role.ADMINISTRATOR), house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)
    house.desk.end_account(ada, 2)

    assert house.desk.bench(ada, 1).ticket.stage is Stage.WAITING
    assert house.door.who(dana) is None


def test_staff_of_one_clinic_see_nothing_of_another(house: House):
    house.reception.begin(LINK, clinic="Tovani Health", language="en")
    house.ask(unsafe)
    theirs, other = (
        house.hire("Tess", Role.CLINICIAN, clinic="Tovani Health"),
        house.hire("Mo", Role.CLINICIAN, clinic="Music City Ketamine"),
    )

    assert len(house.desk.queue(theirs)) == 1
    assert house.desk.queue(other) == ()
    assert house.desk.counts(other).open == 0
    with pytest.raises(Conflict):
        house.desk.bench(other, 1)
    with pytest.raises(Conflict):
        house.desk.claim(other, 1, 1)


def test_two_people_claim_at_once_and_one_wins(house: House):
    house.ask(eligible)
    people = [house.hire(f"Person {number}", Role.COORDINATOR) for number in range(6)]
    won, lost, start = [], [], threading.Barrier(6)

    def claim(session: str) -> None:
        start.wait()
        try:
            house.desk.claim(session, 1, 1)
            won.append(session)
        except Conflict:
            lost.append(session)

    threads = [threading.Thread(target=claim, args=(session,)) for session in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), len(lost)) == (1, 5)


def test_who_lost_the_race_keeps_their_text(house: House):
    dana, priya = house.hire("Dana", Role.COORDINATOR), house.hire("Priya", Role.CLINICIAN)
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)

    written = house.desk.write(priya, 1, "what I was writing")

    assert not written.holds
    assert house.desk.bench(priya, 1).draft.text == "what I was writing"
    with pytest.raises(Conflict):
        house.desk.send(priya, written.draft.id, house.desk.preview(priya, written.draft.id).fingerprint)
    assert [draft.text for draft in house.desk.bench(dana, 1).other_drafts] == ["what I was writing"]


def reply(house: House, session: str, text: str = "Thank you for asking.", ticket: int = 1, up_to: int = 1) -> int:
    house.desk.claim(session, ticket, up_to)
    draft = house.desk.write(session, ticket, text, (SENTENCE,)).draft
    return house.desk.send(session, draft.id, house.desk.preview(session, draft.id).fingerprint)


def test_a_reply_reaches_the_visitor_signed_and_with_its_citations(house: House):
    house.ask(eligible)
    reply(house, house.hire("Dana Whitfield", Role.COORDINATOR))

    (shown,) = house.reception.turns(LINK)
    (one,) = shown.replies
    assert (one.name, one.role, one.text) == ("Dana Whitfield", Role.COORDINATOR, "Thank you for asking.")
    assert one.citations == (SENTENCE,)
    assert shown.status.answered.name == "Dana Whitfield"


def test_sending_twice_is_one_reply(house: House):
    house.ask(eligible)
    dana = house.hire("Dana", Role.COORDINATOR)
    house.desk.claim(dana, 1, 1)
    draft = house.desk.write(dana, 1, "Thank you for asking.").draft
    mark = house.desk.preview(dana, draft.id).fingerprint
    sent, start = [], threading.Barrier(4)

    def send() -> None:
        start.wait()
        sent.append(house.desk.send(dana, draft.id, mark))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sent) == 4
    assert len(set(sent)) == 1
    assert len(house.reception.turns(LINK)[0].replies) == 1


def test_a_reply_is_not_sent_past_words_its_writer_has_not_read(house: House):
    house.ask(eligible)
    dana = house.hire("Dana", Role.COORDINATOR)
    house.desk.claim(dana, 1, 1)
    draft = house.desk.write(dana, 1, "Thank you for asking.").draft
    mark = house.desk.preview(dana, draft.id).fingerprint
    house.ask(eligible, "And one more thing")

    with pytest.raises(Conflict, match="wrote again"):
        house.desk.send(dana, draft.id, mark)


def test_a_draft_that_changed_after_the_preview_is_not_sent(house: House):
    house.ask(eligible)
    dana = house.hire("Dana", Role.COORDINATOR)
    house.desk.claim(dana, 1, 1)
    draft = house.desk.write(dana, 1, "One").draft
    mark = house.desk.preview(dana, draft.id).fingerprint
    house.desk.write(dana, 1, "Two")

    with pytest.raises(Conflict):
        house.desk.send(dana, draft.id, mark)


def test_nobody_sends_somebody_elses_draft(house: House):
    house.ask(eligible)
    dana, priya = house.hire("Dana", Role.COORDINATOR), house.hire("Priya", Role.CLINICIAN)
    house.desk.claim(dana, 1, 1)
    draft = house.desk.write(dana, 1, "One").draft

    with pytest.raises(Conflict):
        house.desk.preview(priya, draft.id)


def test_each_edit_is_kept(house: House):
    from desk.conversation import need_seal
    from desk.drafting import edits_of

    house.ask(eligible)
    dana = house.hire("Dana", Role.COORDINATOR)
    for text in ("a", "ab", "ab", "abc"):
        draft = house.desk.write(dana, 1, text).draft

    with house.store.reading() as connection:
        seal = need_seal(connection, house.keys, 1)
        assert [text for _, text in edits_of(connection, seal, draft.id)] == ["a", "ab", "abc"]


def test_a_reply_that_promises_what_nobody_holds_is_not_sent(house: House):
    house.ask(eligible)
    dana = house.hire("Dana", Role.COORDINATOR)

    with pytest.raises(BadInput, match="promises"):
        reply(house, dana, "Do not worry. Someone is watching this page tonight.")


def test_writing_back_reopens_and_the_program_stays_silent(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    reply(house, dana)
    _, recorded = house.ask(answered, "And where is that?")

    assert recorded.silent
    assert recorded.reference == "F-1"
    assert house.desk.bench(dana, 1).ticket.stage is Stage.REOPENED
    assert house.lines() == ["saved", "nobody_receives"]


def test_the_visitor_may_still_ask_the_documents_while_a_person_writes(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)

    _, to_person = house.ask(answered)
    _, to_documents = house.ask(answered, addressee=Addressee.DOCUMENTS)

    assert to_person.silent
    assert not to_documents.silent
    assert to_documents.turn.statements


def test_danger_is_answered_even_while_a_person_writes(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)

    assert not house.ask(danger)[1].silent


def test_not_yet_takes_the_ticket_up_again(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    sent = reply(house, dana)
    house.reception.say_helped(LINK, sent, False)

    assert house.desk.bench(dana, 1).ticket.stage is Stage.REOPENED
    assert house.reception.turns(LINK)[0].replies[0].helped is False


def test_nobody_judges_a_reply_in_another_conversation(house: House):
    house.ask(eligible)
    sent = reply(house, house.hire("Dana", Role.COORDINATOR))
    house.ask(eligible, link="another-link")

    with pytest.raises(Conflict):
        house.reception.say_helped("another-link", sent, True)


def test_only_a_clinician_closes_a_danger_ticket(house: House):
    house.ask(danger)
    dana, priya = house.hire("Dana", Role.COORDINATOR), house.hire("Priya", Role.CLINICIAN)

    with pytest.raises(NotAllowed):
        house.desk.close(dana, 1, Outcome.NOT_IN_DANGER, 1)
    with pytest.raises(NotAllowed):
        house.desk.close_danger(dana, 1, Outcome.NOT_IN_DANGER, 1, clear_care=False)
    ended = house.desk.close_danger(priya, 1, Outcome.SPOKE, 1, clear_care=True)
    assert (ended.stage, ended.outcome) == (Stage.CLOSED, Outcome.SPOKE)
    assert house.reception.open(LINK).care is Care.NONE


def test_words_kept_for_a_danger_ticket_go_when_it_is_closed(house: House):
    priya = house.hire("Priya", Role.CLINICIAN)
    house.ask(danger, "words of somebody")
    house.reception.forget(LINK)

    assert house.desk.bench(priya, 1).conversation[0].text == "words of somebody"
    house.desk.close_danger(priya, 1, Outcome.UNREACHABLE, 1, clear_care=False)
    assert house.desk.bench(priya, 1).conversation == ()


def test_a_reply_to_a_deleted_conversation_is_refused_in_words(house: House):
    priya = house.hire("Priya", Role.CLINICIAN)
    house.ask(danger)
    house.reception.forget(LINK)

    with pytest.raises(Conflict, match="deleted"):
        reply(house, priya)


def test_after_closing_a_new_question_gets_a_new_ticket_and_shows_the_earlier_one(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible)
    house.desk.close(dana, 1, Outcome.NOTHING_OWED, 1)
    _, recorded = house.ask(unsafe)

    assert recorded.reference == "F-2"
    assert [ticket.id for ticket in house.desk.bench(dana, 2).earlier] == [1]
    with pytest.raises(Conflict, match="F-2"):
        house.desk.reopen(dana, 1)


def test_the_bench_holds_everything_staff_need(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(danger)
    house.desk.note(dana, 1, "called the second clinician")
    house.desk.check_off(dana, 1, "every.read-all")
    bench = house.desk.bench(dana, 1)

    assert bench.conversation[0].turn.decision.words == ("not be here",)
    assert bench.notes[0].text == "called the second clinician"
    assert [step.done_by for step in bench.steps if step.item == "every.read-all"] == ["Dana"]
    assert any(step.item.startswith("suicide.") for step in bench.steps)
    assert {entry.action for entry in bench.trail} >= {"note.written", "step.done"}


def test_a_ticket_handed_over_is_held_by_the_other(house: House):
    dana, priya, rob = (
        house.hire("Dana", Role.COORDINATOR),
        house.hire("Priya", Role.CLINICIAN),
        house.hire("Rob", Role.READ_ONLY),
    )
    house.ask(eligible)
    house.desk.claim(dana, 1, 1)

    with pytest.raises(Conflict):
        house.desk.hand_over(dana, 1, 3)
    house.desk.hand_over(dana, 1, 2)
    assert house.desk.bench(rob, 1).holder == "Priya"
    with pytest.raises(Conflict):
        house.desk.release(dana, 1)
    house.desk.release(priya, 1)


def test_staff_see_who_else_has_a_ticket_open(house: House):
    dana, priya = house.hire("Dana", Role.COORDINATOR), house.hire("Priya", Role.CLINICIAN)
    house.ask(eligible)
    assert house.desk.also_looking(dana, 1) == ()
    assert house.desk.also_looking(priya, 1) == ("Dana",)
    house.clock.move(seconds=21)
    assert house.desk.also_looking(priya, 1) == ()


def test_the_queue_is_urgent_first_and_filters(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    for number, make in enumerate((eligible, unsafe, danger, eligible)):
        house.ask(make, f"message\n{number}", link=f"link-{number}")
        house.clock.move(minutes=1)
    house.desk.claim(dana, 2, 1)

    queue = house.desk.queue(dana)
    assert [row.ticket.id for row in queue] == [3, 2, 1, 4]
    assert (queue[0].group, queue[0].words, queue[1].holder, queue[1].is_mine) == (Group.NOW, "message 2", "Dana", True)
    assert [row.ticket.id for row in house.desk.queue(dana, Filter(reason=Reason.MEDICINE))] == [2]
    assert [row.ticket.id for row in house.desk.queue(dana, Filter(urgency=Urgency.NOW))] == [3]
    assert [row.ticket.id for row in house.desk.queue(dana, Filter(mine=True))] == [2]
    assert house.desk.queue(dana, Filter(closed=True)) == ()
    counts = house.desk.counts(dana)
    assert (counts.open, counts.mine, counts.urgency[Urgency.NOW], counts.reason[Reason.CANDIDATE]) == (4, 1, 1, 2)


def test_the_off_switch_works_at_once_and_is_in_the_trail(house: House):
    ada = house.hire("Ada", Role.ADMINISTRATOR)
    assert house.reception.answers_are_on()
    house.desk.switch_answers(ada, False)
    assert not house.reception.answers_are_on()
    house.desk.switch_answers(ada, True)
    assert house.reception.answers_are_on()
    assert [entry.facts for entry in house.desk.trail(ada, 2)] == [{"on": True}, {"on": False}]


def test_everything_that_happened_is_in_a_whole_trail(house: House):
    dana = house.hire("Dana", Role.COORDINATOR)
    house.ask(eligible, "what nobody else may read")
    reply(house, dana, "an answer to it")

    with house.store.reading() as connection:
        assert audit.verify(connection).is_whole
        entries = audit.entries(connection)
    assert {entry.action for entry in entries} >= {
        "message.stored",
        "turn.recorded",
        "ticket.claimed",
        "draft.saved",
        "reply.sent",
    }
    assert "nobody else" not in str(entries)
