"""Random moves against a real desk: no wording without its row, no word of the program while a person has it."""

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from desk import ticket as moves
from desk.alerts import AlertContact
from desk.conversation import find
from desk.roles import Role
from desk.status import Step
from desk.ticket import Outcome, Stage, Ticket
from desk.ticket_rows import TICKET
from desk.transcript import Addressee
from errors import Conflict, ForeroomError, NotAllowed
from store import audit
from store.engine import connect
from tests.desk.desks import House
from tests.desk.made_up import MONDAY_NOON, answered, danger, eligible, unsafe
from triage.decision import Reason, Route, Urgency

MAKES = (answered, eligible, unsafe, danger)
LINKS = ("link-a", "link-b")


class RandomDesk(RuleBasedStateMachine):
    """Visitors write, staff act, channels fail, time passes; a plain model remembers what really happened."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="foreroom-random-"))
        shutil.copy(self.template, self.folder / "desk.db")
        self.house = House(connect(f"sqlite:///{self.folder / 'desk.db'}"))
        ada = self.house.hire("Ada", Role.ADMINISTRATOR)
        self.house.desk.set_contacts(ada, (AlertContact("P", "email", "p@x"), AlertContact("O", "email", "o@x")))
        self.house.clock.move(minutes=1)
        self.happened: list[tuple[str, str]] = []  # (what, reference), oldest first
        self.recorded: dict[int, int] = {}  # message id: how much had happened when its turn was recorded

    def teardown(self) -> None:
        self.house.store.close()
        shutil.rmtree(self.folder)

    def person_has_the_word(self, link: str) -> bool:
        """Straight from the row: somebody holds the ticket, or answered it and it is not closed."""
        with self.house.store.reading() as connection:
            found = find(connection, link, self.house.clock())
            row = connection.execute(
                sa.select(TICKET).where(
                    TICKET.c.conversation_id == (found.id if found else 0), TICKET.c.stage != Stage.CLOSED.value
                )
            ).one_or_none()
        if row is None:
            return False
        held = row.stage == "claimed" and row.held_until > self.house.clock()
        return held or row.answered_at is not None

    def session(self, role: Role) -> str:
        """A session that has not ended, of one person a role."""
        return self.house.hire(f"{role.value} {len(self.house.sessions)}", role)

    @rule(link=st.sampled_from(LINKS), make=st.sampled_from(MAKES), to=st.sampled_from(Addressee))
    def visitor_writes(self, link: str, make, to: Addressee) -> None:
        with_person = self.person_has_the_word(link)
        received, recorded = self.house.ask(make, link=link, addressee=to)
        self.recorded[received.id] = len(self.happened)
        if recorded.turn.statements:
            assert to is not Addressee.PERSON
            assert to is Addressee.DOCUMENTS or not with_person
        assert recorded.silent == (not recorded.turn.statements and make is answered) or make is not answered

    @rule(ticket=st.integers(1, 4), acts=st.sampled_from(("claim", "acknowledge")))
    def staff_see(self, ticket: int, acts: str) -> None:
        dana = self.session(Role.CLINICIAN)
        try:
            up_to = self.house.desk.bench(dana, ticket).up_to
            getattr(self.house.desk, acts)(dana, ticket, up_to)
        except Conflict:
            return
        self.happened.append(("seen", f"F-{ticket}"))

    @rule(ticket=st.integers(1, 4))
    def staff_reply(self, ticket: int) -> None:
        dana = self.session(Role.CLINICIAN)
        try:
            self.house.desk.claim(dana, ticket, self.house.desk.bench(dana, ticket).up_to)
            self.happened.append(("seen", f"F-{ticket}"))
            draft = self.house.desk.write(dana, ticket, "An answer.").draft
            self.house.desk.send(dana, draft.id, self.house.desk.preview(dana, draft.id).fingerprint)
        except Conflict:
            return
        self.happened.append(("answered", f"F-{ticket}"))

    @rule(ticket=st.integers(1, 4), outcome=st.sampled_from(Outcome))
    def staff_close(self, ticket: int, outcome: Outcome) -> None:
        try:
            dana = self.session(Role.COORDINATOR)
            self.house.desk.close(dana, ticket, outcome, self.house.desk.bench(dana, ticket).up_to)
        except (Conflict, NotAllowed):
            return

    @rule(ticket=st.integers(1, 4))
    def staff_reopen(self, ticket: int) -> None:
        try:
            self.house.desk.reopen(self.session(Role.COORDINATOR), ticket)
        except Conflict:
            return

    @rule(minutes=st.sampled_from((0, 1, 16, 45, 60 * 24 * 8)), down=st.booleans())
    def time_passes(self, minutes: int, down: bool) -> None:
        self.house.clock.move(minutes=minutes)
        self.house.mail.is_down = down
        before = len(self.house.mail.letters)
        self.house.tend()
        for _, words in self.house.mail.letters[before:]:
            self.happened.append(("alerted", words.subject.rpartition(" ")[2]))

    @rule(link=st.sampled_from(LINKS))
    def visitor_asks_for_a_person(self, link: str) -> None:
        self.house.reception.ask_for_person(link)

    @invariant()
    def nothing_is_said_without_having_happened(self) -> None:
        for link in LINKS:
            for shown in self.house.reception.turns(link):
                if shown.status is None:
                    continue
                since = self.happened[self.recorded[shown.id] :]
                for step in (Step.ALERTED, Step.SEEN, Step.ANSWERED):
                    if step in shown.status.steps():
                        assert (step.value, shown.reference) in since, (step, shown.reference)

    @invariant()
    def the_trail_is_whole(self) -> None:
        with self.house.store.reading() as connection:
            assert audit.verify(connection).is_whole


@pytest.mark.timeout(170)
def test_nothing_is_ever_said_that_no_row_holds(sqlite_template: Path):
    RandomDesk.template = sqlite_template
    run_state_machine_as_test(
        RandomDesk,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
        ),
    )


def fresh(route: Route = Route.ELIGIBILITY) -> Ticket:
    soon = MONDAY_NOON + timedelta(hours=4)
    return Ticket(
        1, 1, None, Stage.WAITING, route, (Reason.CANDIDATE,), Urgency.NEXT_DAY, MONDAY_NOON, MONDAY_NOON, 1, soon
    )


MOVES = {
    "join": lambda t, who, now: moves.joined(
        t, Route.SAFETY, (Reason.DOSE,), Urgency.TODAY, number=2, due=now + timedelta(hours=1), now=now
    ),
    "danger": lambda t, who, now: moves.joined(
        t, Route.CRISIS, (Reason.SUICIDE,), Urgency.NOW, number=2, due=now + timedelta(minutes=15), now=now
    ),
    "claim": moves.claimed,
    "release": lambda t, who, now: moves.released(t, who),
    "hand over": lambda t, who, now: moves.handed_over(t, who, 3 - who, now),
    "time out": lambda t, who, now: moves.timed_out(t, now),
    "answer": moves.answered,
    "close": lambda t, who, now: moves.closed(t, Outcome.ANSWERED, now, by_clinician=False),
    "close danger": lambda t, who, now: moves.closed(t, Outcome.SPOKE, now, by_clinician=True),
    "reopen": lambda t, who, now: moves.reopened(t, now, now + timedelta(hours=1)),
}


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from((1, 2)), st.integers(0, 40)), max_size=25))
def test_whatever_happens_a_ticket_keeps_its_rules(steps: list[tuple[str, int, int]]):
    ticket, now = fresh(), MONDAY_NOON
    for name, who, minutes in steps:
        now += timedelta(minutes=minutes)
        before = ticket
        try:
            ticket = MOVES[name](ticket, who, now)
        except ForeroomError:
            assert ticket == before
            continue
        assert (ticket.stage is Stage.CLAIMED) == (ticket.holder is not None)
        assert (ticket.stage is Stage.CLOSED) == (ticket.closed_at is not None) == (ticket.outcome is not None)
        assert set(before.reasons) <= set(ticket.reasons)
        assert before.is_danger <= ticket.is_danger
        if name == "answer":
            assert before.holder == who
        if name == "claim" and before.is_held(now):
            assert before.holder == who
        if before.is_danger and ticket.stage is Stage.CLOSED and before.stage is not Stage.CLOSED:
            assert name == "close danger"
        if before.stage in (Stage.WAITING, Stage.CLAIMED, Stage.REOPENED) and name in ("join", "danger"):
            assert ticket.due_at <= before.due_at
            assert moves.URGENCIES.index(ticket.urgency) <= moves.URGENCIES.index(before.urgency)


def test_a_way_to_be_reached_brings_a_question_up():
    assert fresh().is_sunk
    assert not moves.reachable(fresh()).is_sunk
    assert not replace(fresh(), route=Route.SAFETY).is_sunk
    assert fresh().rank > moves.reachable(fresh()).rank
