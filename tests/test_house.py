"""The house itself: files, settings, requirements and rooms are checked against each other."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from pydantic import ValidationError

import make
from settings import PREFIX, Settings

HERE = Path(__file__).parents[1]
ROOMS = ("store", "prompts", "knowledge", "triage", "retrieval", "conversation", "desk", "intake", "screens", "evals")
TOP = ("app", "server", "settings", "answering", "wiring", "errors", "make")
DECISION = HERE / "docs/decisions/0001-requirements.md"
FILES = ("requirements.txt", "requirements-dev.txt", make.ALONE)
# Direct requirements that no line of ours imports, and what they are here for.
UNIMPORTED = {
    "authlib": "streamlit logs staff in with it",
    "torch": "sentence-transformers runs on it; its pin keeps the build for graphics cards away",
    "langchain": "the door to a chat model; its core and its Chroma are imported",
    "langchain-openai": "langchain opens it by name",
    "langchain-ollama": "langchain opens it by name",
    "safetensors": "sentence-transformers reads weights with it",
    "psycopg": "SQLAlchemy opens it by address",
    "pytest-socket": "pytest loads it",
    "pytest-timeout": "pytest loads it",
    "pytest-xdist": "pytest loads it",
    "ruff": "a program",
    "mypy": "a program",
    "import-linter": "a program",
    "detect-secrets": "a program",  # pragma: allowlist secret
    "pip-audit": "a program",
    "cyclonedx-bom": "a program",
    "types-pyyaml": "mypy reads it",
}
# Numbers a person in danger would call: they stand in one file, with the date they were checked.
NUMBER = re.compile(r"(?<![\w.:#-])(?:988|911|741741|838255|88788|(?:1-)?\d{3}-\d{3}-\d{4})(?![\w-]|\.\d)")
ADDRESS = re.compile(r"\b(?:https?|wss?)://([A-Za-z0-9][A-Za-z0-9.-]*)")
OURS = {
    "127.0.0.1",
    "localhost",
    "www.w3.org",
    "hl7.org",
    "loinc.org",
    "schemas.openxmlformats.org",
}  # this machine, and names of alphabets, codes and formats
NAMES = re.compile(r"^(?:.*\.)?(?:example|test|invalid|localhost)(?:\.(?:com|org|net))?$")


def files(*patterns: str, rooms: tuple[str, ...] = ROOMS) -> Iterator[Path]:
    """Files of the rooms and of the top, by pattern."""
    for pattern in patterns:
        yield from (path for path in HERE.glob(pattern) if path.is_file())
        for room in rooms:
            yield from (path for path in (HERE / room).rglob(pattern) if path.is_file())


def name_of(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def code(*, tests: bool = False) -> list[Path]:
    return sorted(files("*.py", rooms=(*ROOMS, "tests") if tests else ROOMS))


def requirements(file: str) -> dict[str, str]:
    """Distribution name in lower case -> the whole line."""
    lines = [line.strip() for line in (HERE / file).read_text(encoding="utf-8").splitlines()]
    asked = [line for line in lines if line and not line.startswith(("#", "-r "))]
    return {re.split(r"[\[=<>~! ]", line)[0].lower(): line for line in asked}


def imports(path: Path) -> Iterator[str]:
    """The modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def packages_used(paths: list[Path]) -> set[str]:
    """The distributions that the files import, in lower case; programs measured beside ours have their own."""
    paths = [path for path in paths if "peers" not in path.parts]
    known = packages_distributions()
    ours = {*ROOMS, *TOP, "tests", "importlinter"}
    tops = {module.split(".")[0] for path in paths for module in imports(path)} - ours - sys.stdlib_module_names
    return {known.get(top, [top])[0].lower() for top in tops}


# Settings


