import time
from collections import Counter
from pathlib import Path

import pytest

from conversation.answer import Span
from conversation.checking import Checker, Verdict, Written
from conversation.comparison import load_comparer
from conversation.finding import Change
from evals.seeded_edits import CLASSES, INVENTED, seeded_edits
from knowledge.library import Library, read_folder
from knowledge.source import Passage, Sentence
from retrieval.embedding import load_embedder

SOURCES = Path(__file__).parents[2] / "knowledge" / "sources"


@pytest.fixture(scope="module")
def library() -> Library:
    return read_folder(SOURCES)


@pytest.fixture(scope="module")
def check(library: Library) -> Checker:
    checker = Checker(library, load_comparer(load_embedder().embed), fixed=frozenset({"Dear friend,", "Kind regards"}))
    checker.warm()
    return checker


def span_of(library: Library, passage: Passage, sentence: Sentence) -> Span:
    return Span(passage.source, library.sources[passage.source].version, passage.id, sentence.start, sentence.end)


def written(library: Library, start: str, *changes: tuple[str, str]) -> Written:
    """The sentence of the sources that begins so, as it was put in, after some changes by hand."""
    for passage in library.passages.values():
        for sentence in passage.sentences:
            text = library.sources[passage.source].sentence(passage, sentence)
            if text.startswith(start):
                for old, new in changes:
                    assert old in text
                    text = text.replace(old, new)
                return Written(text, span_of(library, passage, sentence))
    raise AssertionError(start)


def test_of_200_edits_hardly_one_is_left_as_supported(library: Library, check: Checker) -> None:
    made, left = Counter[str](), Counter[str]()
    for edit in seeded_edits(library, 200):
        span = None if edit.change == "invented" else span_of(library, edit.passage, edit.sentence)
        (checked,) = check([Written(edit.after, span)])
        made[edit.change] += 1
        left[edit.change] += not checked.verdict.is_open

    assert set(made) == set(CLASSES)
    assert left.total() <= 0.05 * made.total(), left


def test_no_untouched_sentence_is_troubled(library: Library, check: Checker) -> None:
    told = [(passage, one) for passage in library.passages.values() for one in passage.sentences]
    texts = [library.sources[passage.source].sentence(passage, one) for passage, one in told]
    draft = [Written(text, span_of(library, *place)) for text, place in zip(texts, told, strict=True)]

    assert {checked.verdict for checked in check(draft)} == {Verdict.SUPPORTED}
    assert {checked.verdict for checked in check([Written(text) for text in texts[::9]])} == {Verdict.SUPPORTED}


def test_a_word_of_totality_is_seen_though_another_one_stands_elsewhere_in_the_sentence(
    library: Library, check: Checker
) -> None:
    surer = written(library, "To call anhedonia a symptom", ("anhedonia may be", "anhedonia will always be"))

    assert check([surer])[0].verdict is Verdict.CHANGED


def test_small_turns_of_phrase_are_left_in_peace(library: Library, check: Checker) -> None:
    draft = [
        written(
            library, "Patients of Tovani Health take the sublingual", ("Patients of Tovani Health", "Our patients")
        ),
        written(library, "The standard protocol at Music City", ("opens with", "begins with"), ("six", "6")),
        written(library, "Consummatory anhedonia is the loss", ("is the loss", "means the loss")),
    ]

    assert [checked.verdict for checked in check(draft)] == [Verdict.SUPPORTED] * 3


def test_a_changed_sentence_says_what_against_what(library: Library, check: Checker) -> None:
    (checked,) = check([written(library, "The standard protocol at Music City", ("six", "eight"))])

    assert checked.verdict is Verdict.CHANGED and checked.span is not None
    assert checked.findings[0].kind is Change.FIGURE
    assert "“eight” here, “six” in the source" in checked.why


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (
            "Music City Ketamine's article does not say whether the clinic provides",
            "The clinic does not provide a therapist.",
        ),
        ("Music City Ketamine's article does not say whether the clinic provides", "The clinic provides a therapist."),
        ("Music City Ketamine's article does not list side effects", "Ketamine does not have side effects or risks."),
        ("Tovani Health's article does not mention animal studies", "There are no animal studies."),
        ("Music City Ketamine's article does not give a price", "It has no price."),
        (
            "Music City Ketamine's article does not list side effects",
            "The article says that there are no side effects.",
        ),
        ("Music City Ketamine's article does not mention discounts", "The clinic does not give discounts or refunds."),
        (
            "Tovani Health's article does not say whether children, pets",
            "The article says that children, pets and visitors may be in the home, but does not say who else may.",
        ),
    ],
)
def test_what_a_document_does_not_say_is_not_told_as_if_it_were_not_so(
    library: Library, check: Checker, start: str, told: str
) -> None:
    assert check([Written(told, written(library, start).span)])[0].verdict is Verdict.CHANGED
    assert check([Written(told)])[0].verdict.is_open


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("Music City Ketamine's article does not list side effects", "The article names no side effects or risks."),
        ("Music City Ketamine's article does not give a price", "No price is given in the article."),
        ("Tovani Health's article does not say whether a referral", "Whether a referral is needed is not said."),
    ],
)
def test_that_a_document_does_not_say_it_may_be_told_in_other_words(
    library: Library, check: Checker, start: str, told: str
) -> None:
    assert check([Written(told, written(library, start).span)])[0].verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("told", ["You can't see the text.", "What may happen still may.", "It is what it is."])
