"""The care block: danger is quiet and first; two large ways to reach help, few words, one line about people."""

from collections.abc import Callable

import streamlit as st

from desk.reach import Reach
from desk.shown import Shown
from screens.handover import how_to_reach
from screens.markup import label, shown
from screens.visitor import Visitor
from screens.wording import ways
from triage.care_words import CareBlock


def care_block(
    key: str,
    block: CareBlock,
    turn: Shown,
    visitor: Visitor,
    *,
    step: int,
    answer: Callable[[str], None] | None,
    other_language: Callable[[], None] | None,
    reach: Callable[[Reach], str] | None = None,
) -> None:
    """One fixed block: its ways to help are large in the first `step`, one line after it.

    `answer` sends what a choice says as the visitor's own message; None: it was answered. `reach` keeps a number they
    may be called at; None: nobody here would read it.
    """
    with st.container(key=f"care-block-{key}"):
        title = f'<h2 class="care-title">{shown(block.title)}</h2>' if block.title else ""
        lines = "".join(f'<p class="card-text">{shown(line)}</p>' for line in block.lines)
        st.html(f'<div role="alert" lang="{visitor.language}">{title}{lines}</div>')
        if step == 0:
            st.html(f'<div class="care-links">{"".join(map(_large, range(len(block.links)), block.links))}</div>')
        else:
            st.html(ways(block.links))
        if block.question:
            st.html(f'<p class="care-question" id="care-question-{key}">{shown(block.question)}</p>')
        if answer and block.choices:
            with st.container(key=f"choices_{key}", horizontal=True):
                for number, choice in enumerate(block.choices):
                    st.button(label(choice), key=f"ask_safe_{key}_{number}", on_click=answer, args=(choice,))
        st.html(f'<p class="care-foot">{shown(block.footer)} {shown(about_people(turn, visitor))}</p>')
        if reach:
            how_to_reach(f"care_{key}", visitor, reach, by_phone=True)
        if other_language:
            st.button(
                visitor.words("care.language"), type="tertiary", key=f"ask_care_language_{key}", on_click=other_language
            )


def about_people(turn: Shown, visitor: Visitor) -> str:
    """The one line about people, from the furthest row there is; never more than the row says."""
    status, words = turn.status, visitor.words
    if status is not None and status.seen is not None:
        return words("care.seen", name=status.seen.name, time=visitor.clock(status.seen.at))
    if status is not None and status.alerted_at is not None:
        return words("care.alerted", time=visitor.clock(status.alerted_at))
    if status is not None and status.receives and turn.reference:
        return words("care.saved_staffed" if status.is_staffed else "care.saved", reference=turn.reference)
    return words("care.nobody")


def _large(place: int, link: tuple[str, str]) -> str:
    name, _, detail = link[0].partition(", ")
    small = f"<small>{shown(detail)}</small>" if detail and place < 2 else f", {shown(detail)}" if detail else ""
    return f'<a class="{"large" if place < 2 else "wide"}" href="{shown(link[1])}">{shown(name)}{small}</a>'
