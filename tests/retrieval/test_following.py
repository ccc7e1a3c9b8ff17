"""The index while the page runs: it follows a changed library from what is in memory."""

from pathlib import Path

import numpy as np

from knowledge.library import Library
from knowledge.reading import read_text
from retrieval.embedding import Embedder
from retrieval.index import Dense, Index, records
from retrieval.lexical import Bm25, stems

BEFORE = {"a": "Visits are on Mondays.", "b": "The house stands on a hill."}
AFTER = {"b": "The house stands on a hill.", "c": "Tea is served at noon."}


def library(texts: dict[str, str]) -> Library:
    return Library.of(
        read_text(text, name=f"{name}.md", markdown=True, id=name, clinic=f"Clinic {name}")
        for name, text in texts.items()
    )


def vectors(dense: Dense, of: Library) -> dict[str, list[float]]:
    return {
        f"{record.passage}/{record.level}": dense.of(record.passage, record.level).ravel().round(5).tolist()
        for passage in of.passages.values()
        for record in records(passage)
    }


def test_following_gives_what_opening_anew_gives(tmp_path: Path, embedder: Embedder):
    was, now = library(BEFORE), library(AFTER)
    index = Index(tmp_path / "one", embedder)
    followed = index.follow(now, was, index.open(was))
    other = Index(tmp_path / "two", embedder)
    opened = other.open(now)

    mine, fresh = vectors(followed, now), vectors(opened, now)
    assert mine.keys() == fresh.keys()
    assert all(np.allclose(mine[key], fresh[key], atol=1e-4) for key in mine)
    assert not followed.of("a@1#text.1", "passage").size
    vector = embedder.embed(["when is tea served"])[0]
    assert followed.nearest("Clinic c", vector, 1) == ["c@1#text.1"]
    assert index.is_current(now)
    index.close()
    other.close()


def test_what_was_loaded_can_be_used_while_the_index_follows(tmp_path: Path, embedder: Embedder):
    was, now = library(BEFORE), library(AFTER)
    index = Index(tmp_path, embedder)
    dense = index.open(was)
    held = dense.of("b@1#text.1", "passage").copy()
    index.follow(now, was, dense)

    assert np.array_equal(dense.of("b@1#text.1", "passage"), held)
    index.close()


def test_words_are_weighed_as_in_the_books():
    index = Bm25.over(["tea at noon", "tea and tea", "a walk"], stems)
    scores = index.scores("noon tea")

    assert scores.argmax() == 0 and scores[2] == 0
    assert scores[0] <= 1
    rare, common = index.scores("noon")[0], index.scores("tea")[0]
    assert rare > 0 and common > 0
