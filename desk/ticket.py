"""A ticket: what a person owes one conversation, and every move it can make; a ticket in, a new ticket out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from errors import Conflict, NotAllowed
from triage.decision import Reason, Route, Urgency

CLAIM_LASTS = timedelta(minutes=30)  # without a keystroke


class Stage(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    REOPENED = "reopened"  # the visitor wrote back, or staff took it up again
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a ticket ended."""

    ANSWERED = "answered"
    SPOKE = "spoke_with_the_visitor"
    REFERRED = "referred_elsewhere"
    NOT_IN_DANGER = "not_in_danger"
    EMERGENCY_CALLED = "emergency_services_called"
    UNREACHABLE = "could_not_be_reached"
    NOTHING_OWED = "nothing_to_answer"
    NO_WAY_TO_REACH = "no_way_to_reach_the_visitor"  # closed by itself
    SETTLED = "settled_after_the_answer"  # closed by itself
    DELETED = "deleted_by_the_visitor"
    TAKEN_BACK = "taken_back_by_the_visitor"


URGENCIES = tuple(Urgency)  # most urgent first
ROUTES = tuple(Route)  # most careful first
SUNK = 10  # added to the rank of a ticket nobody can answer


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a person owes one conversation."""

    id: int
    conversation: int
    clinic: str | None
    stage: Stage
    route: Route  # the most careful one of its turns
    reasons: tuple[Reason, ...]
    urgency: Urgency
    opened_at: datetime
    waiting_since: datetime  # when the words that nobody has answered yet began
    waits_from: int  # the number of the first message among them
    due_at: datetime
    can_reach: bool = False  # the visitor left a way to be reached
    holder: int | None = None  # staff id
    held_until: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    version: int = 0  # counts saved moves

    @property
    def reference(self) -> str:
        """What people call it: "F-318"."""
        return f"F-{self.id}"

    @property
    def is_danger(self) -> bool:
        """Somebody may be in danger."""
        return self.route is Route.CRISIS

    @property
    def is_sunk(self) -> bool:
        """A question about the visitor's own case, without a way to reach them."""
        return self.route is Route.ELIGIBILITY and not self.can_reach and Reason.ASKED_FOR_A_PERSON not in self.reasons

    @property
    def rank(self) -> int:
        """Its place in the queue, lowest first."""
        return URGENCIES.index(self.urgency) + (SUNK if self.is_sunk else 0)

    def is_held(self, now: datetime) -> bool:
        """Somebody has it and the claim still runs."""
        return self.stage is Stage.CLAIMED and self.held_until is not None and self.held_until > now

    def has_person(self, now: datetime) -> bool:
        """A person is in the conversation: the program does not speak unasked."""
        return self.is_held(now) or (self.answered_at is not None and self.stage is not Stage.CLOSED)


def joined(
    ticket: Ticket,
    route: Route,
    reasons: tuple[Reason, ...],
    urgency: Urgency,
    *,
    number: int,
    due: datetime,
    now: datetime,
) -> Ticket:
    """Another message of the same conversation: part of the burst, or the one that reopens an answered ticket.

    `due` is when an answer to this message alone would be owed. A ticket never becomes less careful or less urgent
    while it waits; after an answer it starts afresh with what came now.
    """
    if ticket.stage is Stage.CLOSED:
        raise Conflict("A closed ticket takes no more messages; open a new one.")
    if ticket.stage is Stage.ANSWERED:
        return replace(
            ticket,
            stage=Stage.REOPENED,
            route=_careful(ticket.route, route),
            reasons=_merged(ticket.reasons, reasons),
            urgency=urgency,
            waiting_since=now,
            waits_from=number,
            due_at=due,
        )
    graver = is_graver(urgency, ticket.urgency)
    return replace(
        ticket,
        route=_careful(ticket.route, route),
        reasons=_merged(ticket.reasons, reasons),
        urgency=urgency if graver else ticket.urgency,
        due_at=min(due, ticket.due_at),
    )


def claimed(ticket: Ticket, staff: int, now: datetime) -> Ticket:
    """Somebody takes it, or goes on holding it. Conflict if another holds it or it is closed."""
    if ticket.stage is Stage.CLOSED:
        raise Conflict(f"{ticket.reference} is closed. Reopen it first.")
    if ticket.is_held(now) and ticket.holder != staff:
        raise Conflict(f"Somebody took {ticket.reference} a moment ago.")
    return replace(ticket, stage=Stage.CLAIMED, holder=staff, held_until=now + CLAIM_LASTS)


def released(ticket: Ticket, staff: int) -> Ticket:
    """The holder lets go; it waits again. Conflict if somebody else holds it by now."""
    _must_hold(ticket, staff)
    return _let_go(ticket)


def handed_over(ticket: Ticket, staff: int, to: int, now: datetime) -> Ticket:
    """The holder gives it to a colleague."""
    _must_hold(ticket, staff)
    return replace(ticket, holder=to, held_until=now + CLAIM_LASTS)


def timed_out(ticket: Ticket, now: datetime) -> Ticket:
    """The same ticket, free again if its claim ran out."""
    if ticket.stage is Stage.CLAIMED and not ticket.is_held(now):
        return _let_go(ticket)
    return ticket


def answered(ticket: Ticket, staff: int, now: datetime) -> Ticket:
    """A reply left the desk. Conflict if the sender does not hold it."""
    _must_hold(ticket, staff)
    return replace(ticket, stage=Stage.ANSWERED, holder=None, held_until=None, answered_at=now)


def closed(ticket: Ticket, outcome: Outcome, now: datetime, *, by_clinician: bool) -> Ticket:
    """It is over. NotAllowed for a danger ticket unless a clinician closes it."""
    if ticket.is_danger and not by_clinician:
        raise NotAllowed(f"{ticket.reference} is about danger. Only a clinician closes it.")
    if ticket.stage is Stage.CLOSED:
        raise Conflict(f"{ticket.reference} is closed already.")
    return replace(ticket, stage=Stage.CLOSED, holder=None, held_until=None, closed_at=now, outcome=outcome)


def reopened(ticket: Ticket, now: datetime, due: datetime) -> Ticket:
    """Staff, or the visitor's "not yet", take an ended ticket up again."""
    if ticket.stage not in (Stage.CLOSED, Stage.ANSWERED):
        raise Conflict(f"{ticket.reference} is open already.")
    return replace(ticket, stage=Stage.REOPENED, waiting_since=now, due_at=due, closed_at=None, outcome=None)


def is_graver(urgency: Urgency, than: Urgency) -> bool:
    """The first is more urgent than the second."""
    return URGENCIES.index(urgency) < URGENCIES.index(than)


def reachable(ticket: Ticket) -> Ticket:
    """The visitor left a way to be reached."""
    return replace(ticket, can_reach=True)


def _let_go(ticket: Ticket) -> Ticket:
    stage = Stage.WAITING if ticket.answered_at is None else Stage.REOPENED
    return replace(ticket, stage=stage, holder=None, held_until=None)


def _must_hold(ticket: Ticket, staff: int) -> None:
    if ticket.stage is not Stage.CLAIMED or ticket.holder != staff:
        raise Conflict(f"You no longer hold {ticket.reference}. Take it again; your words are kept.")


def _careful(one: Route, other: Route) -> Route:
    return min(one, other, key=ROUTES.index)


def _merged(one: tuple[Reason, ...], other: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys((*one, *other)))
