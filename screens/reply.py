"""A person's reply: who wrote it, when, their words, and whether it helped."""

from collections.abc import Callable

import streamlit as st

from desk.reception import Reply, Shown
from screens.markup import clock, shown
from screens.visitor import Visitor


def reply_card(reply: Reply, turn: Shown, visitor: Visitor, helped: Callable[[int, bool], None] | None) -> None:
    """One reply under the message it follows; `helped` keeps a visitor's yes or not yet."""
    words = visitor.words
    if turn.reference:
        line = words(
            "reply.ticket",
            saved=clock(turn.at, visitor.zone),
            reference=turn.reference,
            answered=clock(reply.at, visitor.zone),
        )
        st.html(f'<p class="person-ticket">{shown(line)}</p>')
    with st.container(key=f"person-{reply.id}"):
        st.html(
            f'<div class="person-head"><span class="disc" aria-hidden="true">{shown(initials(reply.name))}</span>'
            f'<div><h2>{shown(reply.name)}</h2><p class="second">{shown(reply.role)} · '
            f"{shown(clock(reply.at, visitor.zone))}</p></div></div>"
        )
        st.html(f'<div class="person-text">{shown(reply.text)}</div>')
        if helped:
            _asks_if_it_helped(reply, visitor, helped)


def _asks_if_it_helped(reply: Reply, visitor: Visitor, helped: Callable[[int, bool], None]) -> None:
    words, key = visitor.words, f"ask_helped_{reply.id}"
    answer = st.session_state.get(f"{key}_answer")
    with st.container(key=f"foot-reply-{reply.id}", horizontal=True):
        if answer is not None:
            st.html(
                f'<p class="second" role="status">{shown(words("reply.thanks_yes" if answer else "reply.thanks_no"))}</p>'
            )
            return
        st.html(f"<p>{shown(words('reply.helped'))}</p>")
        st.button(words("reply.yes"), key=f"{key}_yes", on_click=helped, args=(reply.id, True))
        st.button(words("reply.not_yet"), key=f"{key}_no", on_click=helped, args=(reply.id, False))


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    parts = [part for part in name.split() if part[:1].isalpha()]
    return "".join(part[0].upper() for part in (parts[:1] + parts[1:][-1:]))
