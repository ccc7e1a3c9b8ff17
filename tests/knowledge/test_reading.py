"""Reading: one normalised text, and spans that hold in it whatever the document looks like."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import BadSource
from knowledge.library import SHIPPED, read_folder
from knowledge.reading import normalise, read_file, read_text
from knowledge.sentences import split
from knowledge.source import Kind, Source

DIGEST = """---
id: demo
title: A demonstration
clinic: Demo Clinic
digest_of: {title: The original}
---

# Treatment

## How many visits

kind: clinic practice
topic: number-of-sessions
asked as: how often do i come
with 2: in-mice

Demo Clinic starts with four visits. Mice were
given one dose.

A second paragraph stands here.

## How many visits

Another section of the same name.
"""

PROSE = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=400)


def spans_hold(source: Source) -> bool:
    return all(
        source.text[p.start : p.end] == p.text and all(p.start <= s.start < s.end <= p.end for s in p.sentences)
        for p in source.passages
    )


def test_a_section_names_its_kind_and_its_lines_are_not_part_of_the_text():
    source = read_text(DIGEST, name="demo.md", markdown=True)

    first = source.passages[0]
    assert first.kind is Kind.CLINIC_PRACTICE
    assert first.topic == "number-of-sessions"
    assert first.asked_as == ("how often do i come",)
    assert first.heading == ("Treatment", "How many visits")
    assert "asked as" not in source.text
    assert source.is_digest


def test_ids_can_be_read_and_a_repeated_heading_gets_its_own():
    source = read_text(DIGEST, name="demo.md", markdown=True)

    assert [p.id for p in source.passages] == [
        "demo@1#how-many-visits.1",
        "demo@1#how-many-visits.2",
        "demo@1#how-many-visits-2.1",
    ]


def test_a_wrapped_paragraph_is_one_line_and_its_second_sentence_carries_its_companion():
    source = read_text(DIGEST, name="demo.md", markdown=True)
    first = source.passages[0]

    assert source.sentence(first, first.sentences[1]) == "Mice were given one dose."
    assert [c.wording for c in first.sentences[1].companions] == ["in-mice"]
    assert first.sentences[0].companions == ()


@given(PROSE)
def test_spans_of_any_plain_text_are_its_own_characters(text: str):
    try:
        source = read_text(text, name="any.txt", markdown=False, id="any")
    except BadSource:
        return
    assert spans_hold(source)


@given(PROSE)
def test_spans_of_any_markdown_are_its_own_characters(text: str):
    try:
        source = read_text(text, name="any.md", markdown=True, id="any")
    except BadSource:
        return
    assert spans_hold(source)


@given(PROSE)
def test_sentences_cover_every_character_that_is_not_white_space_in_order(text: str):
    at = 0
    for start, end in split(text):
        assert text[at:start].strip() == "" and start < end
        at = end
    assert text[at:].strip() == ""


@given(PROSE)
def test_normalising_twice_is_normalising_once(text: str):
    assert normalise(normalise(text)) == normalise(text)


def test_plain_text_with_long_lines_keeps_every_character_where_it_was():
    raw = "A heading\nFirst paragraph of some length that goes on for a while. " + "word " * 40 + "\n\nSecond one here."
    source = read_text(raw, name="a.txt", markdown=False, id="a")

    assert source.text.startswith(raw)
    assert spans_hold(source)
    assert source.passages[0].heading == ("A heading",)


def test_shipped_sources_have_spans_that_hold_and_reading_them_twice_gives_the_same_ids():
    once, again = read_folder(SHIPPED), read_folder(SHIPPED)

    assert {"mck", "tovani"} <= set(once.sources)
    assert all(spans_hold(source) for source in once.sources.values())
    assert list(once.passages) == list(again.passages)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "there is no text in it"),
        ("blank.md", b"\n \n", "there is no text in it"),
        ("latin.txt", b"caf\xe9", "not UTF-8"),
        ("sheet.xlsx", b"PK", "cannot be read"),
        ("kind.md", b"## A\n\nkind: rumour\n\nText here.\n", "unknown kind 'rumour'"),
        ("head.md", b"---\nid: [\n---\n\nText.\n", "at its top cannot be read"),
        ("head2.md", b"---\ncolour: red\n---\n\nText.\n", "unknown front matter colour"),
        ("id.md", b"---\nid: ../etc\n---\n\nText.\n", "the id '../etc' will not do"),
    ],
)
def test_a_document_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path, name: str, content: bytes, says: str):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(BadSource, match=f"(?s){name}.*{says}"):
        read_file(path)
