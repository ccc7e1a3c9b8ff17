"""The handover card: why a person answers, four steps each filled only by its own stored row, and how to come back."""

from collections.abc import Callable

import streamlit as st

from desk.reception import Shown
from desk.status import Status
from screens.markup import clock, shown
from screens.visitor import Visitor


def handover(
    key: str,
    turn: Shown,
    visitor: Visitor,
    *,
    why: str,
    title: str,
    medicine: bool,
    link: Callable[[str], None],
    below: Callable[[], None] | None = None,
) -> None:
    """A question that a person answers. `why` is one sentence; `below` shows sentences that may stand beside it."""
    words = visitor.words
    with st.container(key=f"handed-{key}"):
        parts = [f'<h2 class="card-title">{shown(title)}</h2>']
        if why:
            parts.append(f'<p class="card-text">{shown(why)}</p>')
        parts.append(steps(turn, visitor))
        if turn.status is not None and not turn.status.receives:
            parts.append(f'<p class="card-text">{shown(words("handover.nobody"))}</p>')
        if medicine:
            parts.append(f'<p class="card-text">{shown(words("handover.medicine"))}</p>')
        st.html("".join(parts))
        if below:
            st.html(f'<p class="second">{shown(words("handover.meanwhile"))}</p>')
            below()
        with st.container(key=f"links-{key}", horizontal=True):
            link(key)


def steps(turn: Shown, visitor: Visitor) -> str:
    """Saved, alerted, seen, answered: a list whose marks are filled by rows; where nobody receives, only the first."""
    status, words = turn.status, visitor.words
    reference = turn.reference or ""
    saved = clock(status.saved_at if status else turn.at, visitor.zone)
    lines = [(True, words("handover.saved", time=saved, reference=reference))]
    if status is not None and status.receives:
        lines.append(
            (status.alerted_at is not None, words("handover.alerted" if status.alerted_at else "handover.alert"))
        )
        lines.append((status.seen is not None, _seen(status, visitor)))
        answered = status.answered
        lines.append(
            (True, words("handover.answered", time=clock(answered.at, visitor.zone)))
            if answered
            else (False, words("handover.reply"))
        )
    items = "".join(
        f'<li class="{"reached" if reached else "ahead"}">'
        f"{shown(line).replace(shown(reference), f'<span class=ref>{shown(reference)}</span>') if reference else shown(line)}"
        f'<span class="unseen"> ({shown(words("handover.done" if reached else "handover.waiting"))})</span></li>'
        for reached, line in lines
    )
    return f'<ul class="steps">{items}</ul>'


def _seen(status: Status, visitor: Visitor) -> str:
    if status.seen is not None:
        return visitor.words("handover.seen", name=status.seen.name, time=clock(status.seen.at, visitor.zone))
    if status.read_by is not None:
        return visitor.words("handover.seen_due", due=clock(status.read_by, visitor.zone))
    return visitor.words("handover.seen_plain")
