"""On a ticket: the intakes of its conversation and follow-ups asked for; on the queue: those nobody answered."""

from functools import partial

import streamlit as st

import wiring
from desk.roles import Action
from desk.workbench import Bench
from errors import ForeroomError
from intake.follow_ups import LONGEST_WEEKS, FollowUp, Standing
from intake.questionnaire import Questionnaire
from intake.rows import Stage
from intake.staff import Listed
from screens.desk_frame import Colleague, act, go
from screens.markup import label, shown

STAGES = {
    Stage.OPEN: "begun, not handed over; the answers are the visitor's",
    Stage.TAKEN_BACK: "taken back by the visitor",
}


def intakes_of(here: Colleague, bench: Bench) -> None:
    """What the visitor was asked before a consultation, and what they were asked since."""
    desk, ticket = wiring.services().intake_desk, bench.ticket.id
    try:
        listed, asked = desk.of_ticket(here.session, ticket), desk.follow_ups(here.session, ticket)
    except ForeroomError:
        return
    offered = desk.follow_ups_offered() if here.may(Action.WRITE) and bench.conversation else ()
    with st.container(key="desk-intakes", horizontal=True):
        for one in listed:
            if one.has_page and one.handed_over_at is not None:
                name = f"Clinician's page: {label(one.title)}, {label(here.clock(one.handed_over_at))}"
                st.button(name, key=f"desk_intake_open_{one.intake}", on_click=open_page, args=(one.intake,))
            else:
                st.html(f'<p class="second">{shown(_where(one))}</p>')
        for follow_up in asked:
            _asked(here, ticket, follow_up)
        if offered:
            _ask(here, ticket, offered)


def unanswered(here: Colleague) -> None:
    """Follow-ups that are due and were not handed over, below the queue."""
    try:
        owed = wiring.services().intake_desk.unanswered(here.session)
    except ForeroomError:
        return
    if not owed:
        return
    st.html('<h2 class="group">Follow-ups not answered</h2>')
    with st.container(key="desk-group-follow-ups"):
        for one in owed:
            with st.container(key=f"desk-row-calm-follow-up-{one.follow_up.id}"):
                st.html(
                    f'<div class="row"><div class="row-when"><b>{shown(f"F-{one.ticket}" if one.ticket else "")}</b>'
                    f"<span>due {shown(here.clock(one.follow_up.due_at))}</span></div>"
                    f'<div class="row-what"><p>{shown(one.title)}</p><p class="second">'
                    f'{shown(_note(here, one.follow_up))}</p></div><div class="row-who second">'
                    f"asked by {shown(one.follow_up.asked_by)}</div></div>"
                )
                if one.ticket is not None:
                    number = one.ticket
                    st.button(
                        f"Open :gray[F-{number}, follow-up]",
                        key=f"desk_open_follow_up_{one.follow_up.id}",
                        on_click=go,
                        kwargs={"ticket": number},
                    )


def open_page(intake: int) -> None:
    """Go to the clinician's page; the address follows."""
    st.query_params.from_dict({"intake": str(intake)})


def _where(one: Listed) -> str:
    return f"{one.title}: {STAGES.get(one.stage, one.stage.value.replace('_', ' '))}"


def _asked(here: Colleague, ticket: int, one: FollowUp) -> None:
    """One follow-up and where it stands, each word from its own row."""
    match one.standing:
        case Standing.HANDED_OVER if one.handed_over_at is not None:
            line = f"Follow-up handed over {here.clock(one.handed_over_at)}"
        case Standing.CALLED_OFF:
            line = "Follow-up called off"
        case Standing.PLANNED:
            line = f"Follow-up planned for {here.clock(one.due_at)}, asked by {one.asked_by}"
        case _:
            line = f"Follow-up not answered, due since {here.clock(one.due_at)}. {_note(here, one)}"
    st.html(f'<p class="second">{shown(line)}</p>')
    if one.standing in (Standing.PLANNED, Standing.DUE, Standing.LATE) and here.may(Action.WRITE):
        call_off = partial(wiring.services().intake_desk.call_off, here.session, ticket, one.id)
        key = f"desk_follow_up_off_{one.id}"
        st.button("Call it off", key=key, type="tertiary", on_click=act, args=(call_off, "It is not asked any more."))


def _note(here: Colleague, one: FollowUp) -> str:
    if one.note_sent_at is not None:
        return f"A note went out {here.clock(one.note_sent_at)}."
    return f"No note went out: {one.note_trouble}" if one.note_trouble else "No note went out."


def _ask(here: Colleague, ticket: int, offered: tuple[Questionnaire, ...]) -> None:
    with st.popover("Ask for a follow-up", key="desk_follow_up"), st.form("desk_follow_up_form", border=False):
        titles = {one.name: one.title.text for one in offered}
        st.selectbox("Questions", list(titles), format_func=lambda name: label(titles[name]), key="desk_follow_up_name")
        st.number_input("In how many weeks", 1, LONGEST_WEEKS, 4, key="desk_follow_up_weeks")
        st.html(
            '<p class="small">The visitor finds it on their page. Where an e-mail address was left, a note says only '
            "that something waits.</p>"
        )
        st.form_submit_button("Ask for it", on_click=_keep, args=(here, ticket))


def _keep(here: Colleague, ticket: int) -> None:
    name, weeks = st.session_state["desk_follow_up_name"], int(st.session_state["desk_follow_up_weeks"])
    desk = wiring.services().intake_desk
    said = f"It is asked in {weeks} weeks." if weeks > 1 else "It is asked in a week."
    act(lambda: desk.ask_follow_up(here.session, ticket, name, weeks), said)
