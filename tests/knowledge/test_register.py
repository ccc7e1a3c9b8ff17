"""The register: folders, versions, interrupted commands, accepted questions, and what a running page sees of it."""

import os
from pathlib import Path

import pytest

from errors import BadInput, BadSource
from knowledge.live import LiveLibrary
from knowledge.proposals import propose, read_accepted, written
from knowledge.register import Outcome, Register
from knowledge.stored import dumps, loads


def quietly(done: int, total: int, outcome: Outcome) -> None:
    """Nobody watches."""


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    (folder / "leaflets").mkdir(parents=True)
    (folder / "visit.txt").write_text("Parking is behind the house.")
    (folder / "leaflets" / "visit.txt").write_text("Tea is served after every visit.")
    (folder / "prices.md").write_text("# Prices\n\n## What does a visit cost?\n\nA visit costs $90.\n")
    return folder


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "sources", shipped=None)


def test_a_folder_is_added_at_once_and_every_document_has_an_id_of_its_own(register: Register, given: Path):
    told: list[tuple[int, int]] = []
    register.add_folder(given, lambda done, total, outcome: told.append((done, total)), clinic="Harbour")

    library = register.library()
    assert set(library.sources) == {"visit", "leaflets-visit", "prices"}
    assert {source.clinic for source in library.sources.values()} == {"Harbour"}
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert all(s.source == p.source for p in library.passages.values() for s in [library.sources[p.source].passages[0]])


def test_adding_a_folder_again_takes_in_only_what_changed(register: Register, given: Path):
    register.add_folder(given, quietly)
    (given / "visit.txt").write_text("Parking is on the roof.")
    outcomes = register.add_folder(given, quietly)

    assert [one.source.id for one in outcomes if one.source] == ["visit"]
    assert register.library().sources["visit"].version == 2
    assert register.library().sources["prices"].version == 1


def test_a_command_that_was_stopped_goes_on_where_it_was(register: Register, given: Path):
    class StoppedError(Exception):
        """Somebody pressed a key."""

    def stop(done: int, total: int, outcome: Outcome) -> None:
        if done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        register.add_folder(given, stop)
    kept = set(register.library().sources)
    outcomes = register.add_folder(given, quietly)

    assert len(kept) == 2
    assert {one.source.id for one in outcomes if one.source} == set(register.library().sources) - kept


def test_what_was_said_of_a_document_holds_when_its_folder_is_added_again_without_it(register: Register, given: Path):
    register.add(given / "visit.txt", clinic="Harbour", title="Visits", id="first-visit", date="2026-01-02")
    register.add_folder(given, quietly, clinic="Harbour")
    assert set(register.library().sources) == {"first-visit", "leaflets-visit", "prices"}
    assert not any(one.source for one in register.add_folder(given, quietly))

    (given / "visit.txt").write_text("Parking is on the roof.")
    register.add_folder(given, quietly)

    found = register.library().sources["first-visit"]
    assert (found.clinic, found.title, found.version, found.date) == ("Harbour", "Visits", 2, "")
    assert register.library().clinics == ("Harbour",)


def test_a_withdrawn_document_stays_withdrawn_when_its_folder_is_added_again(register: Register, given: Path):
    register.add_folder(given, quietly)
    register.remove("visit")
    (given / "visit.txt").write_text("Parking is on the roof.")
    outcomes = register.add_folder(given, quietly)

    assert [one.withdrawn for one in outcomes if one.withdrawn] == ["visit"]
    assert register.library().withdrawn == {"visit"}


def test_a_document_that_left_the_folder_is_named_until_it_is_withdrawn(register: Register, given: Path):
    register.add_folder(given, quietly)
    (given / "visit.txt").unlink()
    assert register.gone_from(given) == ["visit"]

    register.remove("visit")
    assert not register.gone_from(given)


def test_a_file_of_another_folder_never_takes_the_place_of_one_by_its_name_alone(
    register: Register, given: Path, tmp_path: Path
):
    register.add(given / "visit.txt", clinic="Harbour")
    other = tmp_path / "visit.txt"
    other.write_text("Parking is on the roof.")

    with pytest.raises(BadSource, match=r"its id 'visit' is taken by .*given/visit\.txt\. Add it with --id visit"):
        register.add(other, clinic="Harbour")
    assert register.add(other, clinic="Harbour", id="visit").version == 2


def test_a_folder_that_was_moved_goes_on_under_the_same_ids(register: Register, given: Path, tmp_path: Path):
    register.add_folder(given, quietly, clinic="Harbour")
    moved = given.rename(tmp_path / "moved")

    assert all(one.source for one in register.add_folder(moved, quietly, clinic="Harbour"))
    assert set(register.library().sources) == {"visit", "leaflets-visit", "prices"}


def test_two_files_of_one_name_that_do_not_say_whose_they_are_are_never_one_clinic(register: Register, given: Path):
    register.add_folder(given, quietly)
    sources = register.library().sources

    assert sources["visit"].clinic == "visit"
    assert {passage.clinic for passage in sources["leaflets-visit"].passages} == {"leaflets-visit"}


