"""Random questionnaires and answers: nothing disabled is shown, nothing is lost, nothing required is left out."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.conversation import need_seal
from desk.transcript import MESSAGE
from errors import BadInput
from intake import fhir, rows
from intake.engine import Entry, State, holds, missing, steps
from intake.page import To
from intake.questionnaire import ItemType, Questionnaire, Slot
from intake.rows import ANSWER, FILE
from intake.values import Given
from store.engine import connect
from tests.desk.desks import LINK
from tests.intake.files import choice, item, made
from tests.intake.houses import IntakeHouse

KINDS = ("string", "integer", "boolean", "open-choice", "date")
ANSWERS = {
    "string": {"answerString": "sea"},
    "integer": {"answerInteger": 3},
    "boolean": {"answerBoolean": True},
    "open-choice": {"answerCoding": {"code": "x"}},
    "date": {"answerDate": "2020-01-01"},
}
ORDERED = ("integer", "date")


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    """Two to eight questions, some in a repeating group, with conditions on what stands before them."""
    earlier: list[tuple[str, str]] = []

    def question(number: int) -> dict[str, Any]:
        kind = draw(st.sampled_from(KINDS))
        more: dict[str, Any] = {"required": draw(st.booleans())}
        chosen = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        conditions = []
        for asked, asked_kind in chosen:
            operators = ["exists", "=", "!="] + ([">", "<", ">=", "<="] if asked_kind in ORDERED else [])
            operator = draw(st.sampled_from(operators))
            answer = {"answerBoolean": draw(st.booleans())} if operator == "exists" else ANSWERS[asked_kind]
            conditions.append({"question": asked, "operator": operator} | answer)
        if conditions:
            more |= {"enableWhen": conditions, "enableBehavior": draw(st.sampled_from(["all", "any"]))}
        name = f"q{number}"
        earlier.append((name, kind))
        return choice(name, "x", "y", **more) if kind == "open-choice" else item(name, kind, **more)

    size = draw(st.integers(2, 8))
    items = [question(number) for number in range(size)]
    grouped = draw(st.integers(0, size - 1))
    if grouped:
        group = item("g", "group", repeats=draw(st.booleans()), items=items[:grouped])
        items = [group, *items[grouped:]]
    return made(*items, name="random")


GIVEN = {
    ItemType.STRING: [Given(words="sea"), Given(words="hill")],
    ItemType.INTEGER: [Given(words="3"), Given(words="5"), Given(words="1")],
    ItemType.BOOLEAN: [Given(option="true"), Given(option="false"), Given(words="sort of")],
    ItemType.OPEN_CHOICE: [Given(option="|x"), Given(option="|y"), Given(words="z")],
    ItemType.DATE: [Given(words="2020-01-01"), Given(words="2021-05-04")],
}


def is_enabled(questionnaire: Questionnaire, answers: dict[Slot, Entry], slot: Slot) -> bool:
    """Said once more, plainly and slowly, for files without groups in groups."""
    found = questionnaire.by_id()[slot.item]
    repeated = {one.link_id for group in questionnaire.items if group.repeats for one in group.items}
    held = []
    for condition in found.conditions:
        if condition.question in repeated and slot.item in repeated:
            slots = [Slot(condition.question, slot.rows)]
        elif condition.question in repeated:
            slots = [Slot(condition.question, (row,)) for row in range(copies(answers))]
        else:
            slots = [Slot(condition.question)]
        values = [
            value
            for one in slots
            if (entry := answers.get(one)) is not None
            and entry.state is State.ANSWERED
            and is_enabled(questionnaire, answers, one)
            for value in entry.values
        ]
        held.append(holds(condition, tuple(values)))
    return not held or (any(held) if found.any_condition else all(held))


def copies(answers: dict[Slot, Entry]) -> int:
    count = 1
    while (entry := answers.get(Slot("g", (count - 1,)))) and entry.values and entry.values[0].text == "true":
        count += 1
    return count


@pytest.fixture(scope="module")
def template(sqlite_template: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="foreroom-intake-"))
    shutil.copy(sqlite_template, folder / "template.db")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data(), questionnaire=questionnaires())
def test_no_path_shows_what_is_disabled_loses_an_answer_or_hands_over_without_what_is_required(
    template: Path, data: st.DataObject, questionnaire: Questionnaire
):
    file = template / "now.db"
    for old in template.glob("now.db*"):
        old.unlink()
    shutil.copy(template / "template.db", file)
    store = connect(f"sqlite:///{file}")
    try:
        _walk(IntakeHouse(store).with_files(questionnaire), data, questionnaire)
    finally:
        store.close()


def _walk(house: IntakeHouse, data: st.DataObject, questionnaire: Questionnaire) -> None:
    view = house.begin("random")
    given: list[tuple[str, State]] = []
    for _ in range(data.draw(st.integers(1, 8))):
        step = data.draw(st.sampled_from(view.path))
        seen = step.entry.number if step.entry else 0
        if data.draw(st.integers(0, 4)) == 0:
            to_a_person = data.draw(st.booleans())
            view = house.intakes.skip(LINK, view.intake.id, step.key, to_a_person=to_a_person, seen=seen).view
            given.append((step.key, State.TO_A_PERSON if to_a_person else State.SKIPPED))
        else:
            options = GIVEN[ItemType.BOOLEAN][:2] if step.asks_for_another else GIVEN[step.item.type]
            answer = data.draw(st.sampled_from(options))
            view = house.intakes.answer(LINK, view.intake.id, step.key, [answer], seen=seen).view
            given.append((step.key, State.ANSWERED))
        held = {one.slot: one.entry for one in view.path if one.entry is not None}
        _check_path(house, view, questionnaire)
        assert view.step(step.key) is None or held[step.slot].state is given[-1][1]
    _check_rows(house, view, given)
    try:
        view = house.hand_over(view).view
    except BadInput:
        assert missing(view.path)
        return
    assert all(step.is_answered for step in view.path if step.item.required and not step.asks_for_another)
    _check_page(house, view)
    _check_export(house, view, questionnaire)


def _check_path(house: IntakeHouse, view, questionnaire: Questionnaire) -> None:
    with house.store.reading() as connection:
        seal = need_seal(connection, house.keys, view.intake.conversation)
        answers = rows.answers(rows.rows(connection, seal, view.intake.id))
    asked = {step.slot for step in view.path if not step.asks_for_another}
    for slot in asked:
        assert is_enabled(questionnaire, answers, slot), slot
    for slot in answers:
        inside = slot.item in questionnaire.by_id() and questionnaire.by_id()[slot.item].is_question
        if inside and is_enabled(questionnaire, answers, slot) and (not slot.rows or slot.rows[0] < copies(answers)):
            assert slot in asked, slot


def _check_rows(house: IntakeHouse, view, given: list[tuple[str, State]]) -> None:
    with house.store.reading() as connection:
        seal = need_seal(connection, house.keys, view.intake.conversation)
        kept = rows.rows(connection, seal, view.intake.id)
    assert [(row.slot.key, row.entry.state) for row in kept] == given


def _check_page(house: IntakeHouse, view) -> None:
    page = house.intake_desk.page(house.clinician(), view.intake.id)
    with house.store.reading() as connection:
        known = {
            To.ANSWER: {str(one) for one in connection.execute(sa.select(ANSWER.c.id)).scalars()},
            To.MESSAGE: {str(one) for one in connection.execute(sa.select(MESSAGE.c.id)).scalars()},
            To.FILE: set(connection.execute(sa.select(FILE.c.fingerprint)).scalars()),
        }
    lines = [line for section in page.sections for line in section.lines]
    assert all(line.at and line.link.id in known[line.link.to] for line in lines)
    said = {line.link.id for line in lines if line.link.to is To.ANSWER}
    met = {step for step in view.path if step.entry is not None and not step.asks_for_another}
    assert len(said) >= len(met)


def _check_export(house: IntakeHouse, view, questionnaire: Questionnaire) -> None:
    exported = house.intake_desk.as_response(house.clinician(), view.intake.id)
    back = fhir.read_response(questionnaire, exported)
    assert json.loads(exported)["resourceType"] == "QuestionnaireResponse"
    for step in steps(questionnaire, {one.slot: one.entry for one in view.path if one.entry}):
        if step.entry is not None and not step.asks_for_another:
            assert back[step.slot].state is step.entry.state
            assert back[step.slot].values == step.entry.values
