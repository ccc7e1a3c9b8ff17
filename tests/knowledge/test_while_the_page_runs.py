"""Documents that come, change and go while the page answers, seen as a visitor sees them."""

from pathlib import Path

import pytest

from conversation.answer import Span, Statement
from knowledge.live import LiveLibrary
from knowledge.register import Register
from knowledge.source import Passage
from retrieval.evidence import Query
from screens.reader import the_source
from settings import Settings
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade
from triage.decision import Message
from wiring import Services

ASKED = "where is the parking behind the house"


class House(Services):
    """The wired application by words alone."""

    def searched(self) -> set[str]:
        """The sources that the next turn could quote."""
        return {one.passage.source for one in self.answering.parts_now().search(Query(ASKED)).evidence}


@pytest.fixture
def house(tmp_path: Path) -> House:
    register = Register(tmp_path / "sources", shipped=None)
    path = tmp_path / "other.txt"
    path.write_text("Tea is served after every visit to the Harbour Clinic. Guests may stay for an hour.")
    register.add(path, clinic="Harbour")
    store = connect(f"sqlite:///{tmp_path / 'foreroom.db'}")
    upgrade(store)
    live = LiveLibrary(Register(tmp_path / "sources", shipped=None))
    settings = Settings(_env_file=None, data=tmp_path)
    return House(settings, store, Keys.from_file(tmp_path / "master.key"), live.read(), live=live)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "sources", shipped=None)


def parking(tmp_path: Path, place: str) -> Path:
    path = tmp_path / "parking.txt"
    path.write_text(f"Parking for guests of the house is {place}.")
    return path


def found(house: House) -> Passage:
    return house.parts.search(Query(ASKED)).evidence[0].passage


def test_an_added_document_is_found_after_the_next_look(house: House, register: Register, tmp_path: Path):
    assert not house.answering.follow()
    register.add(parking(tmp_path, "behind the house"), clinic="Harbour")

    assert house.answering.follow()
    assert "parking" in house.library.sources
    assert found(house).source == "parking"


def test_a_changed_document_is_quoted_anew_and_the_old_version_can_still_be_shown(
    house: House, register: Register, tmp_path: Path
):
    for place in ("behind the house", "on the roof"):
        register.add(parking(tmp_path, place), clinic="Harbour")
        house.answering.follow()

    now = found(house)
    before = house.library.source("parking", 1)
    assert "on the roof" in now.text and before is not None and "behind the house" in before.text


def test_a_withdrawn_document_is_quoted_no_more_even_before_the_next_look(
    house: House, register: Register, tmp_path: Path
):
    register.add(parking(tmp_path, "behind the house"), clinic="Harbour")
    house.answering.follow()
    assert "parking" in house.searched()
    register.remove("parking")

    assert "parking" in house.library.sources
    assert "parking" not in house.searched()
    house.answering.follow()
    assert "parking" not in house.library.sources


def test_an_answer_that_quoted_a_withdrawn_document_says_so(house: House, register: Register, tmp_path: Path):
    passage = register.add(parking(tmp_path, "behind the house"), clinic="Harbour").passages[0]
    house.answering.follow()
    span = Span("parking", 1, passage.id, passage.start, passage.end)
    statement = Statement(passage.text, span, "Harbour", passage.kind, is_digest=False, study="", notes=())
    assert the_source(house.library, statement) is not None
    drafts = house.answering.drafts()
    assert passage.text in drafts.propose([Message(ASKED)], "Dana", "Harbour").text
    register.remove("parking")

    assert the_source(house.library, statement) is None
    assert passage.text not in drafts.propose([Message(ASKED)], "Dana", "Harbour").text
    house.answering.follow()
    assert the_source(house.library, statement) is None


def test_a_register_that_breaks_leaves_the_page_as_it_was(house: House, register: Register):
    (register.folder / "register.json").write_text("{torn")
    with pytest.raises(Exception, match="cannot be read"):
        house.answering.follow()

    assert "other" in house.library.sources
