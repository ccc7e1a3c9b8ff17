"""The throwaway desk: what it makes comes about as everything else does."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import wiring
from desk import staff
from desk.demo import PEOPLE, Past, fill
from desk.roles import Role
from desk.ticket import Stage
from knowledge.library import SHIPPED, read_folder
from settings import Settings
from store import audit
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade


@pytest.fixture
def made(tmp_path: Path):
    """A filled house, its store, and what was made."""
    store = connect(f"sqlite:///{tmp_path / 'foreroom.db'}")
    upgrade(store)
    clock = Past(datetime(2026, 5, 6, 15, 0, tzinfo=UTC))
    settings = Settings(_env_file=None, data=tmp_path)
    house = wiring.Services(settings, store, Keys.from_file(tmp_path / "master.key"), read_folder(SHIPPED), clock)
    return house, store, fill(house, store, clock)


def test_the_demonstration_has_a_ticket_of_every_sort_and_a_whole_trail(made):
    house, store, demonstration = made
    with store.writing() as connection:
        ada = next(one for one in staff.everyone(connection) if one.role is Role.ADMINISTRATOR)
        session = staff.open_session(connection, ada.id, datetime(2026, 5, 6, 15, 0, tzinfo=UTC))
    rows = house.desk.queue(session)

    assert {row.ticket.stage for row in rows} == {Stage.WAITING, Stage.CLAIMED}
    assert rows[0].ticket.is_danger
    assert len(rows) == 5
    assert house.reception.turns(demonstration.visitor)[-1].replies[0].helped
    with store.reading() as connection:
        assert audit.verify(connection).is_whole


def test_each_invitation_of_the_demonstration_works_and_nobody_has_a_password_before(made):
    house, store, demonstration = made
    with store.reading() as connection:
        assert not any(one.has_password for one in staff.everyone(connection))
    for name, role in PEOPLE:
        assert house.door.accept(demonstration.invitations[name], "a long password").role is role
