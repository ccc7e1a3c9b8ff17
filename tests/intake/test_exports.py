"""Exports validate and come back the same, whatever the type; text and print hold every word."""

import json
from io import BytesIO

import pytest
from pdfminer.high_level import extract_text
from pdfminer.pdfpage import PDFPage

from desk.conversation import need_seal
from errors import BadInput
from intake import fhir, rows
from intake.charts import chart_of, png_of
from intake.engine import steps
from intake.values import Given
from tests.desk.desks import LINK
from tests.desk.made_up import answered as by_documents
from tests.intake.files import choice, item, made, when
from tests.intake.houses import IntakeHouse

EVERY_TYPE = made(
    item("hello", "display"),
    item("boolean", "boolean"),
    item("maybe", "boolean"),
    item("decimal", "decimal"),
    item("integer", "integer", repeats=True),
    item("date", "date"),
    item("dateTime", "dateTime"),
    item("time", "time"),
    item("string"),
    item("text", "text"),
    item("url", "url"),
    choice("choice", "x", "y", kind="choice"),
    choice("closed", "x", "y", kind="choice"),
    choice("open", "x", "y", repeats=True),
    choice("open-words", "x", "y"),
    item("texts", "open-choice", answerOption=[{"valueString": "sea"}, {"valueInteger": 3}], repeats=True),
    item("attachment", "attachment"),
    item("reference", "reference"),
    item("quantity", "quantity"),
    item("skipped"),
    item("told"),
    item("untouched"),
    item("parent", items=[item("child")]),
    item("g", "group", repeats=True, items=[item("what"), item("deep", "group", repeats=True, items=[item("x")])]),
    item("gone", enableWhen=[when("string", "=", answerString="never")]),
    name="own",
)
GIVEN = {
    "boolean": [Given(option="false")],
    "maybe": [Given(words="sort of")],
    "decimal": [Given(words="2.50")],
    "integer": [Given(words="1"), Given(words="-3")],
    "date": [Given(words="2025-02")],
    "dateTime": [Given(words="2026-05-04T14:30:00+02:00")],
    "time": [Given(words="14:30")],
    "string": [Given(words="quotes “ ” and <b>")],
    "text": [Given(words="two\nlines 🌲 中文")],
    "url": [Given(words="https://example.org/a?b=c")],
    "choice": [Given(option="|x"), Given(words="but only at night")],
    "closed": [Given(words="neither")],
    "open": [Given(option="|x"), Given(option="|y"), Given(words="and z")],
    "open-words": [Given(words="something else")],
    "texts": [Given(option="sea"), Given(option="3"), Given(words="hill")],
    "attachment": [Given(file_name="a.txt", media_type="text/plain", content=b"hello")],
    "reference": [Given(words="Dr. Day")],
    "quantity": [Given(words="70.25 kg")],
    "parent": [Given(words="above")],
    "child": [Given(words="below")],
    "what[0]": [Given(words="first")],
    "x[0,0]": [Given(words="inside")],
    "deep[0,0]": [Given(option="true")],
    "x[0,1]": [Given(words="inside again")],
    "g[0]": [Given(option="true")],
    "what[1]": [Given(words="second")],
}


@pytest.fixture
def filled(house: IntakeHouse):
    """An intake with an answer of every type, handed over."""
    view = house.with_files(EVERY_TYPE).begin("own")
    for key, given in GIVEN.items():
        house.intakes.answer(LINK, view.intake.id, key, given)
    house.intakes.skip(LINK, view.intake.id, "skipped")
    house.intakes.skip(LINK, view.intake.id, "told", to_a_person=True)
    house.ask(by_documents, "Where are visits held?")
    return house.hand_over(view).view


def test_every_type_goes_out_as_valid_fhir_and_comes_back_the_same(house: IntakeHouse, filled):
    exported = house.intake_desk.as_response(house.clinician(), filled.intake.id)
    back = fhir.read_response(EVERY_TYPE, exported)

    with house.store.reading() as connection:
        seal = need_seal(connection, house.keys, filled.intake.conversation)
        held = rows.answers(rows.whole(connection, seal, rows.rows(connection, seal, filled.intake.id)))
    for step in steps(EVERY_TYPE, held):
        if step.asks_for_another:
            continue
        here, there = step.entry, back.get(step.slot)
        assert (here is None) == (there is None), step.key
        if here and there:
            assert (here.state, here.at) == (there.state, there.at), step.key
            assert set(here.values) == set(there.values), step.key


