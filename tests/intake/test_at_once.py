"""Two devices, or a visitor and staff, at one moment with the same answers, on both databases."""

from contextlib import suppress

import sqlalchemy as sa

from errors import Conflict
from intake import meeting
from intake.rows import ANSWER, RECORD
from intake.staff import IntakeDesk
from store.outbox import OUTBOX, Fate
from tests.desk.desks import LINK
from tests.intake.answering import DANGER
from tests.intake.houses import IntakeHouse
from tests.store.overtaking import overtaken


def test_nothing_triage_read_comes_back_into_answers_that_were_deleted_meanwhile(both: IntakeHouse, monkeypatch):
    view = both.begin()
    other = overtaken(monkeypatch, meeting, "read_answer", lambda: both.intakes.delete(LINK, view.intake.id))
    kept = both.say(view, "brings", DANGER)
    other.end()

    assert kept.danger is not None
    with both.store.reading() as connection:
        (row,) = connection.execute(sa.select(ANSWER)).all()
    assert (row.words, row.reading) == (None, None)
    assert row.message_id is not None, "danger is met all the same"


def test_a_record_is_not_put_on_its_way_once_the_answers_were_taken_back(both: IntakeHouse, monkeypatch):
    view = both.ready()
    both.hand_over(view)
    priya = both.clinician()
    other = overtaken(monkeypatch, IntakeDesk, "_open", lambda: both.intakes.take_back(LINK, view.intake.id))
    with suppress(Conflict):  # where the visitor need not wait for us, the answers are theirs again by now
        both.intake_desk.send_record(priya, view.intake.id)
    other.end()

    with both.store.reading() as connection:
        fates = connection.execute(sa.select(OUTBOX.c.fate).where(OUTBOX.c.kind == RECORD)).scalars().all()
    assert Fate.WAITING.value not in fates
