"""When the program holds back: a person has the word, or danger was read while an answer was being made."""

from datetime import datetime

from conversation.answer import Turn
from desk.ticket import Ticket
from desk.transcript import Addressee, Received
from triage.decision import Care, Route


def is_silent(received: Received, turn: Turn, ticket: Ticket | None, care: Care, now: datetime) -> bool:
    """The program holds back: a person has the word, or danger was read while this turn was being made."""
    if turn.decision.route is Route.CRISIS:
        with_person = received.care is Care.WITH_A_PERSON and ticket is not None and ticket.has_person(now)
        return with_person and not _reads_danger(turn)
    if received.addressee is Addressee.PERSON:
        return True
    if care is Care.ASKED and received.care is not Care.ASKED:
        return True
    return received.addressee is Addressee.ANYONE and ticket is not None and ticket.has_person(now)


def _reads_danger(turn: Turn) -> bool:
    """This very message is about danger; without that the route only stayed what it was."""
    verdicts = [verdict for verdict in turn.decision.verdicts if verdict.route is Route.CRISIS]
    return not verdicts or any(verdict.reader != "care" for verdict in verdicts)
