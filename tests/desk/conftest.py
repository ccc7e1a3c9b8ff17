"""Real databases for the tests of this room."""

import pytest
from argon2 import PasswordHasher

from desk import conversation, staff
from store.engine import Store
from tests.desk.desks import House
from tests.store.databases import database_url, empty_url, postgres, sqlite_template, store

__all__ = ["database_url", "empty_url", "postgres", "sqlite_template", "store"]


@pytest.fixture
def house(store: Store) -> House:
    """A whole desk on a fresh database."""
    return House(store)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with less work, so that a test of lock-out takes no seconds."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(staff, "_passwords", quick)
    monkeypatch.setattr(conversation, "_passphrases", quick)
