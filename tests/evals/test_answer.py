"""The measures run the real pipeline: every statement cited, every citation its span, other documents on demand."""

import json
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.figures import holds
from evals.fit_ranking import TRAINING, unversioned
from evals.items import read_items
from evals.measures import Rate, ndcg, percentile, wilson
from knowledge.library import SHIPPED, read_folder


def items(path: Path, *messages: str) -> Path:
    lines = [{"id": f"i{n}", "audience": "patient", "history": [], "message": text} for n, text in enumerate(messages)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def results(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.timeout(240)
def test_answers_are_written_an_item_a_line_and_every_citation_is_its_span(
    tmp_path: Path, built_index: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FOREROOM_DATA", str(built_index.parent))
    asked = items(tmp_path / "in.jsonl", "how many infusions are there", "what would you charge me?", "i want to die")
    assert main(["answer", str(asked), "--out", str(tmp_path / "out.jsonl")]) == 0

    found = results(tmp_path / "out.jsonl")
    sources = read_folder(SHIPPED).sources
    assert [one["id"] for one in found] == ["i0", "i1", "i2"]
    assert found[0]["route"] == "answer" and "six" in found[0]["text"]
    assert {citation["source"] for s in found[0]["statements"] for citation in s["citations"]} == {"mck", "tovani"}
    for one in found:
        for statement in one["statements"]:
            for citation in statement["citations"]:
                text = sources[citation["source"]].text
                assert text[citation["start"] : citation["end"]] == citation["quote"] == statement["text"]
    assert found[2]["route"] == "crisis" and found[2]["handoff"] and found[2]["statements"] == []
    assert "988" in found[2]["text"]


@pytest.mark.timeout(240)
def test_other_documents_answer_instead_when_a_folder_is_named(tmp_path: Path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "visit.txt").write_text(
        "Coming to us\n\nThe house has a blue door. Visits begin with a cup of tea and last one hour.\n\n"
        "Leaving\n\nA taxi is called for every patient after the visit.\n",
        encoding="utf-8",
    )
    asked = items(tmp_path / "in.jsonl", "does a visit begin with a cup of tea")
    assert main(["answer", str(asked), "--out", str(tmp_path / "out.jsonl"), "--sources", str(folder)]) == 0

    one = results(tmp_path / "out.jsonl")[0]
    assert one["route"] == "answer"
    assert {citation["source"] for s in one["statements"] for citation in s["citations"]} == {"visit"}
    assert "cup of tea" in one["text"]


def test_a_file_that_is_not_items_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "a", "message": "x"}\n{"id": "b"}\n', encoding="utf-8")

    assert main(["answer", str(path), "--out", str(tmp_path / "out.jsonl")]) == 1
    assert "line 2" in capsys.readouterr().err


def test_the_interval_of_all_right_does_not_claim_certainty():
    low, high = wilson(20, 20)

    assert high == 1.0 and 0.8 < low < 0.9


def test_a_rate_keeps_its_misses():
    rate = Rate("x")
    rate.count(True, "a")
    rate.count(False, "b")

    assert (rate.good, rate.of, rate.misses) == (1, 2, ["b"])


def test_ndcg_rewards_the_right_one_early():
    assert ndcg(["a", "b"], frozenset({"a"})) == 1.0
    assert 0 < ndcg(["b", "a"], frozenset({"a"})) < 1
    assert ndcg(["b"], frozenset({"a"})) == 0.0


def test_the_95th_percentile_of_twenty_values_is_the_nineteenth():
    assert percentile(range(1, 21), 0.95) == 19


def test_must_groups_need_one_match_each():
    assert holds({"must": [["six", "6"], ["infusion"]]}, "A series of SIX infusions")
    assert not holds({"must": [["six"], ["eight"]]}, "A series of six infusions")


def test_every_training_question_names_passages_there_are_and_is_asked_once():
    held = {unversioned(name) for name in read_folder(SHIPPED).passages}
    items = read_items(TRAINING)

    assert {name for item in items for name in item["passages"]} <= held
    assert {item["coverage"] for item in items} == {"covered", "silent", "off_topic"}
    asked = [(item["message"].lower(), str(item["history"])) for item in items]
    assert len(set(asked)) == len(asked)


@pytest.mark.timeout(240)
def test_a_document_that_gives_a_price_is_asked_for_it_and_one_that_does_not_stays_silent(tmp_path: Path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "swim.txt").write_text(
        "Warm water sessions\n\nWhat a session costs\n\nOne warm water session costs 30 pounds, and ten cost 250.\n\n"
        "How a session goes\n\nA session in the warm pool lasts fifty minutes. A trainer stands beside you.\n\n"
        "Who comes\n\nPeople with sore joints come to us, and people who are getting over an operation.\n",
        encoding="utf-8",
    )
    asked = items(
        tmp_path / "in.jsonl", "how much does a warm water session cost", "is there wifi", "what did the trial report"
    )
    assert main(["answer", str(asked), "--out", str(tmp_path / "out.jsonl"), "--sources", str(folder)]) == 0

    price, wifi, trial = results(tmp_path / "out.jsonl")
    assert price["route"] == "answer" and "30 pounds" in price["text"]
    assert wifi["route"] == trial["route"] == "not_in_sources"
