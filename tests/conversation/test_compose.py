"""Composing: which sentences, whose, how many, and what never stands alone."""

from conversation.compose import BELOW_HANDOVER, Composer
from knowledge.source import Kind
from tests.conversation.made_up import LIBRARY, asked, covered, found, silent
from triage.decision import Decision, Route

ANSWER = Decision(Route.ANSWER)


def test_an_open_question_shows_both_clinics_and_each_sentence_says_whose_it_is():
    shown = Composer(LIBRARY, covered)(ANSWER, asked("how many visits"), [found("north#visits.1", "south#visits.1")])

    assert [statement.clinic for statement in shown.statements] == ["North Clinic", "North Clinic", "South Clinic"]
    assert all(statement.span.source == statement.clinic.split()[0].lower() for statement in shown.statements)
    assert shown.route is Route.ANSWER


def test_the_other_clinics_passage_on_the_same_topic_stands_beside_the_best_one_however_low_it_scored():
    findings = found("north#visits.1", "south#place.1", "south#visits.1", step=8.0)
    shown = Composer(LIBRARY, covered)(ANSWER, asked("how many visits"), [findings])

    assert [s.text for s in shown.statements if s.clinic == "South Clinic"] == [
        "South Clinic's article does not say how many visits there are."
    ]


def test_an_answer_of_gaps_alone_is_not_in_the_sources_and_keeps_its_citations():
    shown = Composer(LIBRARY, covered)(ANSWER, asked("how many"), [found("south#visits.1")])

    assert shown.route is Route.NOT_IN_SOURCES
    assert shown.statements and all(statement.is_gap for statement in shown.statements)


def test_where_the_documents_are_silent_only_gaps_are_shown():
    shown = Composer(LIBRARY, silent)(ANSWER, asked("parking"), [found("north#visits.1", "south#visits.1")])

    assert shown.route is Route.NOT_IN_SOURCES
    assert {statement.kind for statement in shown.statements} == {Kind.GAP}


def test_a_finding_in_mice_never_stands_without_its_companions():
    shown = Composer(LIBRARY, covered, most=3)(ANSWER, asked("what came back"), [found("north#mouse-study.1")])

    mouse = next(statement for statement in shown.statements if statement.kind is Kind.ANIMAL_STUDY)
    assert mouse.notes == ("in-mice",)
    assert any("does not list the findings" in statement.text for statement in shown.statements)


def test_a_sentence_whose_companion_has_no_room_is_left_out():
    shown = Composer(LIBRARY, covered, most=1)(ANSWER, asked("what came back"), [found("north#mouse-study.1")])

    assert shown.statements == ()


def test_the_2026_finding_is_shown_to_a_question_about_the_study_and_never_to_a_personal_one():
    composer = Composer(LIBRARY, covered)
    findings = [found("north#who-does-well.1", "north#visits.1")]

    about = composer(ANSWER, asked("who does well according to the 2026 study"), findings)
    personal = composer(ANSWER, asked("would i do badly, says the 2026 study?"), findings)
    unrelated = composer(ANSWER, asked("how many visits"), findings)

    assert any("2026" in statement.text for statement in about.statements)
    assert not any("2026" in statement.text for statement in (*personal.statements, *unrelated.statements))


def test_below_an_eligibility_hand_over_stand_only_facts_practice_and_gaps():
    findings = [found("north#mouse-study.1", "south#place.1", "north#visits.1")]
    shown = Composer(LIBRARY, covered)(Decision(Route.ELIGIBILITY), asked("can i come from Utah"), findings)

    assert shown.route is Route.ELIGIBILITY
    assert 0 < len(shown.statements) <= BELOW_HANDOVER
    assert {s.kind for s in shown.statements} <= {Kind.CLINIC_FACT, Kind.CLINIC_PRACTICE, Kind.GAP}


def test_two_questions_in_one_message_are_both_met():
    question = asked("how many visits are there and where is the clinic")
    shown = Composer(LIBRARY, covered)(ANSWER, question, [found("north#visits.1"), found("south#place.1")])

    assert len(question.parts) == 2
    assert {"four visits", "Utah"} <= {word for word in ("four visits", "Utah") if word in str(shown.statements)}


def test_the_part_the_documents_do_not_cover_is_named():
    def gate(findings, text, clinics):
        return silent(findings, text, clinics) if "park" in text else covered(findings, text, clinics)

    question = asked("how many visits are there and where can i park the car")
    shown = Composer(LIBRARY, gate)(ANSWER, question, [found("north#visits.1"), found("south#place.1")])

    assert shown.route is Route.ANSWER
    assert shown.missing == ("where can i park the car",)


def test_a_passage_of_facts_stands_closer_behind_a_gap_than_behind_another_of_facts():
    composer = Composer(LIBRARY, covered)
    behind_facts = composer(ANSWER, asked("visits"), [found("north#visits.1", "north#mouse-study.1", step=4.0)])
    behind_a_gap = composer(ANSWER, asked("visits"), [found("north#what-is-not-said.1", "north#visits.1", step=4.0)])

    assert any(statement.kind is Kind.ANIMAL_STUDY for statement in behind_facts.statements)
    assert behind_a_gap.route is Route.NOT_IN_SOURCES
