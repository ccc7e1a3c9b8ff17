"""The file of vectors: grows, survives a torn end, and never hands out a damaged row."""

from pathlib import Path

import numpy as np
import pytest

from retrieval.vectors import VectorFile, dimensions_of, marks_of

IDS = [f"{at:032x}" for at in (1 << 70, 2 << 70, 3 << 70)]
MARKS = marks_of(IDS)
ROWS = np.eye(3, 8, dtype=np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = VectorFile(tmp_path / "v.f16", 8)
    file.add(MARKS, ROWS)
    file.close()
    return tmp_path / "v.f16"


def test_what_was_added_is_found_again_by_its_mark(path: Path):
    assert dimensions_of(path) == 8
    file = VectorFile(path, 8)

    assert file.rows(MARKS[::-1]).tolist() == [2, 1, 0]
    assert np.array_equal(file.vectors()[file.rows(MARKS)], ROWS)
    assert file.rows(MARKS + np.uint64(7)).tolist() == [-1, -1, -1]


def test_what_is_mapped_stays_as_it_was_while_the_file_grows(path: Path):
    file = VectorFile(path, 8)
    before = file.vectors()
    assert file.add(MARKS[:1], ROWS[2:]) == 3

    assert np.array_equal(before, ROWS)
    assert file.rows(MARKS[:1]).tolist() == [3]  # of two with one mark the later counts
    file.close()
    assert np.array_equal(before, ROWS)


def test_a_row_that_was_half_written_is_not_there(path: Path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    file = VectorFile(path, 8)

    assert file.rows(MARKS).tolist() == [0, 1, -1]
    file.add(MARKS[2:], ROWS[2:])
    file.close()
    assert path.read_bytes() == whole


def test_a_damaged_row_is_asked_for_again(path: Path):
    torn = bytearray(path.read_bytes())
    torn[-16:] = b"\xff" * 16
    path.write_bytes(torn)

    assert VectorFile(path, 8).rows(MARKS).tolist() == [0, 1, -1]


def test_something_else_under_its_name_counts_as_nothing(tmp_path: Path):
    path = tmp_path / "v.f16"
    path.write_text("a shopping list")

    assert dimensions_of(path) == 0 and dimensions_of(tmp_path / "none") == 0
    assert VectorFile(path, 8).rows(MARKS).tolist() == [-1, -1, -1]
