"""The empty page: what can be asked, what one gets, who reads what is written, and four questions to begin with."""

import streamlit as st

from knowledge.library import Library
from screens.language_model import Named, about_model
from screens.markup import label, shown
from screens.visitor import Visitor

SUGGESTIONS = ("one", "two", "three", "four")


def start(visitor: Visitor, library: Library, reads: str) -> str | None:
    """Show the empty page, who `reads` it (HTML) included; the suggested question that was pressed, if one was."""
    words, pressed = visitor.words, None
    with st.container(key="ask-start"):
        st.html(
            f'<div class="start"><h2>{shown(words("start.title"))}</h2><p>{shown(words("start.lead"))}</p>{reads}</div>'
        )
        with st.container(key="ask-often"):
            st.html(f'<p class="second">{shown(words("start.often"))}</p>')
            for number in SUGGESTIONS:
                question = words(f"suggestions.{number}")
                if st.button(label(question), key=f"ask_suggestion_{number}"):
                    pressed = question
        with st.container(key="ask-about"):
            st.html(_about(visitor, library))
    return pressed


def who_reads(
    visitor: Visitor, *, keep_days: int, someone_reads: bool, operator: str, model: Named | None = None
) -> str:
    """Who can read what is written here, and for how long it is kept; what a language model does (HTML)."""
    words = visitor.words
    who = words("start.who_staff" if someone_reads else "start.who_nobody", operator=operator)
    said = shown(words("start.who", who=who, days=keep_days))
    return f'<p class="small who">{said}</p>{about_model(model, visitor)}'


def _about(visitor: Visitor, library: Library) -> str:
    words = visitor.words
    sources = "".join(
        f"<li><b>{shown(source.clinic)}</b>{', ' + shown(_within(source.route)) if source.route else ''}</li>"
        for source in library.sources.values()
        if visitor.clinic in (None, source.clinic)
    )
    digests = f"<p>{shown(words('start.digests'))}</p>" if any(s.is_digest for s in library.sources.values()) else ""
    return (
        f'<div class="about"><h2>{shown(words("start.how"))}</h2><p>{shown(words("start.how_text"))}</p>'
        f"<h2>{shown(words('start.not'))}</h2><p>{shown(words('start.not_text'))}</p>"
        f'<h2>{shown(words("start.documents"))}</h2><ul lang="en">{sources}</ul>{digests}'
        f'<p class="small">{shown(words("start.affiliation"))}</p></div>'
    )


def _within(text: str) -> str:
    """The words as they stand inside a sentence: "under the tongue", but "IV drip"."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
