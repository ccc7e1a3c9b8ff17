"""The people of the desk: who has an account, invitations, roles, and accounts that end."""

import streamlit as st

import wiring
from desk.roles import Action, Role
from desk.staff import Staff
from screens.desk_frame import Colleague, act, in_words
from screens.markup import label, shown

LINK_KEY = "desk_invitation"  # shown once, to whoever asked for it


def people(here: Colleague) -> None:
    """Everybody; who may change them sees how."""
    st.html('<h2 class="column">People</h2>')
    for one in wiring.services().desk.colleagues(here.session):
        with st.container(key=f"desk-person-row-{one.id}", horizontal=True):
            state = "" if one.has_password else " · has no password yet"
            clinic = f" · {shown(one.clinic)}" if one.clinic else ""
            st.html(f"<p><b>{shown(one.name)}</b>, {in_words(one.role.value)}{clinic}{state}</p>")
            if here.may(Action.CHANGE_STAFF) and one.id != here.person.id:
                _change(here, one)
    _link()
    if here.may(Action.INVITE):
        with st.popover("Invite somebody", key="desk_invite"), st.form("desk_invite_form", border=False):
            st.text_input("Name, as visitors will read it", key="desk_invite_name")
            roles = list(Role)
            st.selectbox("Role", roles, format_func=_role, index=2, key="desk_invite_role")
            st.text_input("E-mail (may stay empty)", key="desk_invite_email")
            clinics = ["", *wiring.services().library.clinics]
            st.selectbox(
                "Clinic", clinics, format_func=lambda name: label(name) or "Every clinic", key="desk_invite_clinic"
            )
            st.form_submit_button("Make a link", on_click=_invite, args=(here,))


def _link() -> None:
    secret = st.session_state.pop(LINK_KEY, "")
    if secret:
        here = (wiring.services().settings.public_url or str(st.context.url or "")).split("?")[0].rstrip("/")
        st.html("<p>Give this link to them only. It works once, within two days, and is not shown again.</p>")
        st.code(f"{here.removesuffix('/desk')}/invite/{secret}", language=None, wrap_lines=True)


def _role(role: Role) -> str:
    return in_words(role.value)


def _invite(here: Colleague) -> None:
    name, email, clinic = (
        str(st.session_state.get(f"desk_invite_{part}") or "").strip() for part in ("name", "email", "clinic")
    )
    role = Role(st.session_state["desk_invite_role"])

    def make() -> None:
        st.session_state[LINK_KEY] = wiring.services().desk.invite(
            here.session, name, role, clinic=clinic or None, email=email or None
        )

    act(make)


def _change(here: Colleague, one: Staff) -> None:
    with st.popover("Change", key=f"desk_change_{one.id}"):
        roles = list(Role)
        st.selectbox("Role", roles, index=roles.index(one.role), key=f"desk_role_{one.id}", format_func=_role)
        st.button("Give this role", key=f"desk_role_yes_{one.id}", on_click=_give_role, args=(here, one))
        st.button("New link; the old password ends", key=f"desk_link_{one.id}", on_click=_new_link, args=(here, one))
        st.button("End this account", key=f"desk_end_{one.id}", on_click=_end, args=(here, one))


def _give_role(here: Colleague, one: Staff) -> None:
    role = Role(st.session_state[f"desk_role_{one.id}"])
    act(lambda: wiring.services().desk.change_role(here.session, one.id, role), f"{one.name} is {_role(role)} now.")


def _new_link(here: Colleague, one: Staff) -> None:
    def make() -> None:
        st.session_state[LINK_KEY] = wiring.services().desk.invite_again(here.session, one.id)

    act(make)


def _end(here: Colleague, one: Staff) -> None:
    act(lambda: wiring.services().desk.end_account(here.session, one.id), f"The account of {one.name} has ended.")
