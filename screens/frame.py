"""What stands around the conversation: the head with the ways out, the options, the input and the danger line."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from screens.markup import label, shown
from screens.visitor import View, Visitor

STYLE = Path(__file__).with_name("style.css")
LEAVE_TO = "notes"  # the neutral page, relative to this one
PERSON_KEY = "ask_a_person"
NOTE_KEY = "ask_person_note"
TO_KEY = "ask_to"  # to whom the visitor writes while a person is in the conversation
LANGUAGE_WIDGET = "ask_language_widget"
MOST_CHARACTERS = 50_000  # what the box takes; danger is read that far


def style() -> None:
    """The one style sheet."""
    st.html(STYLE)


def head_place(visitor: Visitor) -> DeltaGenerator:
    """Where the sticky head comes to stand, above all else; `head` is drawn into it."""
    place = st.container(key="ask-head")
    st.html(f'<div class="notice" id="ask-offline" role="status">{shown(visitor.words("frame.offline"))}</div>')
    return place


def head(
    visitor: Visitor,
    clinics: Sequence[str],
    *,
    ask_person: Callable[[str], None],
    conversation: Callable[[], None],
) -> None:
    """What this is, options, a way to a person, a way to leave."""
    words = visitor.words
    st.html(
        f'<a class="skip" data-does="skip" href="#ask-thread">{shown(words("frame.skip"))}</a>'
        f'<div class="brand"><h1>{shown(words("frame.name"))}</h1></div>'
    )
    st.html(f'<p class="second">{shown(words("frame.line"))}</p>')
    with st.popover(words("frame.options"), key="ask_options"):
        _choices(visitor, clinics)
        conversation()
    with (
        st.popover(words("frame.ask_person"), key=PERSON_KEY, on_change="rerun"),
        st.form("ask_person_form", border=False),
    ):
        note = st.text_area(words("person.note"), placeholder=words("person.note_help"), key=NOTE_KEY)
        if st.form_submit_button(words("person.send"), type="primary"):
            ask_person(note)
    st.html(f'<a class="leave" data-does="leave" href="{LEAVE_TO}">{shown(words("frame.leave"))}</a>')


def _choices(visitor: Visitor, clinics: Sequence[str]) -> None:
    words = visitor.words
    if len(clinics) > 1:
        st.segmented_control(
            words("options.clinic"),
            ["", *clinics],
            format_func=lambda clinic: label(clinic) if clinic else words("options.both"),
            key="ask_clinic",
            default="",
            required=True,
        )
    st.segmented_control(
        words("options.view"),
        [view.value for view in View],
        format_func=lambda view: words(f"options.{view}"),
        key="ask_view",
        default=View.PLAIN.value,
        required=True,
    )
    st.session_state[LANGUAGE_WIDGET] = visitor.language
    st.segmented_control(
        words("options.language"),
        ["en", "es"],
        format_func=lambda language: words("options.english" if language == "en" else "options.spanish"),
        key=LANGUAGE_WIDGET,
        on_change=lambda: choose_language(st.session_state[LANGUAGE_WIDGET]),
        required=True,
    )


def choose_language(language: str) -> None:
    """The visitor chose the language of the frame; it no longer follows their words."""
    st.session_state["ask_language"] = language


def foot(visitor: Visitor, placeholder: str, danger_line: str, *, with_person: bool) -> str | None:
    """The pinned input, and below it the danger line (HTML; none below a care block); what was sent, if anything.

    While a person is in the conversation the visitor chooses above it to whom they write.
    """
    with st.bottom:
        if with_person:
            st.segmented_control(
                visitor.words("with_person.to"),
                ["person", "documents"],
                format_func=lambda to: visitor.words(f"with_person.{to}"),
                key=TO_KEY,
                default="person",
                required=True,
                label_visibility="collapsed",
            )
        text = st.chat_input(placeholder, key="ask_input", max_chars=MOST_CHARACTERS)
        if danger_line:
            st.html(f'<p class="danger-line">{danger_line}</p>')
    return text


def notice(text: str) -> None:
    """One quiet status line."""
    st.html(f'<p class="notice" role="status">{shown(text)}</p>')
