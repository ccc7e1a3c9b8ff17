"""Questionnaire files: what is accepted, and the line each mistake gets."""

import json
import re
from pathlib import Path

import pytest

from errors import BadInput
from intake.__main__ import main
from intake.questionnaire import ItemType, Operator, Part, Words
from intake.reading import read, read_shelf
from tests.intake.files import choice, item, made, marked, source, total, when
from triage.decision import Reason


def test_the_two_shipped_questionnaires_are_read_without_a_trouble():
    shelf = read_shelf()

    assert set(shelf.questionnaires) == {"first-conversation", "follow-up"}
    assert not shelf.troubles
    assert [one.name for one in shelf.questionnaires.values() if one.is_follow_up] == ["follow-up"]


@pytest.mark.parametrize("name", ["first-conversation", "follow-up"])
def test_every_text_of_a_shipped_questionnaire_is_there_in_spanish(name: str):
    one = read_shelf().questionnaires[name]
    texts: list[Words] = [one.title, one.description, one.notice]
    for asked, _ in one.walk():
        texts += [asked.words, *([asked.why] if asked.why.text else []), *(option.words for option in asked.options)]

    assert all(text.text and text.within("es") != "" for text in texts)
    assert not [text.text for text in texts if text.within("es") == text.text and text.text != "No"]


@pytest.mark.parametrize("name", ["first-conversation", "follow-up"])
def test_a_shipped_questionnaire_says_that_nobody_reviewed_or_validated_it(name: str):
    one = read_shelf().questionnaires[name]

    assert "Not reviewed by a clinician" in one.notice.text
    assert "Not a validated instrument" in one.notice.text
    assert not one.scores
    assert not [asked.link_id for asked, _ in one.walk() if "!" in asked.words.text + asked.why.text]


def test_pleasure_and_drive_are_asked_apart_and_medicines_are_free_text():
    asked = read_shelf().questionnaires["first-conversation"].by_id()

    assert {"pleasure", "drive"} <= set(asked)
    assert asked["medicines"].type is ItemType.TEXT
    assert asked["medicines"].part is Part.MEDICINES
    assert not asked["health"].options


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "not a FHIR Questionnaire in JSON"),
        ("[]", "resourceType is not Questionnaire"),
        (json.dumps({"resourceType": "Patient"}), "resourceType is not Questionnaire"),
        (source(item("a"), status="nonsense-but-a-word", item=[{"linkId": "a"}], version=3), "version"),
        (source(item("a", unheard="of")), "unheard"),
        (source(item("a"), version=""), "version"),
        (source(item("a"), status="retired"), "retired"),
        (source(), "item"),
        (source(item("a", "riddle")), "item a: 'riddle' is no item type"),
        (source(item("a"), item("b"), item("a")), "item a: two items have this linkId"),
        (source(item("a", "group", items=[item("a")])), "two items have this linkId"),
        (source(item("a b")), "linkId 'a b'"),
        (source(item("a", "group", items=[item("b", text="")])), "text"),
        (source(item("a", "group")), "item a: a group needs items"),
        (source(item("a", "choice")), "item a: a choice needs answerOption"),
        (source(item("a", "choice", answerValueSet="https://example.org/set")), "nothing is fetched"),
        (source(item("a", "choice", answerValueSet="#set")), "no contained value set #set"),
        (source(item("a", "string", answerOption=[{"valueString": "x"}])), "belongs to a choice"),
        (source(item("a", "display", required=True)), "a display"),
        (source(item("a", readOnly=True)), "read-only or hidden"),
        (source(item("a", enableWhen=[when("zz", "=", answerString="x")])), "there is no question 'zz'"),
        (source(item("a"), item("b", enableWhen=[when("a", "~", answerString="x")])), "no operator"),
        (source(item("a"), item("b", enableWhen=[when("a", "exists", answerString="x")])), "needs an answerBoolean"),
        (source(item("a", "integer"), item("b", enableWhen=[when("a", "=", answerString="3")])), "another type"),
        (source(item("a"), item("b", enableWhen=[when("a", ">", answerString="x")])), "have no order"),
        (
            source(item("a"), item("b", enableWhen=[when("a", "exists", answerBoolean=True)] * 2)),
            "needs enableBehavior",
        ),
        (source(item("a", extension=marked(part="nonsense"))), "'nonsense' is none of"),
        (source(choice("a", "x", extension=marked(same_day="dose"))), "'dose' is no danger"),
        (source(choice("a", "x", "y"), extension=[total(0, 1, "a")]), "not every option of a counts"),
        (source(choice("a", "x", "y", counts=True), extension=[total(0, 9, "a")]), "its items run from 0 to 1"),
        (source(item("a", "date", initial=[{"valueDate": "2026-13-40"}])), "item.0"),
    ],
)
def test_a_file_that_cannot_be_asked_is_refused_with_a_line_that_names_the_place(text: str, line: str):
    with pytest.raises(BadInput) as refused:
        read("clinic-own", text)

    assert line in str(refused.value)
    assert str(refused.value).startswith("clinic-own:")


