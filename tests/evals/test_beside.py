"""One judgement for everybody, and a program that is asked line by line."""

import json
import sys
from pathlib import Path

import pytest

from errors import Unavailable
from evals import beside
from evals.beside import Corpus, Line, Outcome, table
from evals.figures import QUESTIONS
from evals.items import read_items
from evals.judging import Asked, Wanted, exact, given, ndcg, own, pairs, recall, sentences
from knowledge.library import SHIPPED, Library, read_folder
from knowledge.reading import read_text

TEA, DOOR = Wanted("a", "Tea is served at noon."), Wanted("b", "The door is blue.")
BOTH = Asked("q", "tea and doors?", ((TEA,), (DOOR,)), frozenset("ab"))
ECHO = """
SHOWN = 1


def index(documents, folder, model):
    folder.mkdir()
    (folder / "held").write_text(documents[0]["text"])
    print("a library that talks")
    return len(documents)


def load(folder, model):
    held = (folder / "held").read_text()
    return lambda question, most: [(question, held)] * most
"""


@pytest.fixture
def houses() -> Library:
    texts = {"a": "Visits are on Mondays. Tea is served at noon.", "b": "The door is blue."}
    return Library.of(
        read_text(text, name=f"{name}.md", markdown=True, id=name, clinic=f"Clinic {name}")
        for name, text in texts.items()
    )


def test_a_text_that_holds_the_sentence_whole_is_found_whatever_its_white_space():
    assert TEA.stands_in("a", "Before.\nTea is\nserved  at noon. After.")
    assert not TEA.stands_in("b", "Tea is served at noon.")
    assert not TEA.stands_in("a", "is served at noon.")


def test_each_clinic_that_has_to_be_cited_counts_half():
    found = [("a", TEA.text), ("a", "Nothing."), ("b", DOOR.text)]

    assert recall(found, BOTH, 1) == 0.5
    assert recall(found, BOTH, 5) == 1.0
    assert ndcg(found[:1] + found[2:], BOTH, 5) == 1.0
    assert 0.5 < ndcg(found, BOTH, 5) < 1.0
    assert ndcg([], BOTH, 5) == recall([], BOTH, 5) == 0.0


def test_a_document_counts_once_however_many_of_its_texts_come_first():
    asked = Asked("q", "?", ((Wanted("b", ""),),), frozenset("b"))

    assert recall([("a", "x"), ("a", "y"), ("b", "z")], asked, 1) == 0.0
    assert ndcg([("a", "x"), ("a", "y"), ("b", "z")], asked, 10) == ndcg([("a", "x"), ("b", "z")], asked, 10)


def test_a_sentence_is_exact_only_as_it_stands_in_a_right_source(houses: Library):
    asked = Asked("q", "when is tea?", ((TEA,),), frozenset("a"))
    shown = [("a", "Tea is served at noon. Tea is served at one."), ("b", "The door is blue.")]

    assert exact(shown, asked, houses) == (1, 3)


def test_a_heading_is_a_sentence_of_its_own():
    assert list(sentences("Coming to us\n\nRing twice. Then wait.")) == ["Coming to us", "Ring twice.", "Then wait."]


def test_the_project_s_questions_find_their_sentences_and_need_every_source_they_have_to_cite():
    library = read_folder(SHIPPED)
    asked = list(own(read_items(QUESTIONS), library))

    assert len(asked) > 100
    assert any(len(one.groups) == 2 for one in asked)
    for one in asked:
        for wanted in (wanted for group in one.groups for wanted in group):
            assert wanted.text in library.sources[wanted.source].text and wanted.source in one.right


def test_questions_on_given_documents_are_judged_by_the_fragments_they_name(houses: Library):
    item = {"id": "1", "message": "tea?", "route": "answer", "history": [], "expect_sources": ["a"]}
    asked = list(given([item | {"evidence": "served at noon", "evidence_more": []}], houses))

    assert [one.groups for one in asked] == [((Wanted("a", "served at noon"),),)]
    assert list(given([item | {"evidence": "nowhere", "evidence_more": []}], houses)) == []
    assert [one.right for one in pairs([{"id": "b", "question": "which door?"}], houses)] == [frozenset("b")]


def program(folder: Path, text: str) -> list[str | Path]:
    file = folder / "ask.py"
    file.write_text(text, encoding="utf-8")
    (folder / "documents.jsonl").write_text(json.dumps({"source": "a", "text": "Tea."}) + "\n", encoding="utf-8")
    return [sys.executable, beside.PEERS / "line.py", file, folder, folder]


def test_a_program_is_asked_line_by_line_and_keeps_what_it_indexed(tmp_path: Path):
    line = Line(program(tmp_path, ECHO), {})
    assert line.ready == {"ready": True, "shown": 1}
    assert line.ask("why?", 3) == [("why?", "Tea.")] * 3
    assert line.ask("what is shown?") == [("what is shown?", "Tea.")]
    line.close()

    assert json.loads((tmp_path / "indexed.json").read_text(encoding="utf-8"))["units"] == 1
    (tmp_path / "documents.jsonl").unlink()
    again = Line([sys.executable, beside.PEERS / "line.py", tmp_path / "ask.py", tmp_path, tmp_path], {})
    assert again.ask("once more?") == [("once more?", "Tea.")]
    again.close()


def test_a_program_that_breaks_is_said_to_have_stopped(tmp_path: Path):
    with pytest.raises(Unavailable, match="stopped"):
        Line(program(tmp_path, "SHOWN = index = load = None"), {})


def test_costs_stand_as_ratios_to_ours(houses: Library):
    asked = Asked("q", "when is tea?", ((TEA,),), frozenset("a"))
    right, wrong = [("a", TEA.text)], [("b", DOOR.text)]
    ours = Outcome([right], [right], [0.02], [0.01], [1.0], 100, 100, 3, 2.0)
    theirs = Outcome([wrong], [wrong], [0.05], [0.01], [3.0], 100, 100, 3, 2.0)
    rows = list(table(Corpus("Houses", houses, (asked,)), {"foreroom": ours, "other": theirs}))

    assert "| recall at 1 | 1.000 [1.000, 1.000] | 0.000 [0.000, 0.000] |" in rows
    assert "| one question to its answer, median | 1.00 (20 ms) | 2.50 (50 ms) |" in rows
    assert any("1.000 [0.207, 1.000] (1/1) | 0.000 [0.000, 0.793] (0/1)" in row for row in rows)
