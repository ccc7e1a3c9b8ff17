"""A person's reply: who wrote it, when, their words, what they cite, and whether it helped."""

from collections.abc import Callable

import streamlit as st

from desk.drafting import Reply
from desk.shown import Shown
from knowledge.library import Library
from screens.answer_card import one_sentence
from screens.markup import shown
from screens.visitor import Visitor


def reply_card(
    reply: Reply, turn: Shown, library: Library, visitor: Visitor, helped: Callable[[int, bool], None]
) -> None:
    """One reply under the message it follows; `helped` keeps a visitor's yes or not yet."""
    words, at = visitor.words, visitor.clock(reply.at)
    if turn.reference:
        saved = visitor.clock(turn.at)
        line = words("reply.ticket", saved=saved, reference=turn.reference, answered=at)
        st.html(f'<p class="person-ticket">{shown(line)}</p>')
    with st.container(key=f"person-{reply.id}"):
        st.html(
            f'<div class="person-head"><span class="disc" aria-hidden="true">{shown(initials(reply.name))}</span>'
            f"<div><h2>{shown(reply.name)}</h2>"
            f'<p class="second">{shown(words(f"reply.role_{reply.role}"))} · {shown(at)}</p></div></div>'
        )
        st.html(f'<div class="person-text">{shown(reply.text)}</div>')
        for number in range(1, len(reply.citations) + 1):
            one_sentence(f"r{reply.id}", number, reply.citations, library, visitor)
        with st.container(key=f"foot-reply-{reply.id}", horizontal=True):
            if reply.helped is not None:
                thanks = words("reply.thanks_yes" if reply.helped else "reply.thanks_no")
                st.html(f'<p class="second" role="status">{shown(thanks)}</p>')
            else:
                st.html(f"<p>{shown(words('reply.helped'))}</p>")
                yes, no = words("reply.yes"), words("reply.not_yet")
                st.button(yes, key=f"ask_helped_{reply.id}_yes", on_click=helped, args=(reply.id, True))
                st.button(no, key=f"ask_helped_{reply.id}_no", on_click=helped, args=(reply.id, False))


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    parts = [part for part in name.split() if part[:1].isalpha()]
    return "".join(part[0].upper() for part in (parts[:1] + parts[1:][-1:]))
