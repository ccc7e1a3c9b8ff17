"""What triage's classifier learns from: the documents' own questions stay where they need no person."""

from evals.fit_triage import OWED, asked_of_documents
from knowledge.library import SHIPPED, read_folder


def test_what_the_documents_are_asked_and_only_a_person_may_answer_is_not_learnt_as_harmless() -> None:
    passages = read_folder(SHIPPED).passages.values()
    assert {passage.topic for passage in passages if passage.is_gap} >= OWED, "a topic was renamed"
    learnt = asked_of_documents()
    owed = [line for passage in passages if passage.is_gap and passage.topic in OWED for line in passage.asked_as]
    assert len(learnt) > len(owed) > 500
    assert not set(learnt) & set(owed) - {line for one in passages if one.topic not in OWED for line in one.asked_as}


def test_a_question_about_ones_own_prospects_or_medicine_is_not_learnt_as_harmless() -> None:
    learnt = asked_of_documents()
    assert any("how many" in line for line in learnt)
    assert not [line for line in learnt if f" {line.lower()} ".startswith((" am i ", " is it for me "))]
    assert [line for line in learnt if "my lithium" in line.lower() or "i take zoloft" in line.lower()] == []
