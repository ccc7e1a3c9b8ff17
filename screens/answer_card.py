"""The answer card: sentences of the sources in a column a clinic, each with its chip, and what is left to a person."""

from collections.abc import Callable, Sequence

import streamlit as st

from conversation.answer import Statement, Turn
from knowledge.library import Library
from knowledge.source import Kind
from prompts.companions import companion
from screens.markup import label, shown
from screens.reader import is_open, reader, the_source, toggle
from screens.visitor import Visitor

STUDIES = (Kind.HUMAN_STUDY, Kind.ANIMAL_STUDY)


def in_reading_order(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Grouped by clinic, clinics in the order they first appear; the numbers on the chips follow it."""
    clinics = dict.fromkeys(statement.clinic for statement in statements)
    return tuple(statement for clinic in clinics for statement in statements if statement.clinic == clinic)


def answer_card(
    key: str, turn: Turn, library: Library, visitor: Visitor, ask_person: Callable[[], None] | None
) -> None:
    """An answer; `ask_person` is offered in its foot unless a person has the question already."""
    with st.container(key=f"card-{key}"):
        sentences(key, turn, library, visitor)
        if turn.missing:
            st.html(f'<p class="missing">{shown(missing_line(turn, visitor))}</p>')
        if turn.worded_with:
            st.html(f'<p class="second">{shown(visitor.words("model.chose", model=turn.worded_with))}</p>')
        with st.container(key=f"foot-{key}", horizontal=True):
            st.html(f"<p>{shown(visitor.words('answer.left'))}</p>")
            if ask_person:
                st.button(visitor.words("answer.ask_person"), key=f"ask_person_{key}", on_click=ask_person)


def missing_line(turn: Turn, visitor: Visitor) -> str:
    """What no statement covers, in the visitor's words."""
    return visitor.words("answer.missing", parts="; ".join(turn.missing).rstrip(".?!") + ".")


def sentences(key: str, turn: Turn, library: Library, visitor: Visitor) -> None:
    """Who speaks, then a column a clinic."""
    ordered = in_reading_order(turn.statements)
    st.html(f'<p>{shown(whose_words(ordered, visitor))}</p><div class="rule"></div>')
    with st.container(key=f"columns-{key}"):
        for place, clinic in enumerate(dict.fromkeys(statement.clinic for statement in ordered)):
            with st.container(key=f"column-{key}-{place}"):
                st.html(_clinic(clinic, ordered, library))
                for number, statement in enumerate(ordered, 1):
                    if statement.clinic == clinic:
                        one_sentence(key, number, ordered, library, visitor)


def whose_words(statements: Sequence[Statement], visitor: Visitor) -> str:
    """ "From our summary of …" for digests, "In the words of …" for originals."""
    clinics = list(dict.fromkeys(statement.clinic for statement in statements))
    digest = any(statement.is_digest for statement in statements)
    if len(clinics) == 1:
        return visitor.words("answer.summary" if digest else "answer.own_one", clinic=clinics[0])
    return visitor.words("answer.summaries" if digest else "answer.own")


def _clinic(clinic: str, statements: Sequence[Statement], library: Library) -> str:
    first = next(statement for statement in statements if statement.clinic == clinic)
    source = library.source(first.span.source, first.span.version)
    route = f'<p class="route" lang="en">{shown(source.route)}</p>' if source and source.route else ""
    return f'<h2 class="clinic">{shown(clinic)}</h2>{route}'


def one_sentence(key: str, number: int, statements: Sequence[Statement], library: Library, visitor: Visitor) -> None:
    """One sentence in serif with its chip; the reader stands right after it while it is open."""
    statement, words = statements[number - 1], visitor.words
    holds = the_source(library, statement) is not None
    opened = is_open(key, number)
    marks = ("", "") if statement.is_digest else ("“", "”")
    lamp = " open" if opened and holds else ""
    with st.container(key=f"stmt-{key}-{number}"):
        st.html(
            f'<span class="document{lamp}" lang="en"><span class="unseen">{shown(words("answer.begins"))} </span>'
            f"{marks[0]}{shown(statement.text)}{marks[1]}"
            f'<span class="unseen"> {shown(words("answer.ends"))}</span></span>'
        )
        sign = str(number) if holds else words("answer.source_changed")
        st.button(
            f"{sign} :gray[{label(words('answer.chip', clinic=statement.clinic))}]",
            key=f"chip_{key}_{number}",
            on_click=toggle,
            args=(key, number),
        )
        if beside := _beside(statement, visitor):
            st.html(f'<span class="with">{shown(beside)}</span>')
    if opened:
        reader(key, number, statements, library, visitor)


def _beside(statement: Statement, visitor: Visitor) -> str:
    """The kind of evidence where it matters, and the fixed wordings that must stand beside the sentence."""
    lines = [companion(note, visitor.language) for note in statement.notes]
    if statement.kind in STUDIES or visitor.for_clinicians:
        kind = visitor.words("short_kind." + statement.kind.name.lower())
        lines.insert(
            0,
            kind[:1].upper()
            + kind[1:]
            + (f", {statement.study}." if statement.study and visitor.for_clinicians else "."),
        )
    return " ".join(lines)
