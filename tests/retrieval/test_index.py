"""The index: built once, kept in step by what changed, safe to kill, owned by one process."""

from pathlib import Path

import pytest

from errors import Unavailable
from knowledge.library import Library
from knowledge.reading import read_text
from retrieval.embedding import Embedder, Vectors
from retrieval.index import Index, records

FIRST = "# A\n\nVisits are on Mondays.\n\n# B\n\nThe house stands on a hill.\n"
CHANGED = "# A\n\nVisits are on Fridays.\n\n# B\n\nThe house stands on a hill.\n"


def library(text: str) -> Library:
    return Library.of([read_text(text, name="a.md", markdown=True, id="a", clinic="Demo")])


class Counting:
    """The real model, counting what it is asked to embed."""

    def __init__(self, embedder: Embedder) -> None:
        self.texts: list[str] = []
        self._embed = embedder.embed
        self.embedder = Embedder(embedder.name, self)

    def __call__(self, texts: list[str]) -> Vectors:
        self.texts += texts
        return self._embed(texts)


@pytest.fixture
def counting(embedder: Embedder) -> Counting:
    return Counting(embedder)


def opened(folder: Path, text: str, counting: Counting) -> int:
    """Open and close the index over a text; how many texts were embedded."""
    counting.texts.clear()
    index = Index(folder, counting.embedder)
    index.open(library(text))
    index.close()
    return len(counting.texts)


def test_an_unchanged_library_embeds_nothing(tmp_path: Path, counting: Counting):
    first = opened(tmp_path, FIRST, counting)

    assert first == sum(len(list(records(p))) for p in library(FIRST).passages.values())
    assert opened(tmp_path, FIRST, counting) == 0


def test_a_change_embeds_only_what_changed(tmp_path: Path, counting: Counting):
    opened(tmp_path, FIRST, counting)

    assert opened(tmp_path, CHANGED, counting) == 2  # the passage and its one sentence


def test_a_changed_passage_is_found_by_its_new_words_only(tmp_path: Path, counting: Counting):
    opened(tmp_path, FIRST, counting)
    index = Index(tmp_path, counting.embedder)
    dense = index.open(library(CHANGED))
    index.close()

    assert dense.of("a@1#a.1", "passage").shape == (1, 384)
    assert dense.records == 4


def test_a_killed_build_goes_on_where_it_stopped(tmp_path: Path, counting: Counting, embedder: Embedder):
    class Killed(Exception):
        pass

    def dies(texts: list[str]) -> Vectors:
        raise Killed

    opened(tmp_path, FIRST, counting)
    broken = Index(tmp_path, Embedder(embedder.name, dies))
    with pytest.raises(Unavailable):
        broken.open(library(CHANGED))
    broken.close()

    assert Index(tmp_path, embedder).is_current(library(FIRST))  # the old index is still the one in use
    assert opened(tmp_path, CHANGED, counting) == 2


def test_an_index_of_another_model_is_noticed_and_built_anew(tmp_path: Path, counting: Counting):
    opened(tmp_path, FIRST, counting)
    other = Counting(Embedder("another-model", counting._embed))

    assert opened(tmp_path, FIRST, other) == 4


def test_a_damaged_manifest_costs_no_embedding(tmp_path: Path, counting: Counting):
    opened(tmp_path, FIRST, counting)
    (tmp_path / "manifest.json").write_text("{half a fi", encoding="utf-8")

    assert opened(tmp_path, FIRST, counting) == 0


def test_a_second_owner_is_refused_with_what_to_do(tmp_path: Path, embedder: Embedder):
    first = Index(tmp_path, embedder)
    first.open(library(FIRST))
    with pytest.raises(Unavailable, match="Another process owns the index"):
        Index(tmp_path, embedder).open(library(FIRST))
    first.close()


def test_progress_is_told_to_the_end(tmp_path: Path, embedder: Embedder):
    told: list[tuple[int, int]] = []
    index = Index(tmp_path, embedder)
    index.open(library(FIRST), lambda done, total: told.append((done, total)))
    index.close()

    assert told[-1] == (4, 4)


def test_of_vectors_that_were_lost_beside_the_index_only_the_sentences_are_made_again(
    tmp_path: Path, counting: Counting
):
    opened(tmp_path, FIRST, counting)
    (file,) = tmp_path.glob("vectors-*")
    file.unlink()

    assert opened(tmp_path, FIRST, counting) == 2
    assert sorted(counting.texts) == ["The house stands on a hill.", "Visits are on Mondays."]
    assert opened(tmp_path, FIRST, counting) == 0


def test_a_build_killed_between_passages_and_sentences_reads_only_the_sentences(
    tmp_path: Path, counting: Counting, embedder: Embedder
):
    asked: list[int] = []

    def dies_at_the_second(texts: list[str]) -> Vectors:
        asked.append(len(texts))
        if len(asked) == 2:
            raise MemoryError
        return embedder.embed(texts)

    broken = Index(tmp_path, Embedder(embedder.name, dies_at_the_second))
    with pytest.raises(Unavailable):
        broken.open(library(FIRST))
    broken.close()

    assert not Index(tmp_path, embedder).is_current(library(FIRST))
    assert opened(tmp_path, FIRST, counting) == 2


def test_the_nearest_are_sought_among_passages_and_not_among_their_sentences(tmp_path: Path, embedder: Embedder):
    index = Index(tmp_path, embedder)
    dense = index.open(library(FIRST))
    vector = embedder.embed(["Visits are on Mondays."])[0]
    index.close()

    assert dense.nearest("Demo", vector, 4) == ["a@1#a.1", "a@1#b.1"]
    assert dense.of("a@1#a.1", "sentence") @ vector > 0.99


def test_what_an_earlier_program_left_is_cleared_away_and_built_anew(tmp_path: Path, counting: Counting):
    (tmp_path / "chroma" / "old").mkdir(parents=True)
    (tmp_path / "vectors-old.f16").write_bytes(b"rows")
    (tmp_path / "manifest.json").write_text('{"format": 2}', encoding="utf-8")

    assert opened(tmp_path, FIRST, counting) == 4
    assert not (tmp_path / "chroma" / "old").exists() and not (tmp_path / "vectors-old.f16").exists()
    assert opened(tmp_path, FIRST, counting) == 0
