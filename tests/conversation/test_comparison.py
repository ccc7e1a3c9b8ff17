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


COURSE = "The course is repeated in autumn as long as the doctor agrees. Children may sit in the room unless it is lit."
LENT = "The lamp is lent to patients who live more than ten miles away. A second course is offered only if it helped."


@pytest.mark.parametrize(
    ("claim", "passage", "dropped"),
    [
        ("The course is repeated in autumn.", COURSE, "as long as the doctor agrees"),
        ("Children may sit in the room.", COURSE, "unless it is lit"),
        ("The lamp is lent to patients.", LENT, "who live more than ten"),
        ("The circuit falls quiet.", "Once the signals weaken, the circuit falls quiet.", "Once the signals weaken"),
        (
            "Nadia Ferro prescribes drops for use at home.",
            "If the first visit shows no glaucoma, Nadia Ferro prescribes drops for use at home.",
            "If the first visit shows no glaucoma",
        ),
        (
            "Dr Reed finds the lamp worth trying, because it works otherwise.",
            "Dr Reed finds the lamp worth trying when other means have failed, because it works otherwise.",
            "when other means have failed",
        ),
    ],
)
def test_a_condition_that_is_left_out_is_a_change(claim: str, passage: str, dropped: str) -> None:
    compared = load_comparer()(claim, Premise(passage))

    assert not compared.supported
    assert [one.passage_words for one in compared.findings if one.kind is Change.CONDITION] == [dropped]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("If the doctor agrees, the course is repeated in autumn.", COURSE),
        ("The lamp is lent to those living over ten miles away.", LENT),
        ("Once signals weaken, the circuit goes quiet.", "Once the signals weaken, the circuit falls quiet."),
        ("Mood got better.", "Mood got better even where sleep stayed poor."),
        ("The page does not say when we open.", "The page does not say when we open or close."),
        ("Patients noticed warmth.", "Being outside was when patients first noticed warmth."),
    ],
)
def test_what_is_no_condition_or_is_still_there_is_no_change(claim: str, passage: str) -> None:
    kinds = {finding.kind for finding in load_comparer()(claim, Premise(passage)).findings}

    assert Change.CONDITION not in kinds


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("It affects about 37 to 70 percent of patients.", "It affects roughly 37% to 70% of patients."),
        (
            "The patients' words are missing from the text we have.",
            "The text we have does not list the patients' words.",
        ),
        ("Serotonin is not the main problem.", "It is not mainly a serotonin problem."),
        ("Maintenance is decided for each patient.", "Maintenance is set patient by patient."),
        ("Mood was tracked across seven visits.", "Mood was followed over seven visits."),
        (
            "Being sad is feeling something, while numbness comes nearer to feeling nothing.",
            "To be sad is to feel something, while numbness comes nearer to feeling nothing.",
        ),
    ],
)
def test_a_form_of_words_is_no_change(compare: Callable[[str, str], set[Change]], claim: str, passage: str) -> None:
    assert compare(claim, passage) == set()


def test_an_item_put_into_a_list_is_found(compare: Callable[[str, str], set[Change]]) -> None:
    passage = "The review covers full history, medicines already tried, physical health and the pattern of symptoms."
    claim = passage.replace("physical health", "physical health, a liver test")

    assert compare(passage, passage) == set()
    assert compare(claim, passage) == {Change.INVENTED}


@pytest.mark.parametrize(
    ("claim", "passage", "change"),
    [
        ("The core sign of it is poor sleep.", "Poor sleep is one of two core signs of it.", Change.AMOUNT),
        (
            "The page is about getting here, but it does not mention parking.",
            "The page does not mention parking, buses or how to get here.",
            Change.NEGATION,
        ),
        (
            "The page is about the visit itself, not the page itself.",
            "The page does not describe how the visit itself feels.",
            Change.NEGATION,
        ),
    ],
)
def test_one_of_several_is_not_the_only_one_and_what_is_unsaid_is_not_told(
    claim: str, passage: str, change: Change
) -> None:
    assert change in {finding.kind for finding in load_comparer()(claim, Premise(passage)).findings}


def test_one_of_several_may_be_told_as_one_of_them(compare: Callable[[str, str], set[Change]]) -> None:
    passage = "Poor sleep is one of two core signs of it; the other core sign is a low mood."

    assert compare("One of two core signs is poor sleep.", passage) == set()
    assert compare("The other core sign is low mood.", passage) == set()