def test_a_loop_in_conditions_is_refused_and_shown():
    a = item("a", enableWhen=[when("c", "exists", answerBoolean=True)])
    b = item("b", enableWhen=[when("a", "exists", answerBoolean=True)])
    c = item("c", enableWhen=[when("b", "exists", answerBoolean=True)])

    with pytest.raises(BadInput, match=r"in a circle: .*a.*->"):
        made(a, b, c)


def test_a_condition_on_a_question_inside_the_same_group_is_a_loop():
    inside = item("inside")

    with pytest.raises(BadInput, match="in a circle"):
        made(item("g", "group", items=[inside], enableWhen=[when("inside", "exists", answerBoolean=True)]))


def test_every_mistake_has_its_own_line():
    with pytest.raises(BadInput) as refused:
        made(item("a", "choice"), item("b", "group"), item("c", readOnly=True))

    assert len(str(refused.value).splitlines()) == 3


def test_translations_help_bounds_units_and_initial_values_are_read():
    spanish = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/translation",
                "extension": [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "¿Cuánto?"}],
            }
        ]
    }
    control = {"coding": [{"code": "help"}]}
    help_item = {
        "linkId": "a.help",
        "type": "display",
        "text": "Because.",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
                "valueCodeableConcept": control,
            }
        ],
    }
    bounds = [
        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 1},
        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 9},
        {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs", "valueInteger": 3},
    ]
    one = made(
        item(
            "a",
            "integer",
            text="How much?",
            _text=spanish,
            items=[help_item],
            extension=bounds,
            repeats=True,
            initial=[{"valueInteger": 4}],
        )
    ).by_id()["a"]

    assert one.words.within("es") == "¿Cuánto?"
    assert one.why.text == "Because."
    assert not one.items
    assert one.least
    assert one.greatest
    assert (one.least.text, one.greatest.text, one.most, one.initial[0].text) == ("1", "9", 3, "4")


def test_a_contained_value_set_gives_its_codes():
    contained = [
        {
            "resourceType": "ValueSet",
            "id": "set",
            "status": "draft",
            "compose": {"include": [{"system": "urn:x", "concept": [{"code": "1", "display": "One"}]}]},
        }
    ]
    one = made(item("a", "choice", answerValueSet="#set"), contained=contained).by_id()["a"]

    assert [(option.key, option.words.text) for option in one.options] == [("urn:x|1", "One")]


def test_a_broken_file_of_the_clinic_is_left_out_and_the_others_are_offered(tmp_path: Path):
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe")
    (tmp_path / "ours.json").write_text(source(item("a")), encoding="utf-8")
    (tmp_path / "follow-up.json").write_text(source(item("b"), version="7"), encoding="utf-8")

    shelf = read_shelf(tmp_path)

    assert {"first-conversation", "follow-up", "ours"} == set(shelf.questionnaires)
    assert shelf.questionnaires["follow-up"].version == "7"
    assert [line.partition(":")[0] for line in shelf.troubles] == ["broken", "latin.json"]


def test_the_tables_of_types_and_operators_are_fhirs():
    assert len(ItemType) == 16
    assert {operator.value for operator in Operator} == {"exists", "=", "!=", ">", "<", ">=", "<="}


def test_the_instrument_the_docs_show_can_be_asked_and_summed():
    docs = Path(__file__).parents[2] / "docs" / "your-own-questionnaire.md"
    shown = re.search(r"```json\n(.*?)```", docs.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    one = read("phq-9", shown[1])

    assert one.code == ("http://loinc.org", "44249-1")
    assert one.by_id()["last"].same_day is Reason.SUICIDE
    assert (one.scores[0].low, one.scores[0].high) == (0, 6)


def test_check_says_of_each_file_whether_it_can_be_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(source(item("a")), encoding="utf-8")
    bad.write_text(source(item("a"), item("a")), encoding="utf-8")

    assert main(["check", str(good)]) == 0
    assert main(["check", str(good), str(bad)]) == 1
    said = capsys.readouterr().out
    assert "good: Made up, version 1, 1 questions. It can be asked." in said
    assert "bad: item a: two items have this linkId." in said


def test_check_says_which_files_are_taken_where_one_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    own = tmp_path / "own.json"
    own.write_text(source(item("a"), item("letter", "attachment")), encoding="utf-8")

    assert main(["check", str(own)]) == 0
    (note,) = capsys.readouterr().out.splitlines()[1:]
    assert note.startswith("own: item letter: of files only PDF, Word and plain text are taken")
    assert "marked for a person" in note


@pytest.mark.parametrize("name", sorted(read_shelf().questionnaires))
def test_no_question_says_that_somebody_reads_it(name: str):
    """Who has read what is shown from its own row; a file can only say whom an answer is for."""
    source = read_shelf().questionnaires[name].source

    for promise in ("a person reads", "read by a person", "lee una persona"):
        assert promise not in source.lower()
