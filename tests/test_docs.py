"""What the pages about safety name is there: files, tests, and pages beside them."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
PAGES = ("docs/safety-case.md", "docs/threat-model.md")
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
