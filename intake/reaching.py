"""How a visitor may be reached, out of the answers a file marks for it; forgotten when they are taken back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.engine import Connection

from desk import reach, ticket_rows
from desk.reach import How, Reach
from desk.ticket import reachable
from intake.engine import Step
from intake.questionnaire import Part, Value
from store.keys import Seal

LONGEST = 300  # characters of each line, as the desk keeps them


def reach_of(path: tuple[Step, ...]) -> Reach | None:
    """What was left; None without an address."""
    said: Mapping[Part, tuple[Value, ...]] = {
        step.item.part: step.entry.values
        for step in path
        if step.item.part is not None and step.entry is not None and step.is_answered
    }
    address = _line(said, Part.REACH_ADDRESS)
    if not address:
        return None
    code = next((value.code for value in said.get(Part.REACH_HOW, ())), "")
    how = How(code) if code in tuple(How) else How.OTHER
    if how is How.EMAIL and ("@" not in address or any(sign in address for sign in " ,\r\n<>")):
        how = How.OTHER  # kept as it was written; no mail goes there
    mailbox = any(value.code == "yes" or value.text == "true" for value in said.get(Part.REACH_VOICEMAIL, ()))
    return Reach(how, address, _line(said, Part.REACH_NAME), _line(said, Part.REACH_WHEN), mailbox)


def leave_reach(connection: Connection, seal: Seal, conversation: int, path: tuple[Step, ...], now: datetime) -> None:
    """How the visitor may be reached goes where the desk keeps it, unless they left something before."""
    how = reach_of(path)
    if how is None or reach.is_known(connection, conversation):
        return
    reach.leave(connection, seal, conversation, how, now)
    ticket = ticket_rows.open_one(connection, conversation)
    if ticket is not None:
        ticket_rows.save(connection, ticket, reachable(ticket))


def forget_reach(connection: Connection, seal: Seal, conversation: int, path: tuple[Step, ...]) -> None:
    """What these answers left at the desk goes with them; what the visitor left elsewhere stays."""
    how = reach_of(path)
    if how is not None and reach.read(connection, seal, conversation) == how:
        reach.forget(connection, conversation)


def _line(said: Mapping[Part, tuple[Value, ...]], part: Part) -> str:
    return " ".join(" ".join(value.text for value in said.get(part, ())).split())[:LONGEST]
