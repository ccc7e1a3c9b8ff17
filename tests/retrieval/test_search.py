"""Search: the right passage by meaning and by words, whatever is down, and never a clinic that was not asked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from errors import Unavailable
from knowledge.library import Library
from knowledge.reading import read_text
from retrieval.embedding import Embedder, Vectors
from retrieval.evidence import Query
from retrieval.index import Dense, Index
from retrieval.ranking import load_ranking
from retrieval.search import Search, Words

MCK, TOVANI = "Music City Ketamine", "Tovani Health"


@pytest.fixture(scope="module")
def words(library: Library) -> Words:
    return Words.over(library)


@pytest.fixture(scope="module")
def search(words: Words, dense: Dense, embedder: Embedder) -> Search:
    return Search(words, load_ranking(), dense, embedder.embed)


@pytest.fixture(scope="module")
def by_words(words: Words) -> Search:
    return Search(words, load_ranking())


QUESTIONS = [
    ("what are the dogs called", "mck@1#the-therapy-dogs.1"),
    ("is there a number i can ring", "tovani@1#the-phone-number.1"),
    ("who puts the drip in", "mck@1#who-gives-the-infusions.1"),
    ("did the mice get more than one dose", "mck@1#how-the-mice-were-studied.1"),
]


@pytest.mark.parametrize(("question", "passage"), QUESTIONS)
def test_the_passage_that_answers_is_among_the_first_three(search: Search, question: str, passage: str):
    assert passage in [one.passage.id for one in search(Query(question)).evidence[:3]]


@pytest.mark.parametrize(("question", "passage"), QUESTIONS)
def test_without_model_and_index_it_is_still_among_the_first_five(by_words: Search, question: str, passage: str):
    findings = by_words(Query(question))

    assert findings.by_words_alone
    assert passage in [one.passage.id for one in findings.evidence[:5]]


def test_a_chosen_clinic_is_the_only_one_searched(search: Search):
    assert {one.passage.clinic for one in search(Query("how many sessions", frozenset({TOVANI}))).evidence} == {TOVANI}


@pytest.mark.parametrize(
    ("question", "clinics"),
    [
        ("what does tovani say about sessions", {TOVANI}),
        ("how long has Music City been doing this", {MCK}),
        ("does Dr. Soffer come to Music City Ketamine", {MCK, TOVANI}),
        ("does music still move people", set()),
    ],
)
def test_a_name_that_only_one_clinics_documents_hold_names_that_clinic(
    search: Search, question: str, clinics: set[str]
):
    assert search.named(question) == clinics


def test_a_model_that_breaks_in_the_middle_of_the_day_costs_only_dense_search(words: Words, dense: Dense):
    def breaks(texts: object) -> None:
        raise RuntimeError("out of memory")

    findings = Search(words, load_ranking(), dense, breaks)(Query("what are the dogs called"))  # type: ignore[arg-type]

    assert findings.by_words_alone
    assert findings.evidence


def test_the_shares_of_a_score_add_up_to_it(search: Search):
    for one in search(Query("how fast does it work")).evidence:
        assert sum(one.shares.values()) == pytest.approx(one.score)


def test_words_that_stand_in_no_document_are_named(search: Search):
    assert "zzyzx" in search(Query("zzyzx parking")).unknown


def test_a_misspelt_word_is_read_as_the_nearest_known_one(search: Search):
    assert search(Query("anhedoniaa")).evidence[0].passage.id == search(Query("anhedonia")).evidence[0].passage.id


@pytest.fixture(scope="module")
def of_plain_documents() -> Search:
    north = "Who we are\n\nLight is given by Nora Quill, RN. The book by Dr. Pell Marrow is old (Osgood, 1999).\n"
    south = "Who we are\n\nLight is given every day. People come to us from Utah and from the harbour.\n"
    sources = [
        read_text(text, name=f"{clinic}.txt", markdown=False, clinic=clinic)
        for clinic, text in (("north", north), ("south", south))
    ]
    return Search(Words.over(Library.of(sources)), load_ranking())


@pytest.mark.parametrize(
    ("question", "clinics"),
    [
        ("what does quill do", {"north"}),
        ("what is osgood 1999", {"north"}),
        ("do people from utah come", {"south"}),
        ("is marrow in utah", {"north", "south"}),
        ("when is light given", set()),
    ],
)
def test_people_places_and_studies_of_a_document_that_declares_none_name_its_clinic(
    of_plain_documents: Search, question: str, clinics: set[str]
):
    assert of_plain_documents.named(question) == clinics


def test_a_sentence_that_holds_the_words_asked_for_fits_better_than_one_that_does_not(of_plain_documents: Search):
    fits = of_plain_documents(Query("whose book is old", frozenset({"north"}))).evidence[0].sentences

    assert fits[1] > fits[0]


def test_of_small_documents_the_one_that_is_about_the_matter_comes_first(
    embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
):
    texts = {
        "warts": "A wart is skin that a virus has told to grow.\n\nMost are gone within two years without any help.\n",
        "cramp": "A night cramp is a calf that will not let go.\n\nMost are gone within a minute without any help.\n",
    }
    small = Library.of(
        read_text(text, name=name, markdown=False, id=name, clinic="Leaflets") for name, text in texts.items()
    )
    index = Index(tmp_path_factory.mktemp("small"), embedder)
    found = Search(Words.over(small), load_ranking(), index.open(small), embedder.embed)
    index.close()

    for asked, wanted in (
        ("do warts go away alone", "warts@1#text.2"),
        ("does a cramp go away alone", "cramp@1#text.2"),
    ):
        best = [one.passage.id for one in found(Query(asked)).evidence]
        assert best.index(wanted) < min(best.index(other) for other in best if not other.startswith(wanted[:5]))


def test_an_accepted_question_lifts_its_passage_and_leaves_the_others_as_they_were(
    embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
):
    plain = read_text(
        "The yard behind the house is open to guests.\n\nTea is served.", name="visit", markdown=False, clinic="House"
    )
    first, *others = plain.passages
    helped = replace(plain, passages=(replace(first, asked_as=("where can i leave my car",)), *others))
    scores = []
    for source in (plain, helped):
        library = Library.of([source])
        index = Index(tmp_path_factory.mktemp("helped"), embedder)
        search = Search(Words.over(library), load_ranking(), index.open(library), embedder.embed)
        index.close()
        found = search(Query("where do i leave the car")).evidence
        scores.append({one.passage.id: one.features["dense_sentence"] for one in found})

    before, after = scores
    assert after[first.id] > before[first.id] + 0.2
    assert {key: value for key, value in after.items() if key != first.id} == pytest.approx(
        {key: value for key, value in before.items() if key != first.id}
    )


def test_a_word_or_two_say_less_than_the_turn_they_lean_on(by_words: Search):
    before = "what are the therapy dogs called"
    few = by_words(Query("in people?", before=before)).evidence[0]
    many = by_words(Query("how many infusions does a course begin with", before=before)).evidence[0]

    assert few.passage.id == "mck@1#the-therapy-dogs.1"
    assert many.passage.id != "mck@1#the-therapy-dogs.1"


def test_a_vector_made_ahead_is_the_one_that_is_searched_by_and_one_that_cannot_be_made_costs_nothing(search: Search):
    query, asked = Query("what is anhedonia"), []

    def embed(texts: Sequence[str]) -> Vectors:
        asked.append(list(texts))
        raise Unavailable("broken")

    broken = replace(search, embed=embed)
    broken.embed_ahead(query)
    found = broken(query)

    assert asked[0] == asked[1]
    assert found.by_words_alone and found.evidence
