"""The desk in the browser: one address, and the screen its query names."""

import streamlit as st

import wiring
from errors import ForeroomError
from screens import desk_frame
from screens.desk_documents import documents
from screens.desk_frame import Colleague
from screens.desk_intake import intake_page
from screens.desk_paste import paste
from screens.desk_queue import queue
from screens.desk_settings import settings
from screens.desk_ticket import ticket
from screens.desk_triage import triage
from screens.markup import shown
from triage.decision import Urgency

OTHER_SCREENS = {"mail": paste, "documents": documents, "triage": triage, "settings": settings}


def desk() -> None:
    """Draw the desk once, for whoever is logged in; what cannot be read now is said in words."""
    desk_frame.style()
    try:
        here = desk_frame.who_is_here()
        if here is None:
            desk_frame.logged_out()
        else:
            _draw(here)
    except ForeroomError as error:
        st.html(f'<p class="empty" role="alert">{shown(str(error))}</p>')
    desk_frame.mount()


def _draw(here: Colleague) -> None:
    number = st.query_params.get("ticket", "").upper().removeprefix("F-")
    screen, intake = st.query_params.get("see", ""), st.query_params.get("intake", "")
    counts = wiring.services().desk.counts(here.session)  # checks the role, whatever is drawn after it
    desk_frame.head(here, screen if screen in OTHER_SCREENS else "", counts)
    desk_frame.notices(here)
    if number.isdecimal() and len(number) < 10:
        ticket(here, int(number))
    elif intake.isdecimal() and len(intake) < 10:
        intake_page(here, int(intake))
    elif screen in OTHER_SCREENS:
        OTHER_SCREENS[screen](here)
    else:
        queue(here, counts)
        return
    urgent = counts.urgency.get(Urgency.NOW, 0)  # a new urgent ticket is told on every screen; the queue looks itself
    look = wiring.services().desk.counts
    desk_frame.look_again(urgent, lambda: look(here.session).urgency.get(Urgency.NOW, 0), seconds=8.0)
