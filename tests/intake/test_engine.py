"""What is asked next, from a questionnaire and answers alone: every operator, every type, repeats, progress."""

import pytest

from intake.engine import YES, Answers, Entry, State, missing, next_step, progress, step_before, steps
from intake.questionnaire import Kind, Slot, Value
from tests.intake.files import choice, item, made, when


def answered(*values: Value) -> Entry:
    return Entry(State.ANSWERED, values)


def path(questionnaire, answers: Answers) -> list[str]:
    return [step.key for step in steps(questionnaire, answers)]


def shows(kind: str, condition: dict, *values: Value, **more) -> bool:
    """Item b is asked, on this condition about item a with these answers."""
    first = choice("a", "x", "y", kind=kind) if kind.endswith("choice") else item("a", kind, **more)
    held = {Slot("a"): answered(*values)} if values else {}
    return "b" in path(made(first, item("b", enableWhen=[{"question": "a"} | condition])), held)


WORDS, NUMBER, DAY = Value(Kind.WORDS, "sea"), Value(Kind.INTEGER, "3"), Value(Kind.DATE, "2026-05-04")
X, OWN = Value(Kind.OPTION, "Say x", "x"), Value(Kind.OWN_WORDS, "x")
NOON, MOMENT = Value(Kind.TIME, "12:00:00"), Value(Kind.DATE_TIME, "2026-05-04T12:00:00+00:00")
HALF, LITRES = Value(Kind.DECIMAL, "2.5"), Value(Kind.QUANTITY, "2.5", "l")
TRUE, PLACE = Value(Kind.BOOLEAN, "true"), Value(Kind.URL, "https://example.org/a")


@pytest.mark.parametrize(
    ("kind", "operator", "answer", "values", "shown"),
    [
        ("string", "exists", {"answerBoolean": True}, [WORDS], True),
        ("string", "exists", {"answerBoolean": True}, [], False),
        ("string", "exists", {"answerBoolean": False}, [], True),
        ("string", "exists", {"answerBoolean": False}, [WORDS], False),
        ("string", "=", {"answerString": "sea"}, [WORDS], True),
        ("string", "=", {"answerString": "hill"}, [WORDS], False),
        ("text", "!=", {"answerString": "hill"}, [WORDS], True),
        ("text", "!=", {"answerString": "sea"}, [WORDS], False),
        ("text", "!=", {"answerString": "sea"}, [], False),
        ("url", "=", {"answerString": "https://example.org/a"}, [PLACE], False),
        ("boolean", "=", {"answerBoolean": True}, [TRUE], True),
        ("boolean", "!=", {"answerBoolean": True}, [TRUE], False),
        ("boolean", "=", {"answerBoolean": True}, [OWN], False),
        ("integer", "=", {"answerInteger": 3}, [NUMBER], True),
        ("integer", "!=", {"answerInteger": 3}, [NUMBER], False),
        ("integer", ">", {"answerInteger": 2}, [NUMBER], True),
        ("integer", ">", {"answerInteger": 3}, [NUMBER], False),
        ("integer", "<", {"answerInteger": 10}, [NUMBER], True),
        ("integer", "<", {"answerInteger": 3}, [NUMBER], False),
        ("integer", ">=", {"answerInteger": 3}, [NUMBER], True),
        ("integer", ">=", {"answerInteger": 4}, [NUMBER], False),
        ("integer", "<=", {"answerInteger": 3}, [NUMBER], True),
        ("integer", "<=", {"answerInteger": 2}, [NUMBER], False),
        ("integer", ">", {"answerInteger": 2}, [], False),
        ("decimal", ">", {"answerDecimal": 2.25}, [HALF], True),
        ("decimal", "=", {"answerDecimal": 2.50}, [HALF], True),
        ("date", ">", {"answerDate": "2026-05-03"}, [DAY], True),
        ("date", "<=", {"answerDate": "2026-05-03"}, [DAY], False),
        ("date", ">=", {"answerDate": "2026"}, [DAY], True),
        ("dateTime", "<", {"answerDateTime": "2026-05-04T14:30:00+02:00"}, [MOMENT], True),
        ("dateTime", ">=", {"answerDateTime": "2026-05-04T14:00:00+02:00"}, [MOMENT], True),
        ("time", ">", {"answerTime": "11:59:00"}, [NOON], True),
        ("time", "<", {"answerTime": "12:00:00"}, [NOON], False),
        ("quantity", ">", {"answerQuantity": {"value": 2, "unit": "l"}}, [LITRES], True),
        ("quantity", ">", {"answerQuantity": {"value": 2, "unit": "kg"}}, [LITRES], False),
        ("choice", "=", {"answerCoding": {"code": "x"}}, [X], True),
        ("choice", "!=", {"answerCoding": {"code": "x"}}, [X], False),
        ("open-choice", "=", {"answerCoding": {"code": "x"}}, [OWN], False),
        ("open-choice", "!=", {"answerCoding": {"code": "x"}}, [OWN], True),
        ("open-choice", "exists", {"answerBoolean": True}, [OWN], True),
        ("attachment", "exists", {"answerBoolean": True}, [Value(Kind.FILE, "a.txt", "text/plain")], True),
        ("reference", "exists", {"answerBoolean": True}, [Value(Kind.REFERENCE, "Dr. Day")], True),
    ],
)
def test_a_condition_holds_exactly_when_the_answers_say_so(kind, operator, answer, values, shown):
    assert shows(kind, {"operator": operator} | answer, *values) is shown


