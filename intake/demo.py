"""The intake of the throwaway installation: made-up answers of six weeks, put in as any visitor's and read as any."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from desk.actions import Desk
from desk.conversation import new_token
from desk.ticket import Outcome
from intake.intakes import Intakes
from intake.staff import IntakeDesk
from intake.values import Given


class Clock(Protocol):
    """A clock that is put back."""

    now: datetime


FIRST = {
    "brings": "For about three years things have been flat. I go to my daughter's games and watch as if through glass.",
    "since": "the winter after I changed jobs",
    "tried.what[0]": "an antidepressant, two of them one after the other",
    "tried.changed[0]": "I cried less. I also laughed less.",
    "health": "Blood pressure a little high, nothing else that I know of.",
    "medicines": "lisinopril, one in the morning; vitamin D",
    "outcome": "To look forward to a Saturday again.",
    "place": "Franklin, Tennessee",
    "reach-address": "sam@example.org",
    "reach-name": "Sam",
    "reach-when": "after six; please do not name the clinic",
}
CHOSEN = {
    "who": "self",
    "adult": "yes",
    "pleasure": "little",
    "drive": "none",
    "mood": "flat",
    "tried.flat[0]": "yes",
    "reach-how": "email",
    "contact.wished": "no",
}
FOLLOW_UPS = (  # interest, pleasure, drive, mood, sessions, what returned
    ("0", "1", "0", "2", "1", ""),
    ("1", "1", "1", "2", "3", "I noticed that I was humming."),
    ("2", "3", "1", "2", "5", "Coffee. And wanting to call my brother."),
)


def fill(intakes: Intakes, desk: IntakeDesk, tickets: Desk, clock: Clock, session: Callable[[], str]) -> str:
    """One visitor with three follow-ups, the last of which waits for staff, and one who did not answer theirs.

    Returns the first one's private link.
    """
    today, visitor, silent = clock.now, new_token(), new_token()
    clock.now = today - timedelta(weeks=6, hours=1)
    ticket = _end(tickets, clock, session(), _first(intakes, clock, visitor, FIRST | CHOSEN))
    for number, codes in enumerate(FOLLOW_UPS):
        asked = desk.ask_follow_up(session(), ticket, "follow-up", 2)
        clock.now = today - timedelta(weeks=4 - 2 * number, minutes=-20 if number < 2 else 20)
        ticket = _follow_up(intakes, visitor, asked, codes)
        if number < 2:
            _end(tickets, clock, session(), ticket)
    clock.now = today - timedelta(weeks=3)
    ticket = _end(tickets, clock, session(), _first(intakes, clock, silent, {"who": "other", "adult": "yes"}))
    desk.ask_follow_up(session(), ticket, "follow-up", 1)
    clock.now = today
    return visitor


def _first(intakes: Intakes, clock: Clock, visitor: str, said: Mapping[str, str]) -> int:
    """A first conversation in the order it is asked, handed over; returns the ticket."""
    view = intakes.begin(visitor, "first-conversation", "en")
    while (step := view.next()) is not None:
        clock.now += timedelta(seconds=30)
        if step.key not in said:
            view = intakes.skip(visitor, view.intake.id, step.key).view
            continue
        words = said[step.key]
        given = Given(option=f"|{words}") if step.item.option(f"|{words}") else Given(words=words)
        view = intakes.answer(visitor, view.intake.id, step.key, [given]).view
    return _handed_over(intakes, visitor, view.intake.id)


def _follow_up(intakes: Intakes, visitor: str, asked: int, codes: tuple[str, ...]) -> int:
    """A follow-up, handed over; returns the ticket."""
    intake = intakes.begin(visitor, "follow-up", "en", follow_up=asked).intake.id
    for key, code in zip(("interest", "pleasure", "drive", "mood"), codes, strict=False):
        intakes.answer(visitor, intake, key, [Given(option=f"|{code}")])
    for key, words in (("sessions", codes[4]), ("returned", codes[5])):
        if words:
            intakes.answer(visitor, intake, key, [Given(words=words)])
    return _handed_over(intakes, visitor, intake)


def _handed_over(intakes: Intakes, visitor: str, intake: int) -> int:
    return int(intakes.hand_over(visitor, intake, consent=True).reference.removeprefix("F-"))


def _end(tickets: Desk, clock: Clock, session: str, ticket: int) -> int:
    """A clinician took it and spoke with the visitor."""
    clock.now += timedelta(minutes=40)
    read = tickets.bench(session, ticket).up_to
    tickets.claim(session, ticket, read)
    tickets.close(session, ticket, Outcome.SPOKE, read)
    return ticket
