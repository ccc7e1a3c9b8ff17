"""The handover card: why a person answers, four steps each filled only by its own stored row, and how to come back."""

from collections.abc import Callable

import streamlit as st

from desk.reach import How, Reach
from desk.shown import Shown
from desk.status import Status, Step
from screens import wording
from screens.markup import label, shown
from screens.visitor import Visitor


def handover(
    key: str,
    turn: Shown,
    visitor: Visitor,
    *,
    why: str,
    title: str,
    medicine: str,
    link: Callable[[str], None],
    reach: Callable[[Reach], str],
    which: Callable[[str], None],
    below: Callable[[], None] | None = None,
) -> None:
    """A question that a person answers. `why` is one sentence; `below` shows sentences that may stand beside it."""
    with st.container(key=f"handed-{key}"):
        parts = [f'<h2 class="card-title">{shown(title)}</h2>']
        if why:
            parts.append(f'<p class="card-text">{shown(why)}</p>')
        parts.append(steps(turn, visitor))
        if line := _meanwhile(turn.status, visitor):
            parts.append(f'<p class="card-text">{shown(line)}</p>')
        if medicine:
            parts.append(f'<p class="card-text">{shown(medicine)}</p>')
        st.html("".join(parts))
        if turn.status is not None and turn.status.choose_from:
            _which_clinic(key, turn.status.choose_from, visitor, which)
        if below:
            st.html(f'<p class="second">{shown(wording.in_general(visitor.language))}</p>')
            below()
        with st.container(key=f"links-{key}", horizontal=True):
            link(key)
            if turn.status is not None and turn.status.receives:
                how_to_reach(key, visitor, reach)


def _meanwhile(status: Status | None, visitor: Visitor) -> str:
    """What to know while nobody reads it: that nobody receives messages here, or when the desk is staffed again."""
    said = status.steps() if status is not None else ()
    if status is None or Step.NOBODY_RECEIVES in said:
        return visitor.words("handover.nobody") if status is not None else ""
    if Step.OUT_OF_HOURS not in said:
        return ""
    if status.opens_at is None:
        return visitor.words("handover.closed")
    return visitor.words("handover.closed_until", time=visitor.clock(status.opens_at))


def _which_clinic(key: str, clinics: tuple[str, ...], visitor: Visitor, which: Callable[[str], None]) -> None:
    """Several clinics with people of their own: the visitor says whose may read this."""
    st.html(
        f'<p class="card-text"><b>{shown(visitor.words("which.title"))}</b></p>'
        f'<p class="second">{shown(visitor.words("which.note"))}</p>'
    )
    with st.container(key=f"which-{key}", horizontal=True):
        for place, clinic in enumerate(clinics):
            st.button(label(clinic), key=f"ask_which_{key}_{place}", on_click=which, args=(clinic,))


def how_to_reach(key: str, visitor: Visitor, keep: Callable[[Reach], str], *, by_phone: bool = False) -> None:
    """What a visitor may leave so that somebody can tell them a reply is here, or, `by_phone`, call them."""
    words = visitor.words
    title, note = ("reach.call", "reach.call_note") if by_phone else ("reach.title", "reach.note")
    with st.popover(words(title), key=f"ask_reach_{key}"), st.form(f"ask_reach_form_{key}", border=False):
        st.html(f'<p class="second">{shown(words(note))}</p>')
        address = st.text_input(words("reach.address"), key=f"ask_reach_address_{key}")
        name = st.text_input(words("reach.name"), key=f"ask_reach_name_{key}")
        when = st.text_input(words("reach.when"), key=f"ask_reach_when_{key}")
        voicemail = st.checkbox(words("reach.voicemail"), key=f"ask_reach_voicemail_{key}")
        if st.form_submit_button(words("reach.keep")):
            how = How.EMAIL if "@" in address else How.PHONE
            st.html(f'<p role="status">{shown(keep(Reach(how, address.strip(), name, when, voicemail)))}</p>')


def steps(turn: Shown, visitor: Visitor) -> str:
    """Saved, alerted, seen, answered: a list whose marks are filled by rows; where nobody receives, only the first."""
    status, words = turn.status, visitor.words
    reference = turn.reference or ""
    saved = visitor.clock(status.saved_at if status else turn.at)
    kept = "handover.saved_team" if status is not None and status.receives else "handover.saved"
    lines = [(True, words(kept, time=saved, reference=reference))]
    if status is not None and status.receives:
        lines.append(
            (status.alerted_at is not None, words("handover.alerted" if status.alerted_at else "handover.alert"))
        )
        lines.append((status.seen is not None, _seen(status, visitor)))
        answered = status.answered
        lines.append(
            (True, words("handover.answered", time=visitor.clock(answered.at)))
            if answered
            else (False, words("handover.reply"))
        )
    return f'<ul class="steps">{"".join(_step(reached, line, reference, visitor) for reached, line in lines)}</ul>'


def _step(reached: bool, line: str, reference: str, visitor: Visitor) -> str:
    text = shown(line)
    if reference:
        text = text.replace(shown(reference), f'<span class="ref">{shown(reference)}</span>')
    state = visitor.words("handover.done" if reached else "handover.waiting")
    return f'<li class="{"reached" if reached else "ahead"}">{text}<span class="unseen"> ({shown(state)})</span></li>'


def _seen(status: Status, visitor: Visitor) -> str:
    if status.seen is not None:
        return visitor.words("handover.seen", name=status.seen.name, time=visitor.clock(status.seen.at))
    if status.read_by is not None:
        return visitor.words("handover.seen_due", due=visitor.clock(status.read_by))
    return visitor.words("handover.seen_plain")
