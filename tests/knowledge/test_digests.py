"""The shipped digests: every claim is carried, flagged claims have company, sentences stand alone."""

import re
import tomllib
from pathlib import Path

import pytest

from evals.fit_ranking import unversioned
from knowledge.library import SHIPPED, read_folder
from knowledge.source import Kind, Passage, Sentence
from prompts.companions import companion

LIBRARY = read_folder(SHIPPED)
CLAIMS = Path(__file__).parents[2] / "evals" / "claims"
POINTING = re.compile(r"^(This|That|These|Those|It|They|He|She|Its|Their|Such|Both)\b")
COUNTS = {"mck": 113, "tovani": 125}


def sentences() -> dict[str, tuple[Passage, Sentence, str]]:
    return {
        unversioned(s.id): (p, s, LIBRARY.sources[p.source].sentence(p, s))
        for p in LIBRARY.passages.values()
        for s in p.sentences
    }


SENTENCES = sentences()


@pytest.mark.parametrize("source", COUNTS)
def test_every_claim_of_the_article_is_carried_by_a_sentence_that_holds_its_figures(source: str):
    claims = tomllib.loads((CLAIMS / f"{source}.toml").read_text(encoding="utf-8"))

    assert len(claims) == COUNTS[source]
    for claim, entry in claims.items():
        assert entry["sentences"], claim
        texts = " ".join(SENTENCES[name][2] for name in entry["sentences"]).lower()
        for word in entry["carries"]:
            assert word.lower() in texts, (claim, word)


@pytest.mark.parametrize("source", COUNTS)
def test_a_flagged_claim_never_stands_without_its_companion(source: str):
    claims = tomllib.loads((CLAIMS / f"{source}.toml").read_text(encoding="utf-8"))

    flagged = [(claim, entry) for claim, entry in claims.items() if entry.get("with")]
    assert len(flagged) > 20
    for claim, entry in flagged:
        assert any(SENTENCES[name][1].companions for name in entry["sentences"]), claim


def test_every_companion_exists():
    for passage, sentence, _ in SENTENCES.values():
        for one in sentence.companions:
            if one.wording:
                assert companion(one.wording, "en") and companion(one.wording, "es") != companion(one.wording, "en")
            else:
                assert f"{passage.source}{one.sentence}" in SENTENCES


def test_no_sentence_points_at_a_neighbour():
    assert [name for name, (_, _, text) in SENTENCES.items() if POINTING.search(text)] == []


def test_findings_in_animals_name_the_animal():
    for name, (passage, _, text) in SENTENCES.items():
        if passage.kind is Kind.ANIMAL_STUDY:
            assert re.search(r"\b(mice|mouse|animals?)\b", text, re.IGNORECASE), name


def test_gaps_say_that_the_document_does_not_say():
    says = re.compile(r"\b(not|no|without|only|nothing|beyond)\b", re.IGNORECASE)
    gaps = [p for p in LIBRARY.passages.values() if p.is_gap]

    assert len(gaps) > 30
    assert [p.id for p in gaps if not says.search(p.text)] == []


def test_no_clinic_is_named_in_the_other_clinics_document():
    for source in LIBRARY.sources.values():
        for other in LIBRARY.sources.values():
            if other.clinic != source.clinic:
                assert other.clinic.split()[0] not in source.text or other.clinic.split()[0] == "Music"
                assert other.clinic not in source.text


def test_the_2026_finding_is_kept_for_questions_about_that_study():
    finding = [p for p in LIBRARY.passages.values() if "lifetime depressive episodes" in p.text]

    assert finding
    assert all(p.only_for for p in finding)


def test_every_source_says_that_nobody_has_reviewed_it_yet_and_names_its_original():
    for source in LIBRARY.sources.values():
        assert source.is_digest and source.digest_of is not None and source.digest_of.title
        assert not source.reviewed_by and source.review_by
