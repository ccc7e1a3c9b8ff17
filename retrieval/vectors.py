"""The vectors of the records, in a file that only grows and is mapped: memory holds what a search has touched."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from retrieval.embedding import Vectors

Marks = NDArray[np.uint64]
Rows = NDArray[np.int64]

AT_ONCE = 20_000  # rows read at one time
WORN = 2  # times the rows that are wanted: a file that holds more is written anew
_HEAD = b"foreroom vectors"
_LENGTHS = 0.02  # how far from one the length of a whole vector may be


class VectorFile:
    """Rows of half precision, each behind the mark of its record: cosines within 0.0001 in a quarter of the bytes.

    It holds nothing that Chroma does not: what is missing or damaged is asked for again. Without a path it is a
    temporary file that nobody else sees.
    """

    def __init__(self, path: Path | None, dimensions: int) -> None:
        self.path = path
        self._row = np.dtype([("mark", "<u8"), ("vector", "<f2", (dimensions,))])
        self._head = _HEAD + dimensions.to_bytes(8, "little")
        self._file = self._opened()
        self._marks, self._sound = self._read()
        self._order = np.zeros(0, np.int64)  # of the marks; found anew when rows were added

    def _opened(self) -> IO[bytes]:
        file: IO[bytes] = TemporaryFile() if self.path is None else self.path.open("a+b")  # noqa: SIM115
        file.seek(0)
        if file.read(len(self._head)) != self._head:
            file.truncate(0)
            file.write(self._head)
        size = file.seek(0, 2)
        file.truncate(size - (size - len(self._head)) % self._row.itemsize)  # what a killed command wrote half
        file.flush()
        return file

    def _read(self) -> tuple[Marks, NDArray[np.bool_]]:
        """The mark of every row, and whether its vector is whole: of length one, or nothing."""
        marks, sound = [np.zeros(0, np.uint64)], [np.zeros(0, bool)]
        self._file.seek(len(self._head))
        while piece := self._file.read(AT_ONCE * self._row.itemsize):
            rows = np.frombuffer(piece, self._row)
            lengths = np.linalg.norm(rows["vector"].astype(np.float32), axis=1)
            marks.append(rows["mark"])
            sound.append((np.abs(lengths - 1) < _LENGTHS) | (lengths == 0))
        return np.concatenate(marks), np.concatenate(sound)

    def rows(self, marks: Marks) -> Rows:
        """The row of each mark; -1 where the file has none. Of two with one mark the later counts."""
        if not len(self._marks):
            return np.full(len(marks), -1, np.int64)
        if len(self._order) != len(self._marks):
            self._order = np.argsort(self._marks, kind="stable")
        order = self._order
        at = np.searchsorted(self._marks, marks, side="right", sorter=order) - 1
        row = order[np.maximum(at, 0)]
        return np.where((at >= 0) & (self._marks[row] == marks) & self._sound[row], row, -1)

    def add(self, marks: Marks, vectors: Vectors | NDArray[np.float16]) -> int:
        """Write more rows behind the others; the place of the first of them."""
        rows = np.zeros(len(marks), self._row)
        rows["mark"], rows["vector"] = marks, vectors
        self._file.seek(0, 2)
        self._file.write(rows.tobytes())
        self._file.flush()
        first = len(self._marks)
        self._marks = np.concatenate([self._marks, marks])
        self._sound = np.concatenate([self._sound, np.ones(len(marks), bool)])
        return first

    def vectors(self) -> NDArray[np.float16]:
        """All rows so far, shape (rows, dimensions), mapped from the file."""
        if not len(self._marks):
            return np.zeros((0, self._row["vector"].shape[0]), np.float16)
        mapped = np.memmap(self._file, self._row, "r", len(self._head), (len(self._marks),))
        held: NDArray[np.float16] = np.asarray(mapped)["vector"]
        return held

    def is_worn(self, wanted: int) -> bool:
        """Most of its rows are of what is no more."""
        return len(self._marks) > WORN * max(wanted, AT_ONCE)

    def close(self) -> None:
        """Let the file go; what was mapped of it stays readable."""
        self._file.close()


def dimensions_of(path: Path) -> int:
    """The dimensions of the vectors in a file; 0 where there is no such file."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEAD) + 8)
    except OSError:
        return 0
    return int.from_bytes(head[len(_HEAD) :], "little") if head.startswith(_HEAD) else 0


def marks_of(ids: Iterable[str]) -> Marks:
    """The marks of records with these ids: the first 16 hex digits of each."""
    return np.fromiter((int(one[:16], 16) for one in ids), np.uint64)