def test_what_a_browser_lays_beside_a_saved_page_is_no_document(register: Register, given: Path):
    (given / "tea.html").write_text("<html><body><p>Tea is served after every visit.</p></body></html>")
    (given / "tea_files").mkdir()
    (given / "tea_files" / "frame.html").write_text("<html><body><p>Buy one, get one.</p></body></html>")
    (given / "~$letter.docx").write_bytes(b"Word keeps this while it is open")

    outcomes = register.add_folder(given, quietly)
    assert sorted(one.path.name for one in outcomes) == ["prices.md", "tea.html", "visit.txt", "visit.txt"]


def test_the_original_is_kept_beside_what_was_read_of_it(register: Register, given: Path):
    register.add(given / "prices.md", id="prices")

    assert (register.folder / "prices" / "1.md").read_bytes() == (given / "prices.md").read_bytes()
    assert loads((register.folder / "prices" / "1.json").read_bytes()) == register.library().sources["prices"]


def test_what_was_read_is_read_again_from_the_original_where_it_is_lost(register: Register, given: Path):
    register.add(given / "prices.md", id="prices")
    before = register.library().sources["prices"]
    (register.folder / "prices" / "1.json").write_text("{torn")

    assert Register(register.folder, shipped=None).library().sources["prices"] == before


def test_a_stored_document_whose_spans_do_not_hold_is_not_used(register: Register, given: Path):
    register.add(given / "visit.txt")
    torn = dumps(register.library().sources["visit"]).replace(b"Parking is behind", b"Parking is before", 1)

    with pytest.raises(BadSource):
        loads(torn)


def test_a_withdrawn_document_is_named_as_such_until_it_is_added_again(register: Register, given: Path):
    register.add(given / "visit.txt")
    register.remove("visit")
    assert register.library().withdrawn == {"visit"}

    assert register.add(given / "visit.txt").version == 2
    assert not register.library().withdrawn


def test_a_passage_that_moved_to_another_version_keeps_its_place_and_changes_its_id(register: Register, given: Path):
    register.add(given / "visit.txt")
    (given / "visit.txt").write_text("Parking is on the roof.")
    register.add(given / "visit.txt")

    passage = register.library().sources["visit"].passages[0]
    assert passage.id == "visit@2#text.1" and passage.sentences[0].id == "visit@2#text.1:1"


# Questions


def test_questions_are_proposed_from_headings_definitions_and_what_a_passage_holds(register: Register, given: Path):
    source = register.add(given / "prices.md")

    assert [str(one) for one in propose(source)] == [
        "#what-does-a-visit-cost.1 | what does a visit cost",
        "#what-does-a-visit-cost.1 | how much does it cost",
    ]


def test_a_models_questions_are_marked_and_none_comes_twice(register: Register, given: Path):
    source = register.add(given / "prices.md")
    place = "#what-does-a-visit-cost.1"
    lines = list(written(source, {place: ["How much does it cost?", "Is it dear?", "is it dear"], "#gone.1": ["x?"]}))

    assert lines[-2:] == ["; from the language model:", f"{place} | is it dear"]
    assert read_accepted(lines, "questions.txt")[place][-1] == "is it dear"


def test_only_what_a_person_accepted_is_searched_and_it_is_never_part_of_the_text(register: Register, given: Path):
    source = register.add(given / "prices.md")
    text = register.library().sources["prices"].text
    assert not register.library().sources["prices"].passages[0].asked_as

    accepted = read_accepted("\n".join(written(source)).splitlines(), "questions.txt")
    assert register.accept("prices", accepted) == 2

    found = register.library().sources["prices"]
    assert found.passages[0].asked_as == ("what does a visit cost", "how much does it cost")
    assert found.text == text and not propose(found)


def test_a_question_for_a_passage_that_is_not_there_is_refused(register: Register, given: Path):
    register.add(given / "prices.md")
    with pytest.raises(BadInput, match=r"no passage #nowhere\.1"):
        register.accept("prices", {"#nowhere.1": ["where"]})
    with pytest.raises(BadInput, match=r"questions\.txt, line 1"):
        read_accepted(["a question without a place"], "questions.txt")


# While the page runs


def test_a_running_page_notices_an_added_document_without_a_restart(register: Register, given: Path):
    live = LiveLibrary(Register(register.folder, shipped=None))
    assert not live.read().sources and not live.has_changed()
    register.add(given / "visit.txt")

    assert live.has_changed()
    assert set(live.read().sources) == {"visit"}
    assert not live.has_changed()


def test_a_withdrawal_counts_from_the_next_turn_on(register: Register, given: Path):
    register.add(given / "visit.txt")
    live = LiveLibrary(Register(register.folder, shipped=None))
    live.read()
    register.remove("visit")

    assert live.withdrawn() == {"visit"}


def test_a_register_that_cannot_be_read_leaves_what_was_withdrawn_withdrawn(register: Register, given: Path):
    register.add(given / "visit.txt")
    register.remove("visit")
    live = LiveLibrary(Register(register.folder, shipped=None))
    assert live.withdrawn() == {"visit"}
    (register.folder / "register.json").write_text("{torn")
    os.utime(register.folder / "register.json", ns=(1, 1))

    assert live.withdrawn() == {"visit"}


def test_a_page_of_one_clinic_sees_that_clinics_documents_alone(register: Register, given: Path):
    register.add(given / "visit.txt", clinic="Harbour")
    register.add(given / "prices.md", clinic="Hill")

    assert LiveLibrary(register, "Hill").read().clinics == ("Hill",)
