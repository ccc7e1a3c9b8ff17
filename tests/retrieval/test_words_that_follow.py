"""The indexes of words follow a library that changes, and score as if they were made anew."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.library import Library
from knowledge.source import Original, Passage, Source
from retrieval import lexical
from retrieval.search import Words

SAID = ("tea", "teas", "banana", "the", "of", "clinic's", "infusions", "glistening", "said Nora Quill", "in Utah", "is")
QUESTION = "is the banana of nora quill's clinic glistning with tea in utah"

texts = st.lists(st.sampled_from(SAID), min_size=1, max_size=7).map(" ".join)


@st.composite
def sources(draw: st.DrawFn) -> tuple[Source, ...]:
    """Up to seven small sources of two clinics; the names of those drawn later are often those drawn before."""
    made = []
    for number in draw(st.sets(st.integers(0, 9), max_size=7)):
        name, clinic = f"s{number}", f"Clinic {'AB'[number % 2]}"
        passages = tuple(
            Passage(
                f"{name}@1#{at}", name, clinic, ("Of tea",), f"{text}.", 0, len(text) + 1, (), asked_as=tuple(asked)
            )
            for at, (text, asked) in enumerate(
                draw(st.lists(st.tuples(texts, st.lists(texts, max_size=2)), max_size=3))
            )
        )
        source = Source(name, 1, name, clinic, " ".join(one.text for one in passages), passages, route=draw(texts))
        made.append(replace(source, digest_of=Original("x")) if draw(st.booleans()) else source)
    return tuple(made)


def scored(words: Words, question: str) -> list[np.ndarray]:
    asked = words.stems_asked.scores(question) if len(words.asked_of) else np.zeros(0)
    found = [index.scores(question) for index in (words.stems, words.stems_passage, words.grams)]
    return [asked, *(one[: len(words.passages)] for one in found)]


@settings(deadline=None, max_examples=60)
@given(st.lists(sources(), min_size=2, max_size=6), texts, st.sampled_from([3, 65_536]))
def test_after_any_changes_every_score_is_that_of_an_index_made_anew(
    steps: list[tuple[Source, ...]], question: str, most: int
):
    with patch.object(lexical, "MOST", most):
        words = Words.over(Library.of(steps[0]))
        for step in steps[1:]:
            words = words.following(Library.of(step))
            anew = Words.over(Library.of(step))
            for asked in (question, QUESTION):
                for mine, fresh in zip(scored(words, asked), scored(anew, asked), strict=True):
                    assert np.array_equal(mine, fresh)
                assert words.speller.repair(asked) == anew.speller.repair(asked)
                assert words.names.in_text(asked) == anew.names.in_text(asked)
            assert (words.row_of, words.rows_of, words.routes) == (anew.row_of, anew.rows_of, anew.routes)
            assert words.speller.vocabulary == anew.speller.vocabulary
            assert words.names.of == anew.names.of


def test_many_small_changes_leave_few_blocks_and_nothing_that_is_no_more():
    def library(last: int) -> Library:
        return Library.of(
            Source(
                f"s{at}", 1, "S", "C", f"tea {at}.", (Passage(f"s{at}@1#1", f"s{at}", "C", (), f"tea {at}.", 0, 6, ()),)
            )
            for at in range(last, last + 40)
        )

    words = Words.over(library(0))
    for at in range(1, 200):
        words = words.following(library(at))

    assert len(words.stems.blocks) <= 5
    assert len(words.stems.lengths) <= 100
    assert np.array_equal(words.stems.scores("tea 207"), Words.over(library(199)).stems.scores("tea 207"))
