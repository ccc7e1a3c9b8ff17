"""The desk in the browser: one address, and the screen its query names."""

import streamlit as st

import wiring
from screens import desk_frame
from screens.desk_documents import documents
from screens.desk_queue import queue
from screens.desk_settings import settings
from screens.desk_ticket import ticket
from screens.desk_triage import triage

OTHER_SCREENS = {"documents": documents, "triage": triage, "settings": settings}


def desk() -> None:
    """Draw the desk once, for whoever is logged in."""
    desk_frame.style()
    here = desk_frame.who_is_here()
    if here is None:
        desk_frame.logged_out()
        return
    wanted, screen = st.query_params.get("ticket", ""), st.query_params.get("see", "")
    number = wanted.upper().removeprefix("F-")
    screen = screen if screen in OTHER_SCREENS else ""
    counts = wiring.services().desk.counts(here.session)
    desk_frame.head(here, screen, counts)
    desk_frame.notices(here)
    if number.isdecimal() and len(number) < 10:
        ticket(here, int(number))
    elif screen:
        OTHER_SCREENS[screen](here)
    else:
        queue(here, counts)
    desk_frame.mount()
