"""Settings of the desk: the switch, who is told, when it is staffed, and the trail; each change is an action."""

import streamlit as st

import wiring
from desk.alerts import AlertContact
from desk.roles import Action
from screens.desk_frame import SAID_KEY, Colleague, act
from screens.desk_people import people
from screens.markup import shown

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WAYS = {"email": "e-mail", "webhook": "webhook"}


def settings(here: Colleague) -> None:
    """What this person may see of it."""
    with st.container(key="desk-page"):
        _answers(here)
        _told(here)
        _hours()
        people(here)
        if here.may(Action.READ_TRAIL):
            _trail(here)


def _answers(here: Colleague) -> None:
    on = wiring.services().reception.answers_are_on()
    state = "The page answers from the documents." if on else "Answers are off. Every message goes to a person."
    st.html(f'<h2 class="column">Answers</h2><p>{state}</p>')
    if here.may(Action.SWITCH_ANSWERS):
        text = "Turn answers off" if on else "Turn answers on"
        st.button(text, key="desk_switch", on_click=_switch, args=(here, not on))
        st.html('<p class="small">It holds from the next message on, on all pages. Danger is met as always.</p>')


def _switch(here: Colleague, on: bool) -> None:
    said = "Answers are on again." if on else "Answers are off, on every page."
    act(lambda: wiring.services().desk.switch_answers(here.session, on), said)


def _told(here: Colleague) -> None:
    house = wiring.services()
    ways = ", ".join(WAYS[name] for name in house.channels)
    none = "none; the README says how FOREROOM_SMTP_HOST or FOREROOM_WEBHOOK_URL sets one up"
    st.html(f'<h2 class="column">Who is told</h2><p class="second">Ways that are set up: {shown(ways or none)}.</p>')
    if not here.may(Action.SET_CONTACTS):
        return
    known = house.desk.contacts(here.session)
    for place, one in enumerate(known):
        with st.container(key=f"desk-contact-{place}", horizontal=True):
            st.html(f"<p>{place + 1}. <b>{shown(one.name)}</b>, {shown(one.channel)} {shown(one.address)}</p>")
            rest = tuple(other for other in known if other.id != one.id)
            said = f"{one.name} is no longer told."
            st.button("Remove", key=f"desk_contact_gone_{one.id}", on_click=_set_contacts, args=(here, rest, said))
    if not house.channels:
        return
    with st.popover("Add somebody", key="desk_contact_add"), st.form("desk_contact_form", border=False):
        st.text_input("Name", key="desk_contact_name")
        st.selectbox("Way", list(house.channels), key="desk_contact_channel")
        st.text_input("Address; for a webhook the room's name", key="desk_contact_address")
        st.form_submit_button("Add", on_click=_add_contact, args=(here, known))
    st.html('<p class="small">The first is told at once; if an urgent message stays unseen, the next in turn.</p>')


def _add_contact(here: Colleague, known: tuple[AlertContact, ...]) -> None:
    name, channel, address = (
        str(st.session_state.get(f"desk_contact_{part}", "")).strip() for part in ("name", "channel", "address")
    )
    if not name or (channel == "email" and "@" not in address):
        st.session_state[SAID_KEY] = "Give a name, and an address that can receive e-mail."
        return
    _set_contacts(here, (*known, AlertContact(name, channel, address)), f"{name} is told from now on.")
    for part in ("name", "address"):
        st.session_state[f"desk_contact_{part}"] = ""


def _set_contacts(here: Colleague, wanted: tuple[AlertContact, ...], said: str) -> None:
    act(lambda: wiring.services().desk.set_contacts(here.session, wanted), said)


def _hours() -> None:
    hours = wiring.services().hours
    rows = "".join(
        f"<li>{day}: {f'{stretch[0]:%H:%M} to {stretch[1]:%H:%M}' if stretch else 'nobody'}</li>"
        for day, stretch in zip(DAYS, hours.week, strict=True)
    )
    st.html(
        f'<h2 class="column">Hours</h2><ul class="plain">{rows}</ul>'
        f'<p class="small">In {shown(str(hours.zone))}. FOREROOM_DESK_HOURS changes them.</p>'
    )


def _trail(here: Colleague) -> None:
    st.html('<h2 class="column">Trail</h2><p class="small">What was done, by whom. It holds no words of anybody.</p>')
    with st.expander("The newest 200 lines", key="desk_trail_all"):
        rows = "".join(
            f"<tr><td>{shown(here.clock(one.at))}</td><td>{shown(one.actor)}</td><td>{shown(one.action)}</td>"
            f"<td>{shown(one.subject)}</td></tr>"
            for one in wiring.services().desk.trail(here.session)
        )
        st.html(f'<div class="table"><table><tbody>{rows}</tbody></table></div>')
