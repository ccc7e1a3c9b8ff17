"""The reader: a source opened at one sentence, with its neighbours, its heading path and where it comes from."""

from collections.abc import Sequence

import streamlit as st

from conversation.answer import Statement
from knowledge.library import Library
from knowledge.source import Passage, Source
from screens import movement
from screens.markup import shown
from screens.visitor import Visitor

OPEN_KEY = "ask_open"
SHORT = 240  # characters; a longer passage is neighbourhood enough


def the_source(library: Library, statement: Statement) -> Source | None:
    """The statement's source, unless it was withdrawn or its text no longer holds that sentence at that place."""
    span = statement.span
    if span.source in library.withdrawn:
        return None
    source = library.source(span.source, span.version)
    return source if source is not None and source.text[span.start : span.end] == statement.text else None


def is_open(turn: str, number: int) -> bool:
    """The reader stands open at this sentence."""
    return bool(st.session_state.get(OPEN_KEY) == (turn, number))


def toggle(turn: str, number: int) -> None:
    """A chip was pressed: open the reader there, or close it; focus goes into its text, or back to the chip."""
    if is_open(turn, number):
        close()
        return
    st.session_state[OPEN_KEY] = (turn, number)
    movement.go(scroll=f".st-key-stmt-{turn}-{number}", narrow=True, focus=".st-key-reader .reader-text")


def close() -> None:
    """Close the reader; focus returns to the chip that opened it."""
    place = st.session_state.pop(OPEN_KEY, None)
    if place:
        movement.go(focus=f".st-key-chip_{place[0]}_{place[1]} button")


def reader(turn: str, number: int, statements: Sequence[Statement], library: Library, visitor: Visitor) -> None:
    """The open reader for the sentence with this number (from 1) of a turn's statements."""
    words, statement = visitor.words, statements[number - 1]
    source = the_source(library, statement)
    title = "reader.title" if statement.is_digest else "reader.title_original"
    with st.container(key="reader"):
        with st.container(key="reader-head", horizontal=True):
            st.html(f'<h2 class="reader-title">{shown(words(title, clinic=statement.clinic))}</h2>')
            st.button(words("reader.close"), key="ask_reader_close", on_click=close)
        region = f'role="region" tabindex="-1" aria-label="{shown(words("reader.region"))}"'
        if source is None:
            st.html(f'<div class="reader-text" {region}>{shown(words("reader.source_changed"))}</div>')
        else:
            st.html(_place(source, statement, region))
            st.html(_provenance(source, statement, visitor))
        if len(statements) > 1:
            following = number % len(statements) + 1
            st.button(
                words("reader.next", number=following), key="ask_reader_next", on_click=toggle, args=(turn, following)
            )


def _place(source: Source, statement: Statement, region: str) -> str:
    span = statement.span
    here = next((p for p in source.passages if p.start <= span.start and span.end <= p.end), None)
    if here is None:  # the sentence is there, but no passage of today holds it
        return f'<div class="reader-text" {region}>{_marked(source, span.start, span.end, span.start, span.end)}</div>'
    around = _neighbours(source, here)
    path = " › ".join(shown(part) for part in here.heading)
    parts = [
        _marked(source, passage.start, passage.end, span.start, span.end) if passage is here else _other(passage, here)
        for passage in around
    ]
    return f'<p class="second" lang="en">{path}</p><div class="reader-text" lang="en" {region}>{"".join(parts)}</div>'


def _neighbours(source: Source, here: Passage) -> list[Passage]:
    """The passage with its neighbours of the same section; where it stands alone and is short, with the next one."""
    place = source.passages.index(here)
    near = [passage for passage in source.passages[max(0, place - 1) : place + 2] if passage.heading == here.heading]
    following = source.passages[place + 1 : place + 2]
    if len(near) == 1 and len(here.text) < SHORT and following and following[0].heading[:1] == here.heading[:1]:
        near.append(following[0])
    return near


def _marked(source: Source, start: int, end: int, lamp_start: int, lamp_end: int) -> str:
    before, lamp, after = (
        shown(source.text[start:lamp_start]),
        shown(source.text[lamp_start:lamp_end]),
        shown(source.text[lamp_end:end]),
    )
    return f"<p>{before}<mark>{lamp}</mark>{after}</p>"


def _other(passage: Passage, here: Passage) -> str:
    section = f'<p class="section">{shown(passage.heading[-1])}</p>' if passage.heading != here.heading else ""
    return f"{section}<p>{shown(passage.text)}</p>"


def _provenance(source: Source, statement: Statement, visitor: Visitor) -> str:
    words = visitor.words
    lines = [f"<b>{shown(words('kind.' + statement.kind.name.lower()))}</b>"]
    lines.append(shown(words("reader.digest" if source.is_digest else "reader.original", version=source.version)))
    if not source.is_digest:
        lines += _file_of(source, statement, visitor)
    if source.reviewed_by:
        lines.append(shown(words("reader.reviewed", by=source.reviewed_by, on=source.reviewed_on)))
    else:
        lines.append(shown(words("reader.unreviewed")))
    if original := source.digest_of:
        about = {"title": original.title, "by_and_date": _listed(original.author, original.date)}
        lines.append(shown(words("reader.of", **about)))
    if visitor.for_clinicians:
        if statement.study:
            lines.append(shown(words("reader.study", study=statement.study)))
        lines.append(shown(words("reader.section", id=statement.span.passage)))
    return f'<p class="provenance">{" ".join(lines)}</p>'


def _file_of(source: Source, statement: Statement, visitor: Visitor) -> list[str]:
    """Where a reader with the clinic's own copy in hand finds the sentence: title, date, page, address."""
    words, span = visitor.words, statement.span
    here = next((p for p in source.passages if p.start <= span.start and span.end <= p.end), None)
    lines = [words("reader.titled", title=source.title, by_and_date=_listed(source.author, source.date))]
    if here is not None and here.page is not None:
        lines.append(words("reader.page", page=here.page))
    if source.address:
        on = words("reader.on", date=source.saved_on) if source.saved_on else ""
        lines.append(words("reader.saved", address=source.address, on=on))
    return [shown(line) for line in lines]


def _listed(*parts: str) -> str:
    return "".join(f", {part}" for part in parts if part)
