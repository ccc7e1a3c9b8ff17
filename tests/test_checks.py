"""`make check` can fail: each thing it guards is broken in a copy of the house, and its step has to notice."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import make

HERE = Path(__file__).parents[1]
ROOMS = ("store", "prompts", "knowledge", "triage", "retrieval", "conversation", "desk", "intake", "screens", "evals")
KEY = "AKIA" + "Q3EXAMPLE7PLANTD"  # made up here, in two halves so that it is none in this file
# What is planted, and where: the check of the same name has to see it.
PLANTED = {
    "format": ("store/planted.py", '"""Planted."""\n\nx = {  "a":1 }\n'),
    "lint": ("store/planted.py", '"""Planted."""\n\nimport os\n'),
    "types": ("store/planted.py", '"""Planted."""\n\nx: int = "one"\n'),
    "arrows": ("store/planted.py", '"""Planted."""\n\nimport triage.decision as above\n\nprint(above)\n'),
    "secrets": ("store/planted.py", f'"""Planted."""\n\nx = "{KEY}"\n'),
    "figures": (
        "docs/figures.md",
        "## Answers, the whole path\n\n- statements that are their spans: 878/879 = 0.999\n",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house's code, settings of its tools and pages of figures; nothing is wrong with it."""
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        for file in (HERE / room).rglob("*.py"):
            (folder / file.relative_to(HERE)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / file.relative_to(HERE))
    for file in HERE.glob("*.py"):
        shutil.copy(file, folder / file.name)
    for name in ("pyproject.toml", "evals/floors.toml", "docs/figures.md", "docs/safety-figures.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(HERE / name, folder / name)
    return folder


@pytest.fixture
def house(copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(make, "HERE", copy)
    monkeypatch.setattr(make, "PYTHON", Path(sys.executable))
    return copy


@pytest.fixture
def planted(house: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the check whose fault stands in the copy until the test is over."""
    name, text = PLANTED[request.param]
    before = (house / name).read_text(encoding="utf-8") if (house / name).exists() else None
    (house / name).write_text(text, encoding="utf-8")
    yield request.param
    (house / name).unlink() if before is None else (house / name).write_text(before, encoding="utf-8")


def step(name: str, file: str) -> tuple[str, ...]:
    """The check's own command; types and secrets look at one file, since all of them take long."""
    command = make.checks()[name]
    if name == "types":
        return (*command, file)
    return (*command[: command.index(make.HARMLESS_LINE) + 1], file) if name == "secrets" else command


@pytest.mark.parametrize("planted", PLANTED, indirect=True)
def test_a_planted_fault_fails_its_check_and_is_named(planted: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert make.python(*step(planted, "store/planted.py")) != 0
    assert {"figures": "statements that are their spans", "arrows": "store.planted"}.get(
        planted, "planted.py"
    ) in capfd.readouterr().out


@pytest.mark.parametrize("name", PLANTED)
def test_without_it_the_check_passes(house: Path, name: str) -> None:
    assert make.python(*step(name, "errors.py")) == 0


def test_every_check_has_its_planted_fault(house: Path) -> None:
    assert make.checks().keys() == PLANTED.keys()


@pytest.mark.parametrize("failing", PLANTED)
def test_one_failing_check_fails_them_all(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = make.checks()
    monkeypatch.setattr(make, "packages", lambda files: None)
    monkeypatch.setattr(make, "python", lambda *command: int(command == commands[failing]))

    assert make.check() == 1


def test_the_scan_for_secrets_sees_every_file_but_prose_and_what_is_made(house: Path) -> None:
    (house / "data").mkdir(exist_ok=True)
    (house / "data" / "master.key").write_text("x")

    assert "store/engine.py" in make.written()
    assert not [name for name in make.written() if name.startswith("data/")]


def test_the_scan_asks_no_network() -> None:
    assert "--no-verify" in make.checks()["secrets"]


# What is known of the packages


def known(**weak: list[str]) -> str:
    """What the audit prints: a package with its weaknesses, or one that could not be looked up."""
    packages = [
        {"name": name, "version": "1.0", "vulns": [{"id": one, "fix_versions": ["2.0"]} for one in found]}
        for name, found in weak.items()
    ]
    return json.dumps({"dependencies": packages})


def test_a_known_weakness_fails_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    assert make.audited(known(one=[], two=["CVE-1"]), 2) == 1
    assert "two 1.0: CVE-1" in capsys.readouterr().out


def test_an_audit_without_weaknesses_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert make.audited(known(one=[], two=[]), 2) == 0


@pytest.mark.parametrize("said", ["", "no service", "{}", "[]", known(one=[]), '{"dependencies": [{"name": "one"}]}'])
def test_what_could_not_be_looked_up_is_never_a_pass(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert make.audited(said, 2) == make.NOT_AUDITED
    assert "NOT AUDITED" in capsys.readouterr().out


def test_the_public_checks_audit_in_a_job_of_their_own() -> None:
    public = (HERE / ".github/workflows/ci.yml").read_text(encoding="utf-8")

    assert "  audit:\n" in public
    assert "make audit" in public.partition("  audit:\n")[2]


def test_the_bill_of_materials_names_every_pinned_package_and_no_machine(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    quick = (*make.BILL, "--no-validate", "-o", str(file))  # `make sbom` validates; that takes long
    assert subprocess.call([sys.executable, *quick], cwd=HERE) == 0
    text = file.read_text(encoding="utf-8")
    bill = json.loads(text)
    held = {one["name"].lower().replace("_", "-"): one["version"].partition("+")[0] for one in bill["components"]}
    pinned = dict(make.pins("requirements.txt"))

    assert bill["bomFormat"] == "CycloneDX"
    assert {name: held.get(name.lower().replace("_", "-")) for name in pinned} == pinned
    assert str(HERE) not in text