def test_readme_and_env_example_name_the_settings_there_are() -> None:
    there = {PREFIX + name.upper() for name in Settings.model_fields}
    readme = re.findall(r"^\| `(FOREROOM_\w+)`", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    example = re.findall(r"^(FOREROOM_\w+)=", (HERE / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(readme) == sorted(there)
    assert sorted(example) == sorted(there)


def test_env_example_changes_nothing() -> None:
    assert Settings(_env_file=HERE / ".env.example") == Settings(_env_file=None)


@pytest.mark.parametrize(
    "opened", [{"host": "0.0.0.0"}, {"public_url": "https://ask.example.org"}, {"trusted_proxies": "10.0.0.0/8"}]
)
def test_the_workbench_is_refused_where_others_can_reach_the_page(opened: dict[str, str]) -> None:
    assert Settings(_env_file=None, workbench=True).workbench
    with pytest.raises(ValidationError, match="for this machine alone"):
        Settings(_env_file=None, workbench=True, **opened)


@pytest.mark.parametrize("path", [path for path in code() if path.name != "settings.py"], ids=name_of)
def test_only_settings_reads_the_environment(path: Path) -> None:
    if path.name == "make.py" or "migrations" in path.parts:
        return  # runs before there is a settings.py to import, and Alembic's own
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"os\.getenv|environ\.get\(|environ\[[^\]]+\](?! *=)", text)


# Requirements


@pytest.mark.parametrize("file", [*FILES, "constraints.txt"])
def test_every_requirement_is_pinned(file: str) -> None:
    loose = [line for line in requirements(file).values() if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.+]+", line)]

    assert not loose


def test_constraints_agree_with_the_requirements() -> None:
    held = requirements("constraints.txt")
    asked = requirements("requirements.txt") | requirements("requirements-dev.txt")
    version = {name: line.split("==")[1] for name, line in asked.items()}

    assert {name: line.split("==")[1] for name, line in held.items() if name in version} == {
        name: version[name] for name in held if name in version
    }


def test_what_runs_imports_nothing_that_is_not_required() -> None:
    assert packages_used(code()) <= requirements("requirements.txt").keys() | {"uvicorn"}


def test_what_tests_import_is_required() -> None:
    asked = {name for file in FILES for name in requirements(file)}

    assert packages_used(code(tests=True)) <= asked | {"uvicorn"}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_no_requirement_stands_there_out_of_habit(file: str) -> None:
    idle = requirements(file).keys() - packages_used(code(tests=file != "requirements.txt")) - UNIMPORTED.keys()

    assert not idle


def test_the_decision_on_requirements_names_each_one() -> None:
    rows = " ".join(re.findall(r"^\| ([^|]+) \|", DECISION.read_text(encoding="utf-8"), re.MULTILINE)).lower()
    named = set(re.split(r"[,\s]+", rows)) - {"to", "run", "test", "and", "check", "---", ""}

    assert named == {name for file in FILES for name in requirements(file)}


# The verbs


def test_make_alone_lists_its_verbs() -> None:
    listed = subprocess.run([sys.executable, HERE / "make.py"], capture_output=True, text=True, check=True).stdout
    makefile = re.search(r"^VERBS := (.+)$", (HERE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert re.findall(r"^  ([\w-]+) ", listed, re.MULTILINE) == list(make.VERBS)
    assert makefile
    assert makefile[1].split() == list(make.VERBS)


def test_ci_calls_the_same_verbs_as_everybody() -> None:
    for file in (".ci/run", ".github/workflows/ci.yml"):
        text = (HERE / file).read_text(encoding="utf-8")
        assert "make check" in text
        assert "make test" in text


# The rooms


def contracts() -> list[dict[str, list[str]]]:
    held = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, list[str]]] = held["tool"]["importlinter"]["contracts"]
    return found


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "docs/STYLE.md"])
@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("screens", "evals")])
def test_each_room_has_the_contract_its_row_states(room: str, page: str) -> None:
    row = re.search(rf"^\| `{room}` \|[^|]*\|([^|]*)\|", (HERE / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert row
    allowed = {name for name in re.findall(r"`(\w+)`", row[1]) if name in ROOMS}
    forbidden = next(set(held["forbidden_modules"]) for held in contracts() if held["source_modules"] == [room])

    assert forbidden & set(ROOMS) == set(ROOMS) - allowed - {room}
    assert {"app", "server", "answering", "wiring", "settings"} <= forbidden


def test_imports_run_only_as_the_table_of_rooms_allows() -> None:
    linted = subprocess.run([sys.executable, "-c", make.ARROWS], cwd=HERE, capture_output=True, text=True, check=False)

    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("path", code(), ids=name_of)
def test_a_module_opens_with_a_line_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.strip():
        opening = (ast.get_docstring(ast.parse(text)) or "").splitlines()
        assert opening
        assert opening[0].endswith((".", ";", ":"))
    assert sum(1 for line in text.splitlines() if line.strip()) <= 400
    assert path.stem not in ("utils", "helpers", "common", "types")


def test_the_files_architecture_names_are_there() -> None:
    named = re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?|\w+\.py)`", (HERE / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    made_later = ("data/", "results/", "demo/", ".venv/")

    assert not [name for name in named if not name.startswith(made_later) and not (HERE / name).exists()]


# Words


def test_numbers_to_call_stand_in_one_file() -> None:
    elsewhere = [
        f"{name_of(path)}: {found}"
        for path in [*code(), *files("*.md", "*.toml", "*.js", "*.css", rooms=("prompts", "screens"))]
        if path.name != "resources.toml"
        for found in NUMBER.findall(path.read_text(encoding="utf-8"))
    ]

    assert not elsewhere


def test_no_code_names_a_machine_elsewhere() -> None:
    held = [*code(), *files("*.js", "*.css", "*.html", "*.toml"), HERE / ".streamlit/config.toml", HERE / ".ci/run"]
    hosts = {
        f"{name_of(path)}: {host}"
        for path in held
        if path.name != "resources.toml" and "examples" not in path.parts
        for host in ADDRESS.findall(path.read_text(encoding="utf-8"))
        if host not in OURS and not NAMES.match(host)
    }

    assert not hosts


def test_every_wording_says_who_reviewed_it() -> None:
    reviewed = [*files("*.md", "*.toml", rooms=("prompts",)), *(HERE / "triage/cues").rglob("*.toml")]
    silent = [
        name_of(path)
        for path in reviewed
        if path.parent != HERE and not re.search(r"^reviewed_by\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert not silent
