"""The indexes of words are quick ways to a plain result: the one that is written out here."""

import math
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from retrieval.lexical import LIKE, Bm25, Cut, Speller, content_stems, grams, stems, words

WORDS = ("tea", "teas", "banana", "the", "of", "clinic's", "infusion", "infusions", "listening", "glisten", "a", "7")
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=8)


def by_the_book(held: list[str], question: str, cut: Cut) -> list[float]:
    said = [Counter(cut(text) or ["-"]) for text in held] or [Counter("-")]
    size, usual = len(said), sum(map(Counter.total, said)) / len(said)
    best = 0.0
    scores = [0.0] * size
    for token in cut(question):
        having = sum(token in text for text in said)
        idf = math.log(1 + (size - having + 0.5) / (having + 0.5))
        best += idf
        for at, text in enumerate(said):
            score = text[token] / (text[token] + 1.2 * (1 - 0.75 + 0.75 * text.total() / usual))
            scores[at] += idf * score
    return [score / best if best else 0.0 for score in scores]


@settings(deadline=None)
@given(texts, texts.map(" ".join), st.sampled_from([stems, content_stems, grams]))
def test_words_are_weighed_as_in_the_books_whatever_the_texts(held: list[str], question: str, cut: Cut):
    found = Bm25.over(held, cut).scores(question)

    assert np.allclose(found, by_the_book(held, question, cut), atol=1e-5)


@settings(deadline=None)
@given(st.sets(st.text("aeilnst7", min_size=1, max_size=9)), st.text("aeilnst7 ", max_size=20))
def test_a_word_is_repaired_by_the_nearest_of_all_words_there_are(known: set[str], question: str):
    speller = Speller.over(sorted(known))
    long = sorted(word for word in speller.vocabulary if len(word) >= 6)

    def nearest(word: str) -> str:
        if len(word) < 6 or word in speller.vocabulary or not word.isalpha():
            return word
        near = process.extractOne(word, long, scorer=fuzz.ratio, score_cutoff=LIKE)
        return near[0] if near else word

    assert speller.repair(question) == " ".join(map(nearest, words(question)))