def test_the_response_names_file_version_and_state(house: IntakeHouse, filled):
    found = json.loads(house.intake_desk.as_response(house.clinician(), filled.intake.id))

    assert found["resourceType"] == "QuestionnaireResponse"
    assert found["status"] == "completed"
    assert found["questionnaire"].endswith("own|1")
    assert "gone" not in json.dumps(found)
    by_id = {one["linkId"]: one for one in found["item"]}
    codes = {one["url"].rpartition("/")[2] for one in by_id["told"]["extension"]}
    assert {"data-absent-reason", "to-a-person"} <= codes
    assert by_id["open-words"]["answer"] == [{"valueString": "something else"}]
    assert "answer" not in by_id["closed"], "a closed choice has no place for own words, so an extension holds them"
    assert [one["linkId"] for one in found["item"]].count("g") == 2


def test_the_bundle_holds_file_answers_and_conversation(house: IntakeHouse, filled):
    found = json.loads(house.intake_desk.as_bundle(house.clinician(), filled.intake.id))
    kinds = [entry["resource"]["resourceType"] for entry in found["entry"]]

    assert kinds[:2] == ["Questionnaire", "QuestionnaireResponse"]
    said = [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == "Communication"]
    assert [one["payload"][0]["contentString"] for one in said][:2] == [
        "Where are visits held?",
        "Visits take place at the clinic.",
    ]
    assert said[1]["sender"]["display"] == "Foreroom, a program"
    assert len({entry["fullUrl"] for entry in found["entry"]}) == len(found["entry"])


def test_a_response_to_another_version_or_of_another_kind_is_refused(house: IntakeHouse, filled):
    exported = house.intake_desk.as_response(house.clinician(), filled.intake.id)

    with pytest.raises(BadInput, match="another version"):
        fhir.read_response(made(item("a"), version="2"), exported)
    with pytest.raises(BadInput, match="not a FHIR"):
        fhir.read_response(EVERY_TYPE, "{}")


def test_plain_text_holds_every_answer_with_its_time_and_link(house: IntakeHouse, filled):
    text = house.intake_desk.as_text(house.clinician(), filled.intake.id)

    for words in ("quotes “ ” and <b>", "🌲 中文", "70.25 kg", "inside again", "Where are visits held?", "2026-05-04"):
        assert words in text
    assert "answer 1)" in text


def test_print_is_one_or_two_pages_and_marks_what_its_typeface_lacks(house: IntakeHouse, filled):
    made_pdf = house.intake_desk.as_pdf(house.clinician(), filled.intake.id)

    assert len(list(PDFPage.get_pages(BytesIO(made_pdf)))) <= 2
    words = extract_text(BytesIO(made_pdf))
    assert "quotes “ ” and <b>" in words
    assert "two" in words
    assert "◊" in words
    assert "stands for a sign" in words


def test_a_very_long_page_grows_and_loses_no_word(house: IntakeHouse):
    view = house.with_files(made(*(item(f"t{n}", "text") for n in range(8)), name="own")).begin("own")
    for number in range(8):
        house.say(view, f"t{number}", " ".join(f"word{number}x{count}" for count in range(390)))
    house.hand_over(view)

    words = extract_text(BytesIO(house.intake_desk.as_pdf(house.clinician(), view.intake.id)))
    assert all(f"word{number}x{count}" in words for number in range(8) for count in (0, 200, 389))


def test_charts_keep_mood_on_a_panel_of_its_own_and_mark_sessions(house: IntakeHouse):
    house.follow_up("0", "1", "0", "2", sessions="1")
    house.clock.move(days=14)
    view = house.follow_up("2", "3", "1", "3", sessions="4")
    page = house.intake_desk.page(house.clinician(), view.intake.id)

    drawn = json.loads(chart_of(page.points, page.scale).to_json())
    assert [panel["title"] for panel in drawn["vconcat"]] == ["Interest, pleasure, drive", "Mood"]
    assert "session 4" in json.dumps(drawn)
    assert png_of(page.points, page.scale).startswith(b"\x89PNG")
    made_pdf = house.intake_desk.as_pdf(house.clinician(), view.intake.id)
    assert len(list(PDFPage.get_pages(BytesIO(made_pdf)))) <= 2


def test_signs_that_no_file_can_hold_break_no_export(house: IntakeHouse):
    view = house.ready()
    house.ask(by_documents, "half \ud800 a sign, null \0, <script>, \u202eright to left")
    house.say(view, "brings", "\ud83d and \x00\x1b[31m red")
    house.hand_over(view)
    session, desk = house.clinician(), house.intake_desk

    for export in (desk.as_text, desk.as_response, desk.as_bundle):
        assert export(session, view.intake.id).encode("utf-8")
    assert desk.as_pdf(session, view.intake.id).startswith(b"%PDF")


def test_without_follow_ups_nothing_is_drawn():
    assert chart_of((), ()) is None
    assert png_of((), ()) == b""


def test_every_export_stands_in_the_audit_trail(house: IntakeHouse, filled):
    from store import audit

    house.intake_desk.as_text(house.clinician(), filled.intake.id)
    with house.store.reading() as connection:
        (entry,) = [one for one in audit.entries(connection) if one.action == "intake.exported"]
    assert entry.facts == {"as": "text"}
