"""`python -m evals gate`: figures against the floors of floors.toml; a figure below its floor, or not there, fails."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import BadInput

FLOORS = Path(__file__).with_name("floors.toml")
_SECTION = re.compile(r"^## (.+)$")
_RATE = re.compile(r"^(?:\| (?!- )|- )(.+?)(?: \||:) (\d+)/(\d+) =")  # a row or a line: "name | 3/4 =", "name: 3/4 ="


@dataclass(frozen=True, slots=True)
class Figure:
    """One count of a page: `good` of `of`."""

    section: str
    name: str
    good: int
    of: int
    misses: str = ""

    def reaches(self, share: float) -> bool:
        """At least so large a share, from 0 to 1; nothing counted reaches nothing."""
        return self.of > 0 and self.good >= share * self.of

    def __str__(self) -> str:
        where = f"{self.section}, {self.name}" if self.section else self.name
        return f"{where}: {self.good}/{self.of}{self.misses and f', misses {self.misses}'}"


@dataclass(frozen=True, slots=True)
class Floor:
    """What one figure must not fall below, and what is aimed at, both as shares from 0 to 1."""

    section: str
    name: str
    floor: float
    goal: float


def gate(pages: Sequence[Path]) -> int:
    """Print what is below its floor or short of its goal; 1 if anything is below, else 0. Raises BadInput."""
    lost = 0
    for page in pages:
        figures, floors, low = list(read_figures(page)), floors_of(page), 0
        for floor in floors:
            found = [one for one in figures if (one.section, one.name) == (floor.section, floor.name)]
            below = [one for one in found if not one.reaches(floor.floor)]
            for one in below:
                print(f"below its floor of {floor.floor:.2f}: {one}")
            if not found:
                print(f"not there, and has a floor of {floor.floor:.2f}: {floor.section} {floor.name}")
            for one in found:
                if one not in below and not one.reaches(floor.goal):
                    print(f"short of its goal of {floor.goal:.2f}: {one}")
            low += bool(below) or not found
        print(f"{page}: {len(floors) - low} of {len(floors)} floors held")
        lost += low
    return int(lost > 0)


def floors_of(page: Path) -> list[Floor]:
    """The floors of a page, by its file name. BadInput where it has none."""
    tables: dict[str, Any] = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    if page.name not in tables:
        raise BadInput(f"{FLOORS.name} has no floors for {page.name}; it has for {', '.join(tables)}.")
    found = []
    for section, floors in tables[page.name].items():
        for name, value in floors.items():
            floor, goal = (value["floor"], value["goal"]) if isinstance(value, dict) else (value, value)
            found.append(Floor("" if section == "all" else section, name, float(floor), float(goal)))
    return found


def read_figures(page: Path) -> Iterator[Figure]:
    """The counts of a page in Markdown, or of a scorer's JSON ({name: {good, n, misses}}). Raises BadInput."""
    try:
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".json":
            for name, one in json.loads(text).items():
                yield Figure("", name, int(one["good"]), int(one["n"]), " ".join(one["misses"]))
            return
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{page} holds no figures ({type(error).__name__}: {error}).") from error
    section = ""
    for line in text.splitlines():
        if heading := _SECTION.match(line):
            section = heading[1]
        elif rate := _RATE.match(line):
            yield Figure(section, rate[1], int(rate[2]), int(rate[3]))
