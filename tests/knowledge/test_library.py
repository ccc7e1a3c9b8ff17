"""The library: documents added, replaced and withdrawn, and what a broken file leaves behind."""

from pathlib import Path

import pytest

from errors import BadInput, BadSource
from knowledge.__main__ import main
from knowledge.register import Register
from settings import load_settings


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "sources", shipped=None)


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_added_document_is_found_again_under_its_id(register: Register, tmp_path: Path):
    register.add(
        written(tmp_path, "visit.txt", "Parking is behind the house."), id="visit", clinic="Demo", title="Visits"
    )

    found = register.library().sources["visit"]
    assert (found.clinic, found.title, found.version) == ("Demo", "Visits", 1)


def test_a_new_text_under_an_old_id_is_a_new_version_and_the_old_one_can_still_be_shown(
    register: Register, tmp_path: Path
):
    register.add(written(tmp_path, "visit.txt", "Parking is behind the house."), id="visit")
    register.add(written(tmp_path, "visit.txt", "Parking is on the roof."), id="visit")

    library = register.library()
    assert library.sources["visit"].version == 2
    before = library.source("visit", 1)
    assert before is not None and "behind the house" in before.text


def test_a_withdrawn_document_is_not_searched_but_old_answers_can_still_name_it(register: Register, tmp_path: Path):
    register.add(written(tmp_path, "visit.txt", "Parking is behind the house."), id="visit")
    register.remove("visit")

    library = register.library()
    assert "visit" not in library.sources and not library.passages
    assert library.source("visit", 1) is not None


def test_a_document_that_cannot_be_read_leaves_the_library_as_it_was(register: Register, tmp_path: Path):
    register.add(written(tmp_path, "visit.txt", "Parking is behind the house."), id="visit")
    with pytest.raises(BadSource):
        register.add(written(tmp_path, "empty.txt", ""), id="empty")

    assert set(register.library().sources) == {"visit"}


def test_withdrawing_what_is_not_there_says_what_to_do(register: Register):
    with pytest.raises(BadInput, match="python -m knowledge list"):
        register.remove("nothing")


def test_the_command_prints_the_text_exactly_as_spans_count_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FOREROOM_DATA", str(tmp_path / "data"))
    load_settings.cache_clear()
    path = written(tmp_path, "visit.txt", "Parking is behind the house.")

    assert main(["add", str(path), "--id", "visit", "--clinic", "Demo", "--title", "Visits"]) == 0
    capsys.readouterr()
    assert main(["text", "visit"]) == 0

    source = Register(tmp_path / "data" / "sources").library().sources["visit"]
    assert capsys.readouterr().out == source.text
    load_settings.cache_clear()
