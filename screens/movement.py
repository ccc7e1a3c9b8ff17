"""Where the page goes next: scrolling to a new turn, focus into the reader and back; one small component."""

from pathlib import Path

import streamlit as st

_SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
_component = st.components.v2.component("foreroom_page", js=_SCRIPT)


NOWHERE: dict[str, str | bool] = {"scroll": "", "focus": "", "narrow": False, "announce": ""}


def go(*, scroll: str = "", focus: str = "", narrow: bool = False, announce: str = "") -> None:
    """Ask for a move after this run.

    `scroll` and `focus` are CSS selectors: what comes to stand just under the head, and what takes the focus; `narrow`
    scrolls on phones only; `announce` is read aloud politely.
    """
    st.session_state["ask_moves"] = st.session_state.get("ask_moves", 0) + 1
    st.session_state["ask_move"] = {"scroll": scroll, "focus": focus, "narrow": narrow, "announce": announce}


def mount(language: str) -> None:
    """Put the component on the page; it acts once for every `go`."""
    st.html('<div id="ask-spoken" class="unseen" role="status"></div>')
    moves = st.session_state.get("ask_moves", 0)
    move = st.session_state.get("ask_move", NOWHERE)
    _component(key="ask_page", data={**move, "move": moves, "language": language}, height=1)
