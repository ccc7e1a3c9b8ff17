"""Mail that came elsewhere: paste it in, and it becomes a ticket with a draft; what became of drafts so far."""

import streamlit as st

import wiring
from desk.proposals import Rates
from desk.roles import Action
from errors import ForeroomError
from screens.desk_frame import SAID_KEY, Colleague, go

ANY = "Any clinic"


def paste(here: Colleague) -> None:
    """Paste, choose the clinic, go on to the ticket."""
    with st.container(key="desk-page"):
        st.html(
            '<h2 class="column">Mail that came elsewhere</h2>'
            '<p class="second">Paste it as it came. Signature and quoted history are cut and kept beside it. '
            "It becomes a ticket of yours, with a draft.</p>"
        )
        if here.may(Action.WRITE):
            _form(here)
        else:
            st.html('<p class="second">You may look, and not write.</p>')
        st.html(f'<h2 class="column">What became of drafts</h2>{_rates(wiring.services().desk.rates(here.session))}')


def _form(here: Colleague) -> None:
    clinics = [here.person.clinic] if here.person.clinic else [ANY, *wiring.services().library.clinics]
    with st.container(key="desk-pasting"):
        st.text_area(
            "The mail",
            key="desk_pasted",
            height=260,
            label_visibility="collapsed",
            max_chars=50_000,
            placeholder="Paste the mail here",
        )
        if len(clinics) > 1:
            st.selectbox("Which clinic is it for?", clinics, key="desk_pasted_clinic")
        st.button("Find the questions", key="desk_paste_take", type="primary", on_click=_take, args=(here, clinics[0]))


def _take(here: Colleague, only: str) -> None:
    """Stored first; then taken, then a draft is proposed. Whatever fails after the first leaves a ticket."""
    house, chosen = wiring.services(), str(st.session_state.get("desk_pasted_clinic", only))
    pasted = str(st.session_state.get("desk_pasted", ""))
    try:
        ticket = house.paste(here.session, pasted, None if chosen == ANY else chosen)
    except ForeroomError as error:
        st.session_state[SAID_KEY] = f"{error} The mail stands in the box."
        return
    st.session_state["desk_pasted"] = ""
    try:
        house.desk.claim(here.session, ticket.id, 1)
        if not ticket.is_danger:
            house.desk.compose(here.session, ticket.id)
    except ForeroomError as error:
        st.session_state[SAID_KEY] = str(error)
    go(ticket=ticket.id)


def _rates(rates: Rates) -> str:
    if not rates.replies:
        return '<p class="second">No reply with sentences from documents was sent yet.</p>'
    rows = (
        ("Replies with sentences from documents", rates.replies, ""),
        ("sent exactly as they were proposed", rates.untouched, _share(rates.untouched, rates.replies)),
        ("Sentences offered", rates.offered, ""),
        ("kept word for word", rates.kept, _share(rates.kept, rates.offered)),
        ("edited", rates.edited, _share(rates.edited, rates.offered)),
        ("left out", rates.left_out, _share(rates.left_out, rates.offered)),
        ("Sentences the writers added", rates.added, ""),
        ("Sentences sent on somebody's mark", rates.marked, ""),
    )
    body = "".join(f"<tr><td>{name}</td><td>{count}</td><td>{share}</td></tr>" for name, count, share in rows)
    return f'<div class="table"><table><tbody>{body}</tbody></table></div>'


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""
