"""Which version of which document an answer or a reply rested on, kept with it on both databases."""

from dataclasses import replace
from hashlib import sha256

import pytest
import sqlalchemy as sa

from conversation.answer import Span
from conversation.checking import Checked, Verdict
from desk import sources
from desk.reception import Reception
from desk.roles import Role
from desk.sources import SOURCE
from desk.transcript import STATEMENT
from knowledge.source import Original, Source
from store.engine import Store
from tests.desk.desks import LINK, House
from tests.desk.made_up import SENTENCE, answered, eligible
from tests.store.overtaking import overtaken

DIGEST = Source("mck", 3, "Care at the clinic", "Music City Ketamine", "Visits.", (), digest_of=Original("A page"))
GUIDE = Source("guide", 2, "A guide", "", "Parking is free.", ())
SHELF = {("mck", 3): DIGEST, ("guide", 2): GUIDE}


def find(source: str, version: int) -> Source | None:
    return SHELF.get((source, version))


def rows(store: Store) -> list[tuple]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.select(SOURCE).order_by(SOURCE.c.id, SOURCE.c.version))]


def of_text(source: Source) -> str:
    return sha256(source.text.encode()).hexdigest()


def ask(house: House, find=find, link: str = LINK) -> None:
    house.reception = Reception(house.store, house.keys, house.clock, sources=find)
    house.ask(answered, link=link)


def test_a_turn_leaves_a_row_for_the_version_it_rests_on_the_first_time(house: House):
    first = house.clock.now
    ask(house)
    house.clock.move(hours=1)
    ask(house)

    assert rows(house.store) == [
        ("mck", 3, "Music City Ketamine", "Care at the clinic", "digest", of_text(DIGEST), first)
    ]


def test_a_reply_leaves_rows_for_its_citations_and_for_what_was_put_in(house: House):
    rests = Checked("Parking is free.", Verdict.SUPPORTED, Span("guide", 2, "guide@2#parking.1", 0, 16))
    with_documents = House(house.store, check=lambda draft, clinic, name: (rests,), sources=find)
    dana = with_documents.hire("Dana", Role.CLINICIAN)
    with_documents.ask(eligible)
    with_documents.desk.claim(dana, 1, 1)
    draft = with_documents.desk.write(dana, 1, "Parking is free.", (SENTENCE,)).draft
    with_documents.desk.send(dana, draft.id, with_documents.desk.preview(dana, draft.id).fingerprint)

    assert [(row[0], row[2], row[4]) for row in rows(house.store)] == [
        ("guide", None, "original"),
        ("mck", "Music City Ketamine", "digest"),
    ]


def test_what_a_withdrawn_document_said_keeps_its_row_and_is_completed_when_the_document_is_there_again(house: House):
    ask(house, find=lambda source, version: None)
    (row,) = rows(house.store)
    assert row[:6] == ("mck", 3, "Music City Ketamine", "", "digest", None)
    ask(house)

    (again,) = rows(house.store)
    assert again[3:] == ("Care at the clinic", "digest", of_text(DIGEST), row[6])


def test_a_statement_cannot_stand_without_the_row_of_its_source(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("desk.reception.keep_sources", lambda *_: None)

    with pytest.raises(sa.exc.IntegrityError):
        ask(house)
    with house.store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(STATEMENT)).scalar_one() == 0


def test_two_turns_that_are_the_first_to_rest_on_a_version_make_one_row(house: House, monkeypatch: pytest.MonkeyPatch):
    other = overtaken(monkeypatch, sources, "_row", lambda: ask(house, link="another-link"))
    ask(house)
    other.end()

    assert other.error is None
    assert len(rows(house.store)) == 1
    assert [len(house.reception.turns(link)[0].turn.statements) for link in (LINK, "another-link")] == [1, 1]


def test_another_version_is_another_row(house: House):
    ask(house)
    newer = replace(SENTENCE, span=replace(SENTENCE.span, version=4))
    house.ask(lambda received: replace(answered(received), statements=(newer,)))

    assert [row[:2] for row in rows(house.store)] == [("mck", 3), ("mck", 4)]