@pytest.mark.parametrize(("operator", "shown"), [("=", True), ("!=", False)])
def test_of_several_answers_one_that_is_equal_decides(operator: str, shown: bool):
    condition = {"operator": operator, "answerInteger": 3}

    assert shows("integer", condition, Value(Kind.INTEGER, "1"), NUMBER, repeats=True) is shown


@pytest.mark.parametrize(("behaviour", "shown"), [("all", False), ("any", True)])
def test_several_conditions_hold_together_or_one_is_enough(behaviour: str, shown: bool):
    b = item(
        "b",
        enableBehavior=behaviour,
        enableWhen=[when("a", "=", answerString="sea"), when("a", "=", answerString="hill")],
    )

    assert ("b" in path(made(item("a"), b), {Slot("a"): answered(WORDS)})) is shown


def test_an_answer_to_a_question_that_is_no_longer_asked_counts_for_nothing():
    chain = made(
        item("a"),
        item("b", enableWhen=[when("a", "=", answerString="sea")]),
        item("c", enableWhen=[when("b", "exists", answerBoolean=True)]),
    )
    held = {Slot("a"): answered(WORDS), Slot("b"): answered(WORDS)}

    assert path(chain, held) == ["a", "b", "c"]
    assert path(chain, held | {Slot("a"): answered(Value(Kind.WORDS, "hill"))}) == ["a"]
    assert path(chain, held | {Slot("a"): Entry(State.SKIPPED)}) == ["a"]


def test_what_stands_in_a_group_that_is_not_asked_is_not_asked():
    group = item("g", "group", items=[item("b")], enableWhen=[when("a", "=", answerString="sea")])

    assert path(made(item("a"), group), {}) == ["a"]
    assert path(made(item("a"), group), {Slot("a"): answered(WORDS)}) == ["a", "b"]


REPEATED = made(
    item(
        "g",
        "group",
        repeats=True,
        items=[item("what"), item("how", enableWhen=[when("what", "=", answerString="sea")])],
    ),
    item("after", enableWhen=[when("how", "exists", answerBoolean=True)]),
)


def test_after_each_copy_of_a_group_it_asks_for_another_and_each_copy_has_its_own_conditions():
    first = {Slot("what", (0,)): answered(WORDS)}
    assert path(REPEATED, {}) == ["what[0]"]
    assert path(REPEATED, first) == ["what[0]", "how[0]", "g[0]"]

    second = first | {Slot("g", (0,)): answered(YES), Slot("what", (1,)): answered(Value(Kind.WORDS, "hill"))}
    assert path(REPEATED, second) == ["what[0]", "how[0]", "g[0]", "what[1]", "g[1]"]
    assert path(REPEATED, second | {Slot("how", (0,)): answered(WORDS)})[-1] == "after"


def test_a_copy_that_was_only_passed_over_asks_for_no_other():
    assert path(REPEATED, {Slot("what", (0,)): Entry(State.SKIPPED)}) == ["what[0]"]


def test_groups_in_groups_count_their_copies_apart():
    inner = item("in", "group", repeats=True, items=[item("x")])
    nested = made(item("out", "group", repeats=True, items=[item("y"), inner]))
    held = {
        Slot("y", (0,)): answered(WORDS),
        Slot("out", (0,)): answered(YES),
        Slot("x", (1, 0)): answered(WORDS),
        Slot("in", (1, 0)): answered(YES),
    }

    assert path(nested, held) == ["y[0]", "x[0,0]", "out[0]", "y[1]", "x[1,0]", "in[1,0]", "x[1,1]", "out[1]"]


def test_texts_stand_ahead_of_the_question_after_them_and_are_no_questions():
    found = steps(made(item("hello", "display"), item("g", "group", items=[item("note", "display"), item("a")])), {})

    assert [step.key for step in found] == ["a"]
    assert [text.link_id for text in found[0].before] == ["hello", "note"]
    assert progress(found).total == 1


def test_the_next_question_is_the_first_one_behind_that_nothing_was_said_to():
    three = made(item("a"), item("b"), item("c"))
    found = steps(three, {Slot("b"): answered(WORDS)})

    assert [getattr(next_step(found, after), "key", None) for after in ("", "a", "b", "c", "zz")] == list("accaa")
    assert next_step(steps(three, {Slot(key): Entry(State.SKIPPED) for key in "abc"})) is None
    assert [getattr(step_before(found, key), "key", None) for key in ("a", "b", "")] == [None, "a", "c"]


def test_progress_counts_what_is_asked_now_and_missing_names_what_is_required():
    four = made(item("a", required=True), item("b"), item("c", required=True), item("d"))
    held = {
        Slot("a"): answered(WORDS),
        Slot("b"): Entry(State.SKIPPED),
        Slot("c"): Entry(State.TO_A_PERSON),
    }
    found = steps(four, held)
    done = progress(found)

    assert (done.total, done.answered, done.skipped, done.left, done.minutes_left) == (4, 1, 2, 1, 1)
    assert [step.key for step in missing(found)] == ["c"]


@pytest.mark.parametrize("key", ["", "a b", "a[", "a[x]", "a[1,]", "x" * 300, "a]["])
def test_what_is_no_slot_is_not_read_as_one(key: str):
    with pytest.raises(ValueError):
        Slot.read(key)


def test_a_slot_and_its_text_are_the_same():
    for slot in (Slot("a"), Slot("/44250-9"), Slot("g.a", (0,)), Slot("g.a", (2, 13))):
        assert Slot.read(slot.key) == slot