def test_words_that_say_nothing_of_their_span_are_not_borne_out_by_it(
    library: Library, check: Checker, told: str
) -> None:
    place = written(library, "The standard protocol at Music City")

    assert check([Written(told, place.span)])[0].verdict is Verdict.CHANGED


def test_for_whom_a_finding_holds_may_not_be_left_out(library: Library, check: Checker) -> None:
    whole = written(library, "In treatment-resistant bipolar depression, research")
    without = Written("Research" + whole.text.partition(", research")[2], whole.span)

    (checked,) = check([without])
    assert checked.verdict is Verdict.CHANGED
    assert "“In treatment-resistant bipolar depression” in the source" in checked.why


def test_some_is_not_many_and_sometimes_is_not_often(library: Library, check: Checker) -> None:
    told = written(library, "Some people on ketamine regain", ("Some people", "Many people"))
    (checked,) = check([told])

    assert checked.verdict is Verdict.CHANGED


def test_a_sentence_that_is_taken_back_at_its_end_is_changed(library: Library, check: Checker) -> None:
    told = written(library, "Some people on ketamine regain", ("the article says", "but that is not the case"))
    (checked,) = check([told])

    assert checked.verdict is Verdict.CHANGED


def test_the_correction_clears_the_flag(library: Library, check: Checker) -> None:
    wrong = written(library, "The standard protocol at Music City", ("six", "eight"))
    right = Written(wrong.text.replace("eight", "six"), wrong.span)

    assert [checked.verdict for checked in check([wrong, right])] == [Verdict.CHANGED, Verdict.SUPPORTED]


def test_a_new_sentence_looks_for_its_span(library: Library, check: Checker) -> None:
    said, changed = check(
        [
            Written("The standard protocol at Music City Ketamine begins with six infusions."),
            Written("The standard protocol at Music City Ketamine begins with ten infusions."),
        ]
    )

    assert said.verdict is Verdict.SUPPORTED and said.span is not None
    assert "how-many-infusions" in said.span.passage
    assert changed.verdict is Verdict.CHANGED and changed.span is not None


@pytest.mark.parametrize("sentence", INVENTED)
def test_what_nobody_wrote_is_never_supported(check: Checker, sentence: str) -> None:
    for clinic in ("", "Music City Ketamine", "Tovani Health"):
        (checked,) = check([Written(sentence)], clinic)
        assert checked.verdict.is_open and checked.why


def test_another_clinics_sentence_does_not_stand_for_ours(check: Checker) -> None:
    ours, theirs = (
        check([Written("We prescribe ketamine that dissolves under the tongue.")], clinic)[0]
        for clinic in ("Tovani Health", "Music City Ketamine")
    )

    assert ours.verdict is Verdict.SUPPORTED
    assert theirs.verdict.is_open


def test_fixed_wording_is_not_a_claim(check: Checker) -> None:
    assert [one.verdict for one in check([Written("Dear friend,"), Written("Kind regards")])] == [Verdict.FIXED] * 2


def test_a_span_of_a_version_that_is_gone_vouches_for_nothing(check: Checker) -> None:
    (checked,) = check([Written("Sessions last two hours.", Span("mck", 99, "mck@99#gone.1", 0, 10))])

    assert checked.verdict.is_open


def test_twenty_sentences_are_checked_soon_after_one_edit(library: Library, check: Checker) -> None:
    told = [(passage, passage.sentences[0]) for passage in library.passages.values()][:20]
    draft = [
        Written(library.sources[p.source].sentence(p, s) + " So it is said.", span_of(library, p, s)) for p, s in told
    ]
    check(draft)
    took = []
    for number in range(7):
        draft[number] = Written(f"{draft[number].text} Remark {number} on garden furniture.", draft[number].span)
        began = time.process_time()  # a busy machine makes nobody slower at thinking
        check(draft)
        took.append(time.process_time() - began)

    assert sorted(took)[len(took) // 2] < 0.15


def test_a_sentence_about_something_else_was_not_changed_from_anything(check: Checker) -> None:
    (checked,) = check([Written("Parking is behind the building.")])

    assert checked.verdict is Verdict.NOT_CHECKED
    assert checked.span is None
