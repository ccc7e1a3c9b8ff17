"""Follow-ups by link: asked for in some weeks, a neutral note, what is not answered shows on the desk."""

import pytest

from desk.reach import How, Reach
from desk.roles import Role
from errors import BadInput, Conflict, NotAllowed
from intake.follow_ups import Standing
from tests.desk.desks import LINK
from tests.intake.houses import IntakeHouse


def asked(house: IntakeHouse, weeks: int = 4) -> int:
    """A visitor with a ticket, who is asked."""
    house.hand_over(house.ready())
    return house.intake_desk.ask_follow_up(house.clinician(), 1, "follow-up", weeks)


def test_it_is_asked_when_its_time_has_come_and_not_before(both: IntakeHouse):
    asked(both)
    (planned,) = both.intake_desk.follow_ups(both.clinician(), 1)
    assert (planned.standing, planned.asked_by) == (Standing.PLANNED, "Priya")
    assert both.intakes.waiting_follow_ups(LINK) == ()

    both.clock.move(weeks=4)
    both.sessions.clear()
    (due,) = both.intakes.waiting_follow_ups(LINK)
    assert due.standing is Standing.DUE


def test_the_note_goes_when_it_is_due_and_says_nothing_of_why(house: IntakeHouse):
    house.hand_over(house.ready())
    house.reception.leave_reach(LINK, Reach(How.EMAIL, "sam@example.org", "Sam"))
    house.intake_desk.ask_follow_up(house.clinician(), 1, "follow-up", 2)
    house.tend()
    assert not house.mail.letters

    house.clock.move(weeks=2)
    house.tend()
    ((address, letter),) = house.mail.letters
    assert address == "sam@example.org"
    for word in ("clinic", "treatment", "ketamine", "intake", "mood", "interest", "Sam"):
        assert word not in f"{letter.subject} {letter.body}"
    house.sessions.clear()
    (one,) = house.intake_desk.follow_ups(house.hire("Okafor", Role.CLINICIAN), 1)
    assert one.note_sent_at == house.clock.now


def test_a_note_that_no_channel_took_is_not_called_sent(house: IntakeHouse):
    house.hand_over(house.ready())
    house.reception.leave_reach(LINK, Reach(How.EMAIL, "sam@example.org"))
    house.intake_desk.ask_follow_up(house.clinician(), 1, "follow-up", 1)
    house.clock.move(weeks=1)
    house.mail.is_down = True
    house.tend()

    (one,) = house.intake_desk.follow_ups(house.hire("Okafor", Role.CLINICIAN), 1)
    assert one.note_sent_at is None
    assert one.note_trouble == "down"


def test_what_is_not_answered_shows_on_the_desk_until_it_is(house: IntakeHouse):
    asked(house)
    house.clock.move(weeks=4, days=8)
    session = house.hire("Okafor", Role.COORDINATOR)
    (owed,) = house.intake_desk.unanswered(session)
    assert (owed.follow_up.standing, owed.ticket, owed.title) == (Standing.LATE, 1, "Follow-up")

    view = house.begin("follow-up", "es")
    house.choose(view, "interest", "2")
    assert house.intake_desk.unanswered(session), "begun is not answered"
    house.hand_over(view)
    assert house.intake_desk.unanswered(session) == ()
    assert house.intakes.waiting_follow_ups(LINK) == ()
    (one,) = house.intake_desk.follow_ups(session, 1)
    assert (one.standing, one.intake) == (Standing.HANDED_OVER, view.intake.id)


def test_answers_taken_back_are_owed_again(house: IntakeHouse):
    asked(house, weeks=1)
    house.clock.move(weeks=1)
    view = house.begin("follow-up")
    house.hand_over(view)
    house.intakes.take_back(LINK, view.intake.id)

    assert house.intakes.waiting_follow_ups(LINK)
    assert house.begin("follow-up").intake.id == view.intake.id


def test_what_was_called_off_is_not_asked(house: IntakeHouse):
    made = asked(house, weeks=1)
    house.intake_desk.call_off(house.clinician(), 1, made)
    house.clock.move(weeks=2)

    assert house.intakes.waiting_follow_ups(LINK) == ()
    assert house.intake_desk.unanswered(house.hire("Okafor", Role.CLINICIAN)) == ()
    with pytest.raises(Conflict):
        house.intakes.begin(LINK, "follow-up", "en", follow_up=made)


def test_nothing_is_asked_for_beyond_the_days_the_conversation_is_kept(house: IntakeHouse):
    house.hand_over(house.ready())

    with pytest.raises(BadInput, match="within 11 weeks"):
        house.intake_desk.ask_follow_up(house.clinician(), 1, "follow-up", 12)
    with pytest.raises(BadInput, match="1 to 52"):
        house.intake_desk.ask_follow_up(house.clinician(), 1, "follow-up", 0)


def test_a_follow_up_belongs_to_one_conversation(house: IntakeHouse):
    made = asked(house, weeks=1)
    house.clock.move(weeks=1)

    house.begin(link="somebody-else")
    with pytest.raises(Conflict):
        house.intakes.begin("somebody-else", "follow-up", "en", follow_up=made)


def test_a_deleted_conversation_is_asked_nothing(house: IntakeHouse):
    asked(house, weeks=1)
    house.clock.move(weeks=1)
    house.reception.forget(LINK)

    assert house.intake_desk.unanswered(house.hire("Okafor", Role.CLINICIAN)) == ()


@pytest.mark.parametrize(
    ("role", "may_ask", "may_send"),
    [
        (Role.ADMINISTRATOR, True, True),
        (Role.CLINICIAN, True, True),
        (Role.COORDINATOR, True, True),
        (Role.READ_ONLY, False, False),
    ],
)
def test_each_role_may_do_what_its_table_says(house: IntakeHouse, role: Role, may_ask: bool, may_send: bool):
    view = house.ready()
    house.hand_over(view)
    session = house.hire("Somebody", role)

    def allowed(move) -> bool:
        try:
            move()
        except NotAllowed:
            return False
        return True

    desk = house.intake_desk
    assert allowed(lambda: desk.page(session, view.intake.id))
    assert allowed(lambda: desk.ask_follow_up(session, 1, "follow-up", 1)) is may_ask
    assert allowed(lambda: desk.call_off(session, 1, 1)) is may_ask
    assert allowed(lambda: desk.send_record(session, view.intake.id)) is may_send


def test_every_action_of_the_intake_desk_stands_behind_the_guard(house: IntakeHouse):
    open_to_all = {"allow", "follow_ups_offered"}
    desk = type(house.intake_desk)
    actions = [name for name in vars(desk) if not name.startswith("_") and callable(vars(desk)[name])]

    assert {name for name in actions if not hasattr(vars(desk)[name], "action")} == open_to_all
    view = house.ready()
    house.hand_over(view)
    for name in set(actions) - open_to_all:
        arguments = {"page": 1, "file": 2, "ask_follow_up": 3, "call_off": 2, "unanswered": 0}.get(name, 1)
        with pytest.raises(NotAllowed):
            getattr(house.intake_desk, name)("no such session", *([1] * arguments))


def test_a_sessions_end_ends_the_intake_desk_too(house: IntakeHouse):
    session = house.clinician()
    house.clock.move(hours=13)

    with pytest.raises(NotAllowed):
        house.intake_desk.unanswered(session)
