"""What the pages about safety and faults name is there: promises, files, tests, and pages beside them."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
PAGES = ("docs/safety-case.md", "docs/threat-model.md")
EVERY_PAGE = sorted([*HERE.glob("*.md"), *HERE.glob("docs/**/*.md"), *HERE.glob("deploy/*.md")])
FOLDERS = "conversation desk docs evals intake knowledge prompts retrieval screens store tests triage deploy".split()


def text(page: str) -> str:
    return (HERE / page).read_text(encoding="utf-8")


def every_test() -> set[str]:
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in (HERE / "tests").rglob("test_*.py"))
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES)
def test_every_test_a_page_leans_on_is_there(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", text(page)))

    assert len(named) > 10
    assert named <= every_test()


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_names_is_there(page: str) -> None:
    named = [name for name in re.findall(r"`([\w./-]+)`", text(page)) if name.split("/")[0] in FOLDERS]
    beside = re.findall(r"\]\(([\w./-]+\.md)\)", text(page))

    assert len(named) > 10
    assert [name for name in named if not (HERE / name).exists()] == []
    assert [name for name in beside if not (HERE / page).parent.joinpath(name).exists()] == []


def test_the_operator_is_told_of_every_file_that_waits_for_a_clinician() -> None:
    duties = text("docs/safety-case.md").partition("## What the operator must do")[2].partition("\n- Confirm")[0]
    told = [HERE / name for name in re.findall(r"`([\w./-]+)`", duties)]
    silent = re.compile(r"not (yet )?reviewed by|reviewed_by[ =:]+(\"\")?\s*$", re.IGNORECASE | re.MULTILINE)
    waiting = [
        file
        for room in FOLDERS
        for kind in ("*.toml", "*.json", "*.md")
        for file in (HERE / room).rglob(kind)
        if room not in ("docs", "evals", "tests") and silent.search(file.read_text(encoding="utf-8"))
    ]

    assert len(waiting) > 100
    assert [file for file in waiting if not any(file.is_relative_to(one) for one in told)] == []


@pytest.mark.parametrize("page", [page.relative_to(HERE).as_posix() for page in EVERY_PAGE])
def test_every_link_between_pages_leads_somewhere(page: str) -> None:
    beside = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text(page))

    assert [name for name in beside if not (HERE / page).parent.joinpath(name).exists()] == []


# The table of faults


def faults() -> list[tuple[str, str]]:
    """The rows of docs/faults.md: the promise (the one above, where a row gives none) and the cell of its tests."""
    rows, promise = [], ""
    for line in text("docs/faults.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] not in ("promise", "---"):
            assert len(cells) == 4, line
            promise = cells[0] or promise
            rows.append((promise, cells[2]))
    return rows


def flat(page: str) -> str:
    return " ".join(text(page).split())


def test_every_fault_names_tests_that_are_there() -> None:
    for promise, cell in faults():
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", cell)
        assert named, promise
        for file, name in named:
            assert re.search(rf"^def {name}\(", text(file), re.MULTILINE), f"{file}::{name}"


def test_every_promise_of_the_table_is_made_in_these_words() -> None:
    said = flat("README.md") + flat("ARCHITECTURE.md")

    assert [promise for promise, _ in faults() if promise not in said] == []


def test_everything_that_is_always_true_was_tried() -> None:
    always = text("ARCHITECTURE.md").partition("## What is always true")[2].partition("\n## ")[0]
    sentences = re.findall(r"(?:^- |(?<=\. ))[A-Z][^.]+", always, re.MULTILINE)
    tried = {promise for promise, _ in faults()}

    assert len(sentences) >= 7
    assert [one for one in sentences if not any(promise in one for promise in tried)] == []
