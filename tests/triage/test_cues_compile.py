"""Every reviewed cue can be searched with: a mistake in a file is found here and not on a bad night."""

import pytest

from triage import cues
from triage.cues import compile_known
from triage.rules import Rules, _all_cues


def test_every_cue_compiles_and_finds_nothing_in_an_empty_sentence():
    patterns = [cue.pattern for cue in _all_cues()]

    assert len(patterns) > 1000
    assert [pattern.source for pattern in patterns if pattern.regex.search("  ")] == []


def test_once_all_is_compiled_no_message_compiles_a_cue(monkeypatch):
    read = Rules()
    compile_known()
    monkeypatch.setattr(cues.re, "compile", lambda _: pytest.fail("compiled while somebody waits"))

    read("My cat died, I take lithium, and I want to talk to somebody about parking in Denver.")
