"""No figure falls below its floor unnoticed: each one is taken below its own, and the gate has to fail."""

import json
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.gate import FLOORS, Floor, floors_of, read_figures

HERE = Path(__file__).parents[2]
PAGES = ("figures.md", "safety-figures.md")
DEVELOPMENT = "dev-figures.json"
FLOORED = [(page, floor) for page in (*PAGES, DEVELOPMENT) for floor in floors_of(Path(page))]
OF = 1000


def page_of(folder: Path, name: str, below: Floor | None = None, without: Floor | None = None) -> Path:
    """A page on which every figure holds its floor, but for one that is below it and one that is not there."""
    kept = [floor for floor in floors_of(Path(name)) if floor != without]
    counts = {floor: round(floor.floor * OF) - (floor == below) for floor in kept}
    page = folder / name
    if page.suffix == ".json":
        figures = {floor.name: {"good": good, "n": OF, "misses": ["q1"]} for floor, good in counts.items()}
        page.write_text(json.dumps(figures), encoding="utf-8")
    else:
        lines = [f"## {one.section}\n\n| {one.name} | {good}/{OF} = … | q1 |\n" for one, good in counts.items()]
        page.write_text("\n".join(lines), encoding="utf-8")
    return page


@pytest.mark.parametrize("name", [*PAGES, DEVELOPMENT])
def test_figures_at_their_floors_pass(name: str, tmp_path: Path) -> None:
    assert main(["gate", str(page_of(tmp_path, name))]) == 0


@pytest.mark.parametrize(("name", "floor"), FLOORED, ids=lambda value: getattr(value, "name", value))
def test_a_figure_below_its_floor_fails_and_is_named(
    name: str, floor: Floor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", str(page_of(tmp_path, name, below=floor))]) == 1
    assert floor.name in capsys.readouterr().out


@pytest.mark.parametrize(("name", "floor"), FLOORED, ids=lambda value: getattr(value, "name", value))
def test_a_figure_that_is_no_longer_measured_fails(name: str, floor: Floor, tmp_path: Path) -> None:
    assert main(["gate", str(page_of(tmp_path, name, without=floor))]) == 1


def test_a_figure_short_of_its_goal_is_said_and_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    floors = tmp_path / "floors.toml"
    floors.write_text(
        f'["{DEVELOPMENT}".all]\n"right end to end" = {{ floor = 0.80, goal = 0.90 }}\n', encoding="utf-8"
    )
    monkeypatch.setattr("evals.gate.FLOORS", floors)

    assert main(["gate", str(page_of(tmp_path, DEVELOPMENT))]) == 0
    assert "short of its goal of 0.90: right end to end: 800/1000" in capsys.readouterr().out


def test_counting_nothing_reaches_no_floor(tmp_path: Path) -> None:
    page = page_of(tmp_path, DEVELOPMENT)
    figures = json.loads(page.read_text(encoding="utf-8"))
    figures["recall crisis"] |= {"good": 0, "n": 0}
    page.write_text(json.dumps(figures), encoding="utf-8")

    assert main(["gate", str(page)]) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"recall crisis": 1}'])
def test_a_file_without_figures_fails(text: str, tmp_path: Path) -> None:
    (tmp_path / DEVELOPMENT).write_text(text, encoding="utf-8")

    assert main(["gate", str(tmp_path / DEVELOPMENT)]) == 1
    assert main(["gate", str(tmp_path / "nobodys.json")]) == 1


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_pages_hold_their_floors(name: str) -> None:
    assert list(read_figures(HERE / "docs" / name))
    assert main(["gate", str(HERE / "docs" / name)]) == 0


def test_what_must_be_whole_is_whole() -> None:
    whole = {floor.name for _, floor in FLOORED if floor.floor == 1.0}

    assert whole >= {
        "every statement cited",
        "at most six statements",
        "nothing forbidden said",
        "reaches a person when it must",
        "recall crisis",
        "urgent replies name help available now",
        "statements that are their spans",
    }
    assert "never lower one to pass" in FLOORS.read_text(encoding="utf-8").replace("\n# ", " ")


def test_the_checks_run_the_gates_and_stop_at_the_first_that_fails() -> None:
    run = (HERE / ".ci" / "run").read_text(encoding="utf-8")

    assert "set -euo pipefail" in run
    assert 'make evals ARGS="gate results/dev-figures.json"\n' in run
    assert "make check\n" in run
    assert '[ "$status" = 0 ] || [ "$status" = 3 ] || exit 1' in run
