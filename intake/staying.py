"""What stays elsewhere when a visitor takes answers back or deletes them: a copy that left, danger that was met."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from intake.enclosed import ENCLOSED
from intake.rows import ANSWER, RECORD, ids
from store import outbox
from store.outbox import Fate


@dataclass(frozen=True, slots=True)
class Stays:
    """What the visitor is told beside taking back and deleting."""

    danger: bool = False  # an answer or a file became a message of the conversation
    copied_at: datetime | None = None  # the FHIR server confirmed the whole record
    copy_tried: bool = False  # it was sent and not confirmed: parts of it may be there


def what_stays(connection: Connection, intake: int) -> Stays:
    """Each from its own row: the message an answer became, the letter that carried the record."""
    brought = sa.select(ANSWER.c.id).where(ANSWER.c.intake_id == intake, ANSWER.c.message_id.is_not(None))
    in_files = sa.select(ENCLOSED.c.id).where(ENCLOSED.c.answer_id.in_(ids(intake)), ENCLOSED.c.message_id.is_not(None))
    danger = any(connection.execute(one.limit(1)).first() is not None for one in (brought, in_files))
    letters = outbox.about(connection, RECORD, intake)
    accepted = [one.delivered_at for one in letters if one.fate is Fate.DELIVERED and one.delivered_at is not None]
    return Stays(danger, max(accepted, default=None), any(one.attempts for one in letters) and not accepted)
