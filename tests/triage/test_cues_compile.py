"""Every reviewed cue can be searched with: a mistake in a file is found here and not on a bad night."""

from triage.rules import _all_cues


def test_every_cue_compiles_and_finds_nothing_in_an_empty_sentence():
    patterns = [cue.pattern for cue in _all_cues()]

    assert len(patterns) > 1000
    assert [pattern.source for pattern in patterns if pattern.regex.search("  ")] == []
