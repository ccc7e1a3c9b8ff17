"""The desk's files: canned replies, the protocol, letters and the patterns of promises."""

import string
import tomllib
from pathlib import Path

import frontmatter
import pytest

import prompts
from desk import checklists, letters
from desk.canned import canned_replies
from desk.promises import Promise, promises
from knowledge.register import Register
from prompts.page import page_words
from store.outbox import Fate, Letter
from tests.desk.made_up import MONDAY_NOON
from triage.decision import Language, Reason

LIBRARY = Register(Path("no-such-folder")).library()


@pytest.mark.parametrize("language", Language)
def test_canned_replies_carry_sentences_that_stand_in_their_source(language: Language):
    found = canned_replies(language, LIBRARY)

    assert found
    assert any(one.citations for one in found)
    for one in found:
        for cited in one.citations:
            source = LIBRARY.sources[cited.span.source]
            assert source.text[cited.span.start : cited.span.end] == cited.text


def test_both_languages_have_the_same_canned_replies():
    english, spanish = (canned_replies(language, LIBRARY) for language in Language)

    assert [one.name for one in english] == [one.name for one in spanish]
    assert [one.citations for one in english] == [one.citations for one in spanish]


@pytest.mark.parametrize("language", Language)
def test_no_canned_reply_promises_what_no_row_holds(language: Language):
    for one in canned_replies(language, LIBRARY):
        assert promises(one.text) == (), one.name


SHOWN_FROM_A_ROW = {
    Promise.ALERTED: {"care.alerted", "handover.alerted"},
    Promise.SEEN: {"care.seen", "handover.seen", "handover.seen_due", "handover.seen_plain"},  # two name an empty step
    Promise.ANSWERED: {"handover.answered", "reply.ticket"},
    Promise.RECEIVED: {"handover.title_staff", "handover.title_asked"},  # where somebody receives, or on asking
}


@pytest.mark.parametrize("language", Language)
def test_no_word_of_the_page_promises_what_is_not_shown_from_its_row(language: Language):
    words = page_words(language.value)
    for key in words.names():
        for concern in promises(words(key, **dict.fromkeys(words.blanks(key), "…"))):
            assert concern.promise is Promise.SAVED or key in SHOWN_FROM_A_ROW.get(concern.promise, ()), key


def test_no_longer_wording_promises_anything():
    for file in sorted(Path(prompts.__path__[0]).glob("*/*.md")):
        assert promises(frontmatter.loads(file.read_text(encoding="utf-8")).content) == (), file.name


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("kind", "urgent"), [("alert", False), ("alert", True), ("reply", False)])
def test_letters_say_nothing_but_a_reference(language: Language, kind: str, urgent: bool):
    letter = Letter(1, kind, 318, 1, "email", "contact:1", MONDAY_NOON, MONDAY_NOON, Fate.WAITING, 0, None, None)
    words = letters.write_letter(letter, language, "https://desk.example.org", urgent=urgent)

    assert ("F-318" in words.subject) == (kind == "alert")
    assert "\n" not in words.subject
    assert promises(words.subject) == ()


def test_letters_have_the_same_parts_and_blanks_in_both_languages():
    loaded = tomllib.loads(letters.FILE.read_text(encoding="utf-8"))
    for kind, parts in loaded["en"].items():
        for part, text in parts.items():
            other = loaded["es"][kind][part]
            assert set(string.Template(text).get_identifiers()) == set(string.Template(other).get_identifiers())


def test_the_protocol_has_steps_for_every_kind_of_danger():
    steps = tomllib.loads(checklists.FILE.read_text(encoding="utf-8"))
    danger = list(Reason)[: list(Reason).index(Reason.MEDICINE)]

    assert {reason.value for reason in danger} <= set(steps)
    assert set(steps) <= {"every", "reviewed_by", "reviewed_on", *(reason.value for reason in Reason)}
