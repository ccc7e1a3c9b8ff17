"""The words in danger, reasons and resources: whole, in both languages, and with no digits of their own."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from prompts.page import page_words
from prompts.resources import FRESH_DAYS, resources
from prompts.wording import names, wording
from triage.care_words import care_block, care_steps
from triage.decision import Decision, Language, Reason, Route, Urgency
from triage.reasons import reasons, urgency_minutes
from triage.rules import DANGER

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("reason", DANGER)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_of_danger_names_free_help_and_asks_about_safety_first(reason, language):
    block = care_block(Decision(Route.CRISIS, (reason,)), language, 0)

    assert "988" in block.text or "911" in block.text or "1-800" in block.text
    assert block.question.endswith("?")
    assert all(href.startswith(("tel:", "sms:")) for _, href in block.links)


@pytest.mark.parametrize("reason", DANGER)
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_same_block_never_comes_twice_in_a_row(reason, language):
    lines = [care_block(Decision(Route.CRISIS, (reason,)), language, step).lines for step in range(8)]

    assert all(a != b for a, b in pairwise(lines))


@pytest.mark.parametrize("message", ["Not sure", "No lo sé", "nvm", "i don't know anymore"])
def test_a_later_step_promises_to_come_back_only_to_a_question(message):
    decision = Decision(Route.CRISIS, (Reason.SUICIDE,))

    assert "question" in care_block(decision, "en", 1, "how many infusions is it").title
    assert "question" not in care_block(decision, "en", 1, message).title


def decisions(*kinds: tuple[Reason, ...]) -> list[Decision]:
    return [Decision(Route.CRISIS, reasons) for reasons in kinds]


@pytest.mark.parametrize("later", [Reason.EMERGENCY, Reason.BEING_HARMED])
def test_an_emergency_or_violence_that_comes_up_later_opens_with_its_own_first_words(later):
    turns = decisions((Reason.SUICIDE,), (Reason.SUICIDE,), (later,), (later,), (Reason.SUICIDE,))

    assert care_steps(turns) == [0, 1, 0, 1, 2]


def test_a_parent_who_writes_of_a_child_gets_the_words_for_whoever_looks_after_another():
    parent = care_block(Decision(Route.CRISIS, (Reason.MINOR_IN_DANGER, Reason.THIRD_PERSON)), "en", 0)

    assert "looking out for them" in parent.title


def test_voices_that_command_come_before_what_they_command():
    assert "told to do" in care_block(Decision(Route.CRISIS, (Reason.SUICIDE, Reason.VOICES)), "en", 0).lines[0]


@pytest.mark.parametrize("message", ["what do i do?", "what now", "should i call?", "¿qué hago?", "are you a person?"])
def test_a_question_about_the_danger_itself_is_not_put_off(message):
    assert "question" not in care_block(Decision(Route.CRISIS, (Reason.SUICIDE,)), "en", 1, message).title


def test_an_emergency_never_gets_the_wording_for_suicide():
    block = care_block(Decision(Route.CRISIS, (Reason.EMERGENCY,)), "en", 0)

    assert "911" in block.title
    assert "1-800-222-1222" in block.text
    assert "Not wanting to be here" not in block.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_step_of_an_emergency_speaks_of_suicide_or_its_lifeline(language):
    lifeline = resources(language)["lifeline"]
    for step in range(6):
        text = care_block(Decision(Route.CRISIS, (Reason.EMERGENCY,)), language, step).text

        assert lifeline.number not in text
        assert not re.search(r"suicid|end things|terminar con todo", text)


def test_violence_says_in_both_languages_what_clears_the_screen_by_its_own_name():
    for language in ("en", "es"):
        block = care_block(Decision(Route.CRISIS, (Reason.BEING_HARMED,)), language, 0)

        assert page_words(language)("frame.leave") in block.lines[0]


def test_care_promises_nothing_that_no_row_holds():
    for name in names("en"):
        if name.startswith("care"):
            text = wording(name).text.lower()
            assert not re.search(
                r"(we|someone|somebody|the team|staff) (will|is going to) (contact|call|reach|reply)", text
            )
            assert not re.search(r"stay with you|nobody will|you will not get|we promise|keep (it|this) secret$", text)
            assert "watching" not in text


def test_both_languages_hold_the_same_wording():
    assert names("en") == names("es")


def test_telephone_digits_stand_in_the_resources_and_nowhere_else():
    digits = re.compile(r"\b(988|911|741741|88788|838255|1-800[-\d]+)\b")
    shown = [*(ROOT / "prompts").rglob("*"), *(ROOT / "screens").iterdir(), ROOT / "triage" / "reasons.toml"]
    shown += [*(ROOT / "desk").glob("*.toml"), *(ROOT / "intake").rglob("*.toml")]
    for file in shown:
        if file.suffix in (".md", ".toml", ".py", ".js", ".html") and file.name != "resources.toml":
            assert not digits.search(file.read_text(encoding="utf-8")), file.name


def test_resources_grow_old_after_ninety_days():
    known = resources("en")

    assert not known.is_stale(known.checked_on + timedelta(days=FRESH_DAYS))
    assert known.is_stale(known.checked_on + timedelta(days=FRESH_DAYS + 1))
    assert isinstance(known.checked_on, date)


def test_the_operator_is_told_that_the_numbers_wait_for_them_or_have_grown_old():
    known = replace(resources("en"), checked_by="")
    confirmed = replace(known, checked_by="A. Operator")

    assert "No operator has confirmed" in known.trouble(known.checked_on)
    assert confirmed.trouble(known.checked_on) == ""
    assert str(known.checked_on) in confirmed.trouble(known.checked_on + timedelta(days=FRESH_DAYS + 1))


def test_every_reason_has_wording_in_both_languages_and_an_urgency():
    assert set(reasons()) == set(Reason)
    for code in reasons().values():
        assert code.visitor[Language.ENGLISH]
        assert code.visitor[Language.SPANISH]
        assert code.staff
    assert all(reasons()[reason].urgency is Urgency.NOW for reason in DANGER)
    assert set(urgency_minutes()) == set(Urgency)
