"""What stands around every screen of the desk: who is logged in, the head, the notices, and what was just said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import streamlit as st

import wiring
from desk.roles import Action, may
from desk.staff import Staff
from desk.ticket_queue import Counts
from errors import ForeroomError, NotAllowed, Unavailable
from screens import frame
from screens.desk_login import SECRET, STAFF_COOKIE
from screens.markup import clock, shown
from triage.decision import Urgency

STYLE = Path(__file__).with_name("desk.css")
SCREENS = {"": "Queue", "mail": "Mail", "triage": "Triage", "documents": "Documents", "settings": "Settings"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OUT = '<a href="/logout" target="_self">Log out</a>'
SESSION_KEY = "desk_session"  # of somebody whom a login provider has checked
SAID_KEY = "desk_said"
BY_ITSELF_KEY = "desk_by_itself"  # this run came from looking again, not from a person

_script = st.components.v2.component("foreroom_desk", js=Path(__file__).with_name("desk.js").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Colleague:
    """What one run of the desk knows about who is looking."""

    session: str
    person: Staff
    zone: tzinfo

    def may(self, action: Action) -> bool:
        """Whether to offer it; the desk itself checks again when it is done."""
        return may(self.person.role, action)

    def clock(self, at: datetime) -> str:
        """A moment in the desk's own zone."""
        return clock(at, self.zone, DAYS)


def who_is_here() -> Colleague | None:
    """Whoever holds the session of this page; None once it ended. A run by itself does not keep a session alive."""
    house, by_itself = wiring.services(), st.session_state.pop(BY_ITSELF_KEY, False)
    cookie = st.context.cookies.get(STAFF_COOKIE)
    sessions = (cookie if isinstance(cookie, str) else "", str(st.session_state.get(SESSION_KEY, "")))
    for session in (one for one in sessions if SECRET.fullmatch(one)):
        try:
            person = house.door.who(session) if by_itself else house.door.stay(session)
        except NotAllowed:
            continue
        except Unavailable:  # nothing can be written now; reading may still go on
            person = house.door.who(session)
        if person is not None:
            return Colleague(session, person, house.hours.zone)
    return _checked_elsewhere()


def _checked_elsewhere() -> Colleague | None:
    """Whoever the operator's login provider vouches for, by an address it has verified itself."""
    user, house = st.user.to_dict(), wiring.services()
    if user.get("is_logged_in") is not True or user.get("email_verified") is not True:
        return None
    session = house.door.enter_checked(str(user.get("email", "")))
    person = house.door.who(session) if session else None
    if session is None or person is None:
        return None
    st.session_state[SESSION_KEY] = session
    return Colleague(session, person, house.hours.zone)


def style() -> None:
    """The visitor's style sheet, and what the desk adds to it."""
    frame.style()
    st.html(STYLE)


def head(here: Colleague, screen: str, counts: Counts) -> None:
    """Where one is, how many wait now, who one is."""
    elsewhere = st.user.to_dict().get("is_logged_in") is True
    urgent = counts.urgency.get(Urgency.NOW, 0)
    with st.container(key="desk-head"):
        st.html('<div class="brand"><h1>Foreroom desk</h1></div>')
        with st.container(key="desk-nav", horizontal=True):
            for name, title in SCREENS.items():
                text = f"{title} :blue-badge[{urgent} now]" if urgent and not name else title
                with st.container(key=f"desk-{'here' if name == screen else 'there'}-{name or 'queue'}"):
                    st.button(text, key=f"desk_nav_{name or 'queue'}", on_click=go, kwargs={"see": name})
        role = here.person.role.value.replace("_", " ")
        st.html(
            f'<p class="second desk-who"><span>{shown(here.person.name)}, {shown(role)}</span> '
            f"{'' if elsewhere else OUT}</p>"
        )
        if elsewhere:
            st.button("Log out", key="desk_provider_out", type="tertiary", on_click=log_out, args=(here,))


def notices(here: Colleague) -> None:
    """What holds for the whole house, and what the last action said."""
    house = wiring.services()
    with st.container(key="desk-notices"):  # always there, so that nothing below it moves
        if not house.reception.answers_are_on():
            frame.notice("Answers are off. Every message goes to a person; danger is met as always.")
        desk = house.reception.desk()
        if not desk.has_channel:
            frame.notice("Nobody is told by e-mail or message. Set up a channel before you open to visitors.")
        if said := st.session_state.pop(SAID_KEY, ""):
            st.html(f'<p class="notice said" role="status">{shown(said)}</p>')


def logged_out() -> None:
    """Nobody is logged in here: our own form, and the operator's provider where there is one."""
    user = st.user.to_dict()
    with st.container(key="desk-out"):
        st.html(
            "<h1>Foreroom desk</h1><p>Log in to see what waits. What you wrote before is saved.</p>"
            '<p><a class="filled" href="/login" target="_self">Log in</a></p>'
        )
        if user.get("is_logged_in") is True:
            st.html("<p>Nobody at this desk has the address you are logged in with, or it is not verified.</p>")
            st.button("Leave that login", key="desk_provider_out", on_click=st.logout)
        elif "is_logged_in" in user:
            st.button("Log in with your organisation", key="desk_provider_in", on_click=st.login)


def log_out(here: Colleague) -> None:
    """End a session that a provider vouched for, here and there."""
    wiring.services().door.log_out(here.session)
    st.session_state.pop(SESSION_KEY, None)
    st.logout()


def go(*, see: str = "", ticket: int | None = None) -> None:
    """Open another screen of the desk, or a ticket; the address follows."""
    place = {"ticket": str(ticket)} if ticket is not None else {"see": see} if see else {}
    st.query_params.from_dict(place)


def act(do: Callable[[], object], said: str = "") -> None:
    """Do something at the desk; what it says, or why it was refused, stands on the page afterwards."""
    try:
        do()
    except ForeroomError as error:
        st.session_state[SAID_KEY] = str(error)
        return
    if said:
        st.session_state[SAID_KEY] = said


def mount() -> None:
    """The keyboard, and drafts saved while they are written."""
    _script(key="desk_keys", data={}, height=1)


def look_again(seen: object, look: Callable[[], object], seconds: float = 4.0) -> None:
    """Draw the page again once `look` returns something else than `seen`."""

    drawn = [True]

    def _look() -> None:
        if drawn:  # what was just drawn is not looked at again
            drawn.clear()
            return
        try:
            changed = look() != seen
        except ForeroomError:
            return  # the next look may succeed; the page stays as it is
        if changed:
            st.session_state[BY_ITSELF_KEY] = True
            st.rerun()

    st.fragment(_look, run_every=seconds)()


def age(since: datetime) -> str:
    """How long ago, in words that stay short."""
    minutes = int((datetime.now(UTC) - since).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days ago"


def in_words(code: str) -> str:
    """A code as staff read it: "stopping medicine"."""
    return code.replace("_", " ")


def of_clinic(clinic: str | None) -> str:
    """The clinic's name; the operator's desk serves all of them."""
    return clinic or "any clinic"
