"""How long a draft takes, and what a language model may do to it."""

import time
from collections.abc import Sequence

import pytest

from answering import parts_over
from conversation.answer import Statement
from conversation.checking import Checker, Written
from conversation.comparison import load_comparer
from conversation.compose import statement_of
from conversation.parts import Parts
from conversation.premise import Premises
from conversation.proposal import Tone
from conversation.proposing import Proposer
from conversation.tracing import trace
from errors import Unavailable
from knowledge.library import SHIPPED, Library, read_folder
from retrieval.embedding import load_entailment
from retrieval.weights import packaged_torch_model
from triage.decision import Message

THREE = "How many infusions are there at Music City Ketamine? What is anhedonia? Where is Tovani Health's doctor based?"


@pytest.fixture(scope="module")
def library() -> Library:
    return read_folder(SHIPPED)


@pytest.fixture(scope="module")
def parts(library: Library) -> Parts:
    return parts_over(library)


@pytest.fixture(scope="module")
def checker(library: Library) -> Checker:
    return Checker(library, load_comparer(None))


def proposer(parts: Parts, checker: Checker, phrase=None) -> Proposer:
    return Proposer(parts.library, parts.take, parts.triage, checker, phrase, "a model" if phrase else "")


def test_a_draft_for_three_questions_takes_less_than_a_second(parts: Parts, checker: Checker) -> None:
    propose = proposer(parts, checker)
    propose([Message("What is anhedonia?")], Tone("", ""), "Dana")
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        proposal = propose([Message(THREE)], Tone("", ""), "Dana")
        taken.append(time.perf_counter() - began)

    assert len(proposal.asked) == 3
    assert all(one.is_covered for one in proposal.asked)
    assert min(taken) < 1.0


def test_a_draft_of_twenty_sentences_is_checked_again_within_150_ms_of_an_edit(checker: Checker) -> None:
    library = checker.library
    told = [(p, s) for p in library.passages.values() for s in p.sentences if not p.is_gap][:20]
    put_in = [proposed(library, passage, sentence) for passage, sentence in told]
    text = " ".join(one.text for one in put_in)
    checker(trace(text, put_in))
    taken = []
    for number in range(5):
        edited = text.replace(put_in[number].text, put_in[number].text.replace(" is ", " is not ", 1), 1)
        began = time.perf_counter()
        checked = checker(trace(edited, put_in))
        taken.append(time.perf_counter() - began)

    assert len(checked) >= 20
    assert min(taken) < 0.15


def proposed(library: Library, passage, sentence) -> Written:
    statement = statement_of(library.sources[passage.source], passage, sentence)
    return Written(" ".join(statement.text.split()), statement.span)


def test_a_models_sentence_is_seen_only_where_its_span_bears_it_out(parts: Parts, checker: Checker) -> None:
    def phrase(question: str, said: Sequence[Statement]) -> list[Written]:
        first = " ".join(said[0].text.split())
        made = [Written(first.replace("opens with", "begins with"), said[0].span)]
        return [
            *made,
            *(Written(f"Nearly everybody is cured, in {n} weeks.", one.span) for n, one in enumerate(said[1:])),
        ]

    proposal = proposer(parts, checker, phrase)(
        [Message("How many infusions are there at Music City Ketamine?")], Tone("", ""), "Dana"
    )

    assert "begins with six infusions" in proposal.text
    assert "cured" not in proposal.text
    assert proposal.phrased_by == "a model"
    assert "After the six infusions" in proposal.text  # the span stands where the model's sentence fell


def test_a_model_that_does_not_answer_costs_nobody_their_draft(parts: Parts, checker: Checker) -> None:
    def gone(question: str, said: Sequence[Statement]) -> list[Written]:
        raise Unavailable("gone")

    plain = proposer(parts, checker)([Message(THREE)], Tone("", ""), "Dana")
    without = proposer(parts, checker, gone)([Message(THREE)], Tone("", ""), "Dana")

    assert without == plain


def test_no_model_is_asked_about_what_a_person_must_decide(parts: Parts, checker: Checker) -> None:
    seen: list[str] = []

    def phrase(question: str, said: Sequence[Statement]) -> list[Written]:
        seen.append(question)
        return []

    message = "I take lithium. Am I a candidate? I think they would all be better off without me."
    proposer(parts, checker, phrase)([Message(message)], Tone("", ""), "Dana")

    assert not seen


def test_an_entailment_model_named_in_the_settings_joins_the_comparison(library: Library) -> None:
    """The packaged encoder under a head of no worth stands in for a model an operator has."""
    entails = load_entailment(str(packaged_torch_model()))
    assert 0.0 <= entails("a passage", "a claim") <= 1.0
    with pytest.raises(Unavailable, match="FOREROOM_ENTAILMENT_MODEL"):
        load_entailment("/no/such/model")

    passage = next(one for one in library.passages.values() if one.id.endswith("#what-anhedonia-is.1"))
    claim, premise = f"{passage.text} It is so.", Premises.over(library).of(passage)
    plain, sure, unsure = (load_comparer(None, says)(claim, premise) for says in (None, lambda *_: 1.0, lambda *_: 0.0))
    assert sure.score > plain.score > unsure.score
