"""The intake of the throwaway installation: made-up answers of eight weeks, put in as any visitor's and read as any."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from desk.conversation import new_token
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


def fill(intakes: Intakes, desk: IntakeDesk, clock: Clock, session: Callable[[], str]) -> str:
    """A first conversation, three follow-ups and one that was not answered; returns the visitor's private link."""
    today, visitor = clock.now, new_token()
    clock.now = today - timedelta(weeks=8)
    view = intakes.begin(visitor, "first-conversation", "en")
    answers = [(key, Given(option=f"|{code}")) for key, code in CHOSEN.items()]
    answers += [(key, Given(words=words)) for key, words in FIRST.items()]
    while answers:  # in the order they are asked
        view = intakes.view(visitor, view.intake.id) or view
        key, given = next(one for one in answers if view.step(one[0]) is not None)
        answers.remove((key, given))
        clock.now += timedelta(seconds=50)
        intakes.answer(visitor, view.intake.id, key, [given])
    ticket = int(intakes.hand_over(visitor, view.intake.id, consent=True).reference.removeprefix("F-"))
    for codes in FOLLOW_UPS:
        clock.now += timedelta(hours=1)
        asked = desk.ask_follow_up(session(), ticket, "follow-up", 2)
        clock.now += timedelta(weeks=2, hours=5)
        _answer(intakes, visitor, asked, codes)
    clock.now = today - timedelta(weeks=1, hours=2)
    desk.ask_follow_up(session(), ticket, "follow-up", 1)
    clock.now = today
    return visitor


def _answer(intakes: Intakes, visitor: str, asked: int, codes: tuple[str, ...]) -> None:
    view = intakes.begin(visitor, "follow-up", "en", follow_up=asked)
    for key, code in zip(("interest", "pleasure", "drive", "mood"), codes, strict=False):
        intakes.answer(visitor, view.intake.id, key, [Given(option=f"|{code}")])
    for key, words in (("sessions", codes[4]), ("returned", codes[5])):
        if words:
            intakes.answer(visitor, view.intake.id, key, [Given(words=words)])
    intakes.hand_over(visitor, view.intake.id, consent=True)
