import json
from pathlib import Path

import pytest

from conversation.comparison import load_comparer
from errors import BadInput
from evals.__main__ import main
from evals.fit_ground import TRAINING
from evals.fit_ranking import unversioned
from evals.ground import comparisons, premise_for, read_claims
from evals.items import read_lines
from evals.library import library_of
from evals.seeded_edits import seeded_edits
from knowledge.library import read_folder

LATER = Path(__file__).parents[2] / "evals" / "sets" / "ground_later.jsonl"
SOURCES = Path(__file__).parents[2] / "knowledge" / "sources"
HARBOUR = """Visits

At Harbour Clinic, we begin with five visits over ten days. Patients often bring a friend.

Harbour Clinic's dogs are called Pip and Juno.
"""
MEADOW = """Visits

At Meadow Health, we see people by video. A visit costs nothing.
"""


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "harbour.txt").write_text(HARBOUR, encoding="utf-8")
    (folder / "meadow.txt").write_text(MEADOW, encoding="utf-8")
    return folder


def items(tmp_path: Path, *claims: dict[str, object]) -> Path:
    path = tmp_path / "items.jsonl"
    path.write_text("".join(json.dumps(claim) + "\n" for claim in claims), encoding="utf-8")
    return path


def test_claims_are_held_against_passages_and_the_results_written(
    tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evidence = {"passage_source": "harbour", "evidence": "five visits over ten days"}
    given = items(
        tmp_path,
        {"id": "a", "claim": "Harbour Clinic starts with five visits.", "supported": True, **evidence},
        {"id": "b", "claim": "Treatment begins with seven visits.", "supported": False, **evidence},
        {"id": "c", "claim": "Meadow Health begins with five visits.", "supported": False, **evidence},
        {"id": "d", "claim": "The cat sleeps.", "passage": "A dog barks all night.", "supported": False},
    )

    assert main(["ground", str(given), "--out", str(tmp_path / "out.jsonl"), "--sources", str(documents)]) == 0

    results = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [result["id"] for result in results] == ["a", "b", "c", "d"]
    assert [result["supported"] for result in results] == [True, False, False, False]
    assert results[1]["findings"] == [{"kind": "figure", "claim_words": "seven", "passage_words": "five"}]
    assert results[2]["findings"][0]["kind"] == "clinic"
    assert all(0 <= result["score"] <= 1 for result in results)
    assert "balanced accuracy: 1.000" in capsys.readouterr().out


def test_the_passage_is_the_paragraph_that_holds_the_fragment(documents: Path) -> None:
    library = read_folder(documents)
    premise = premise_for({"id": "a", "claim": "", "passage_source": "harbour", "evidence": "Pip and Juno"}, library)

    assert premise.text == "Harbour Clinic's dogs are called Pip and Juno."
    assert (premise.clinic, premise.others) == ("Harbour Clinic", ("Meadow Health",))


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"id": "a", "claim": "x"}, "needs a passage"),
        ({"id": "a", "claim": "x", "passage_source": "harbour", "evidence": "nowhere"}, "no paragraph of harbour"),
        ({"id": "a", "claim": "x", "passage_source": "lake", "evidence": "x"}, "no source 'lake'"),
    ],
)
def test_an_item_that_cannot_be_used_is_named(
    tmp_path: Path, documents: Path, item: dict[str, object], says: str
) -> None:
    given = items(tmp_path, item)

    with pytest.raises(BadInput, match=says):
        premise_for(read_claims(given)[0], read_folder(documents))


def test_the_training_claims_name_passages_there_are() -> None:
    claims = read_lines(TRAINING, {"id", "passage", "claim", "supported"})
    known = {unversioned(key) for key in read_folder(SOURCES).passages}

    assert len(claims) >= 300
    assert {claim["passage"] for claim in claims} <= known
    assert 0.35 < sum(claim["supported"] for claim in claims) / len(claims) < 0.65
    assert len({claim["claim"] for claim in claims}) == len(claims)


def test_what_is_subtly_wrong_in_the_later_set_is_found_and_other_words_for_the_same_pass() -> None:
    """By words alone, without vectors: fast, and a little stricter than what staff have."""
    claims, library = read_claims(LATER), library_of(None)
    compared = list(comparisons(load_comparer(), claims, library))
    wrong = [one.supported for item, one in compared if not item["supported"]]
    honest = [one.supported for item, one in compared if item["supported"]]

    assert len(wrong) == len(honest) == 75
    assert sum(wrong) <= 3
    assert sum(honest) >= 60


def test_seeded_edits_are_the_same_every_time() -> None:
    library = read_folder(SOURCES)

    assert list(seeded_edits(library, 16)) == list(seeded_edits(library, 16))
    assert all(edit.before != edit.after for edit in seeded_edits(library, 40))
