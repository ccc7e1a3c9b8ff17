from collections.abc import Callable

import pytest

from conversation.comparison import FEATURES, Comparer, load_comparer, load_weights
from conversation.finding import Change
from conversation.premise import Premise

VISITS = "Our course begins with six visits over two to three weeks. Many patients notice gains after a few visits."
MICE = "The team put mice under stress for ten days. After one dose, effort for rewards came back in the mice."
NUMBNESS = "Numbness is not the same as grief. It is closely tied to poor sleep, and it may respond to treatment."
KINDS = "Early waking is waking before five. Late waking is sleeping on into the morning."
CALL = "You can reach us at 555-010-4477. Nadia Ferro, CRNA, tracks blood pressure and heart rate in every visit."
SLOW = "Tablets slow the uptake of serotonin. They take about 4 to 6 weeks to work, and often leave numbness behind."


@pytest.fixture(scope="module")
def compare() -> Callable[[str, str], set[Change]]:
    """The classes of change found when a claim is held against a passage of North Clinic; by words alone."""
    comparer = load_comparer()

    def found(claim: str, passage: str) -> set[Change]:
        names = frozenset({"ferro", "nadia", "okafor"})
        compared = comparer(claim, Premise(passage, "North Clinic", ("Lakeside Health",), names=names))
        kinds = {finding.kind for finding in compared.findings}
        assert not compared.supported or not kinds & {Change.FIGURE, Change.UNIT, Change.CLINIC, Change.NAME}
        return set() if compared.supported else kinds or {Change.INVENTED}

    return found


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The course opens with half a dozen visits.", VISITS),
        ("Six visits are spread over 2-3 weeks.", VISITS),
        ("A lot of patients notice gains after a few visits.", VISITS),
        ("In mice, effort for rewards returned after a single dose.", MICE),
        ("Numbness and grief are not the same.", NUMBNESS),
        ("Numbness differs from grief.", NUMBNESS),
        ("Treatment might help with numbness.", NUMBNESS),
        ("North Clinic can be called on 555-010-4477.", CALL),
        ("Heart rate and blood pressure are tracked by Nadia Ferro at each visit.", CALL),
        ("No visit goes without blood pressure being tracked.", CALL),
        ("Tablets slow serotonin uptake.", SLOW),
        ("It takes four to six weeks before tablets work.", SLOW),
        ("Tablets frequently leave numbness behind.", SLOW),
    ],
)
def test_the_same_in_other_words_is_supported(
    compare: Callable[[str, str], set[Change]], claim: str, passage: str
) -> None:
    assert compare(claim, passage) == set()


@pytest.mark.parametrize(
    ("claim", "passage", "change"),
    [
        ("Our course begins with eight visits.", VISITS, Change.FIGURE),
        ("The visits are spread over two to three months.", VISITS, Change.UNIT),
        ("Each visit takes forty minutes.", VISITS, Change.FIGURE),
        ("Visits take place once a month.", VISITS, Change.FIGURE),
        ("Lakeside Health begins with six visits.", VISITS, Change.CLINIC),
        ("All patients notice the first gains after a few visits.", VISITS, Change.CERTAINTY),
        ("Most patients notice gains after a few visits.", VISITS, Change.CERTAINTY),
        ("Patients were under stress for ten days.", MICE, Change.SPECIES),
        ("In volunteers, effort for rewards came back.", MICE, Change.SPECIES),
        ("The team put rats under stress for ten days.", MICE, Change.SPECIES),
        ("Numbness is the same as grief.", NUMBNESS, Change.NEGATION),
        ("Numbness causes poor sleep.", NUMBNESS, Change.CAUSE),
        ("Numbness is guaranteed to respond to treatment.", NUMBNESS, Change.CERTAINTY),
        ("Numbness responds to treatment.", NUMBNESS, Change.HEDGE),
        ("Early waking is sleeping on into the morning.", KINDS, Change.ENTITY),
        ("You can reach us at 555-010-4747.", CALL, Change.FIGURE),
        ("Ada Okafor tracks blood pressure in every visit.", CALL, Change.NAME),
        ("Temperature is tracked in every visit.", CALL, Change.ENTITY),
        ("Blood pressure is not tracked.", CALL, Change.NEGATION),
        ("Tablets speed the uptake of serotonin.", SLOW, Change.DIRECTION),
        ("Tablets slow the uptake of dopamine.", SLOW, Change.ENTITY),
        ("Tablets always leave numbness behind.", SLOW, Change.CERTAINTY),
        ("Tablets rarely leave numbness behind.", SLOW, Change.DIRECTION),
        ("Tablets come in a red box with a silver lid.", SLOW, Change.INVENTED),
    ],
)
def test_each_class_of_change_is_named(
    compare: Callable[[str, str], set[Change]], claim: str, passage: str, change: Change
) -> None:
    assert change in compare(claim, passage)


def test_a_denied_promise_is_no_promise(compare: Callable[[str, str], set[Change]]) -> None:
    assert compare("The studies do not prove a cure.", "These studies do not prove that anybody is cured.") == set()


def test_people_are_not_read_into_a_section_on_mice() -> None:
    premise = Premise("The work mapped how effort comes back.", near="The researchers gave mice one dose.")

    compared = load_comparer()("The work mapped how effort comes back in patients.", premise)

    assert Change.SPECIES in {finding.kind for finding in compared.findings}
    assert not compared.supported


def test_a_finding_says_what_stands_against_what() -> None:
    (finding,) = load_comparer()("The course begins with eight visits.", Premise(VISITS)).findings

    assert (finding.claim_words, finding.passage_words) == ("eight", "six")


def test_a_claim_without_words_is_not_supported() -> None:
    assert not load_comparer()("...", Premise(VISITS)).supported
    assert not load_comparer()("The course begins.", Premise("")).supported


def test_a_model_for_entailment_joins_but_cannot_clear_a_changed_figure() -> None:
    plain = load_comparer()
    sure, unsure = (Comparer(plain.weights, plain.lexicon, entails=lambda _p, _c, p=p: p) for p in (1.0, 0.0))

    assert not sure("The course begins with eight visits.", Premise(VISITS)).supported
    assert plain("The course begins with six visits.", Premise(VISITS)).supported
    assert not unsure("The course begins with six visits.", Premise(VISITS)).supported


def test_no_word_is_its_own_contrary() -> None:
    lexicon = load_comparer().lexicon

    assert not [word for word, sides in lexicon.opposed.items() if {(n, 1 - side) for n, side in sides} & sides]
    assert not [word for word in lexicon.kinds if not word.islower() and not word[0].isdigit()]


def test_the_weights_are_those_of_the_features_and_no_change_speaks_for_a_claim() -> None:
    weights = load_weights().weights

    assert set(weights) == set(FEATURES)
    assert all(weight < 0 for weight in weights.values())
