"""Real databases for the tests of this room, and a house with an intake in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.engine import Store, connect
from tests.intake.houses import IntakeHouse
from tests.store.databases import database_url, postgres, sqlite_template, store

__all__ = ["database_url", "postgres", "sqlite_template", "store"]


@pytest.fixture
def both(store: Store) -> IntakeHouse:
    """A house on each database in turn."""
    return IntakeHouse(store)


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[IntakeHouse]:
    """A house on the embedded database."""
    shutil.copy(sqlite_template, tmp_path / "foreroom.db")
    opened = connect(f"sqlite:///{tmp_path / 'foreroom.db'}")
    yield IntakeHouse(opened)
    opened.close()
