"""`python -m knowledge`, as an operator types it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.__main__ import main
from settings import load_settings

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FOREROOM_DATA", str(tmp_path / "data"))
    load_settings.cache_clear()
    yield tmp_path
    load_settings.cache_clear()


@pytest.fixture
def given(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "visit.txt").write_text("Please bring the following:\n\nParking is behind the house, and it is free.")
    (folder / "empty.txt").write_text("")
    return folder


def test_a_folder_is_added_with_its_progress_and_what_was_refused_is_named(given: Path, capsys: Capture):
    assert main(["add", str(given), "--clinic", "Harbour"]) == 1

    said = capsys.readouterr()
    assert "2 of 2" in said.out and "1 taken in, 0 unchanged, 1 not taken in." in said.out
    assert "empty.txt: there is no text in it." in said.err


def test_check_names_the_place_and_can_fail_a_build(given: Path, capsys: Capture):
    assert main(["check", str(given / "visit.txt")]) == 0
    assert "visit, line 1: error [list-missing]" in capsys.readouterr().out

    assert main(["check", str(given / "visit.txt"), "--fail-on", "error"]) == 1


def test_check_speaks_to_machines_too(given: Path, capsys: Capture):
    main(["check", str(given), "--json"])

    found = json.loads(capsys.readouterr().out)
    assert {one["check"] for one in found} >= {"unreadable", "list-missing"}
    assert all(one["why"] and one["do"] and one["severity"] in ("note", "warning", "error") for one in found)


def test_check_sees_a_folder_as_add_would_take_it_in(given: Path, capsys: Capture):
    (given / "leaflets").mkdir()
    (given / "leaflets" / "visit.txt").write_text("Tea is served after every visit.")
    (given / "prices.xlsx").write_bytes(b"PK")
    (given / "out.txt").symlink_to(Path(__file__))
    main(["check", str(given), "--clinic", "Harbour", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert {one["source"] for one in found if one["check"] == "unreadable"} == {"empty.txt", "out.txt", "prices.xlsx"}
    assert {one["source"] for one in found if one["check"] == "no-date"} == {"visit", "leaflets-visit"}
    assert "no-clinic" not in {one["check"] for one in found}


def test_a_folder_added_again_names_what_stays_withdrawn_and_what_has_gone(given: Path, capsys: Capture):
    (given / "tea.txt").write_text("Tea is served after every visit.")
    main(["add", str(given), "--clinic", "Harbour"])
    main(["withdraw", "visit"])
    (given / "tea.txt").unlink()
    capsys.readouterr()
    main(["add", str(given)])

    said = capsys.readouterr().out
    assert "visit was withdrawn and stays so." in said and "withdraw tea" in said


def test_a_document_that_was_taken_in_is_withdrawn_by_its_id(given: Path, capsys: Capture):
    assert main(["add", str(given / "visit.txt")]) == 0
    assert "To look at: 3." in capsys.readouterr().out
    assert main(["withdraw", "visit"]) == 0

    main(["list"])
    assert "visit@" not in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_proposed_questions_are_accepted_from_a_file(encoding: str, given: Path, tmp_path: Path, capsys: Capture):
    (given / "faq.md").write_text("## Where do I park?\n\nParking is behind the house.\n")
    main(["add", str(given / "faq.md")])
    capsys.readouterr()
    main(["propose", "faq"])
    (tmp_path / "questions.txt").write_text(capsys.readouterr().out, encoding=encoding)

    assert main(["accept", "faq", str(tmp_path / "questions.txt")]) == 0
    assert "1 questions are new" in capsys.readouterr().out


def test_a_preview_shows_the_passages_beside_their_places_and_takes_nothing_in(given: Path, capsys: Capture):
    assert main(["preview", str(given / "visit.txt"), "--clinic", "Harbour"]) == 0

    said = capsys.readouterr().out
    assert "[line 3, characters" in said and "Parking is behind the house" in said
    main(["list"])
    assert "visit@" not in capsys.readouterr().out


def test_a_preview_of_a_document_that_was_taken_in_keeps_what_was_said_of_it(given: Path, capsys: Capture):
    main(["add", str(given / "visit.txt"), "--id", "first", "--clinic", "Harbour"])
    capsys.readouterr()
    main(["preview", str(given / "visit.txt")])

    assert capsys.readouterr().out.startswith("first@1  Harbour  ")


def test_a_preview_says_what_a_question_gets_before_and_after(
    given: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("knowledge.__main__.MOST_EMBEDDED", 0)  # by words alone, which takes no model
    (tmp_path / "asked.txt").write_text("where is the parking behind the house\n")
    main(["preview", str(given / "visit.txt"), "--clinic", "Harbour", "--questions", str(tmp_path / "asked.txt")])

    said = capsys.readouterr().out
    assert "? where is the parking behind the house" in said and "before:" in said and "of 1 questions" in said


def test_what_is_not_there_costs_one_line(given: Path, capsys: Capture):
    for command in (
        ["check", "nowhere"],
        ["propose", "nothing"],
        ["add", str(given), "--id", "x"],
        ["text", "nothing"],
    ):
        assert main(command) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
