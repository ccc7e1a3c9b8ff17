"""A house with the real reception and library, and the page run from app.py."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import wiring
from tests.screens.fakes import FakeHouse, fake_house

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHouse:
    """One visitor's house, empty."""
    house = fake_house(tmp_path / "data")
    monkeypatch.setattr(wiring, "services", lambda: house)
    return house


@pytest.fixture
def page(house: FakeHouse) -> Callable[[], AppTest]:
    """Opens the page; a page without cookies keeps its token in the session."""

    def opened() -> AppTest:
        return AppTest.from_file(str(APP), default_timeout=20).run()

    return opened
