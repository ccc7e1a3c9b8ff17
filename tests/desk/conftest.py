"""Real databases for the tests of this room."""

import pytest

from store.engine import Store
from tests.desk.desks import House
from tests.store.databases import database_url, empty_url, postgres, sqlite_template, store

__all__ = ["database_url", "empty_url", "postgres", "sqlite_template", "store"]


@pytest.fixture
def house(store: Store) -> House:
    """A whole desk on a fresh database."""
    return House(store)
