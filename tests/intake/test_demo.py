"""The throwaway installation's intake: a page with a chart, and a follow-up that nobody answered."""

from itertools import count

from desk.roles import Role
from intake.demo import fill
from intake.questionnaire import Panel
from tests.intake.houses import IntakeHouse


def test_the_demonstration_has_a_page_with_a_chart_and_an_unanswered_follow_up(house: IntakeHouse):
    today, names = house.clock.now, count()
    visitor = fill(
        house.intakes,
        house.intake_desk,
        house.desk,
        house.clock,
        lambda: house.hire(f"Priya {next(names)}", Role.CLINICIAN),
    )

    assert house.clock.now == today
    session = house.hire("Ada", Role.ADMINISTRATOR)
    listed = house.intake_desk.of_ticket(session, 1)
    assert [one.title for one in listed] == ["Follow-up"] * 3 + ["First conversation"]
    page = house.intake_desk.page(session, listed[-1].intake)
    assert page.section("medicines")
    assert {point.panel for point in page.points} == set(Panel)
    (owed,) = house.intake_desk.unanswered(session)
    (waits,) = house.desk.queue(session)
    assert (waits.ticket.id, waits.is_overdue) == (4, False)
    assert owed.ticket == 5
    assert not house.intakes.waiting_follow_ups(visitor)
