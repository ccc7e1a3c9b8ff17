"""One ticket: what it is, who has it, and every move it can make; its three columns are in rooms beside this one."""

from typing import Any

import streamlit as st

import wiring
from desk.roles import Action, may
from desk.ticket import Outcome, Stage
from desk.workbench import Bench
from errors import ForeroomError
from screens import desk_frame
from screens.desk_conversation import aside, conversation
from screens.desk_evidence import evidence, evidence_table
from screens.desk_frame import Colleague, act, go, in_words, of_clinic
from screens.desk_intake_follow_ups import intakes_of
from screens.desk_queue import kind_of
from screens.desk_reply import reply
from screens.markup import label, shown

BY_STAFF = (
    Outcome.ANSWERED,
    Outcome.SPOKE,
    Outcome.REFERRED,
    Outcome.NOT_IN_DANGER,
    Outcome.EMERGENCY_CALLED,
    Outcome.UNREACHABLE,
    Outcome.NOTHING_OWED,
)


def ticket(here: Colleague, number: int) -> None:
    """Draw one ticket, or say that there is none."""
    desk = wiring.services().desk
    try:
        bench, others = desk.bench(here.session, number), desk.also_looking(here.session, number)
    except ForeroomError as error:
        st.html(f'<p class="empty">{shown(str(error))}</p>')
        st.button("To the queue", key="desk_back", on_click=go)
        return
    _title(here, bench)
    intakes_of(here, bench)
    with st.container(key=f"desk-bench-{'danger' if bench.ticket.is_danger else 'calm'}"):
        with st.container(key="desk-said"):
            conversation(here, bench)
        with st.container(key="desk-aside"):
            aside(here, bench, others)
        with st.container(key="desk-middle"):
            reply(here, bench)
        with st.container(key="desk-right"):
            evidence(here, bench)
    evidence_table(bench)

    def look() -> tuple[Any, ...]:
        now = desk.bench(here.session, number)
        return _marks(now, desk.also_looking(here.session, number))

    desk_frame.look_again(_marks(bench, others), look)


def _marks(bench: Bench, others: tuple[str, ...]) -> tuple[Any, ...]:
    """What the open page watches; the draft in hand is not among it."""
    ticket = bench.ticket
    return (
        bench.up_to,
        ticket.stage,
        ticket.holder,
        ticket.urgency,
        bench.holder,
        len(bench.notes),
        bench.told,
        bench.seen,
        bench.steps,
        bench.reach,
        bench.care,
        bench.deleted_at,
        len(bench.other_drafts),
        others,
    )


def _title(here: Colleague, bench: Bench) -> None:
    ticket = bench.ticket
    facts = [kind_of(ticket), shown(of_clinic(ticket.clinic))]
    if ticket.stage is Stage.CLOSED:
        facts.append(f"closed: {in_words(ticket.outcome.value) if ticket.outcome else ''}")
    elif ticket.stage is Stage.ANSWERED:
        facts.append("answered")
    else:
        facts.append(f"due {shown(here.clock(ticket.due_at))}")
        facts.append(shown(_holder(here, bench)))
    with st.container(key="desk-title", horizontal=True):
        st.html(f'<div class="title-line"><h2>{ticket.reference}</h2><p class="second">{" · ".join(facts)}</p></div>')
        with st.container(key="desk-moves", horizontal=True):
            _moves(here, bench)


def _holder(here: Colleague, bench: Bench) -> str:
    ticket = bench.ticket
    if not bench.holder:
        return "nobody has it yet"
    until = f", held until {here.clock(ticket.held_until)}" if ticket.held_until else ""
    return ("yours" if ticket.holder == here.person.id else f"{bench.holder} is writing") + until


def is_mine(here: Colleague, bench: Bench) -> bool:
    """This person holds the ticket now."""
    return bool(bench.holder) and bench.ticket.holder == here.person.id


def _moves(here: Colleague, bench: Bench) -> None:
    ticket, desk, session = bench.ticket, wiring.services().desk, here.session
    if ticket.stage in (Stage.CLOSED, Stage.ANSWERED):
        if here.may(Action.REOPEN):
            st.button("Take up again", key="desk_reopen", on_click=act, args=(lambda: desk.reopen(session, ticket.id),))
        if ticket.stage is Stage.CLOSED:
            return
    mine = is_mine(here, bench)
    if not bench.holder and ticket.stage is not Stage.ANSWERED and here.may(Action.CLAIM):
        st.button("Take it", key="desk_take", type="primary", on_click=_claim, args=(here, bench))
        if not any(seen.name == here.person.name for seen in bench.seen):
            st.button("I have seen this", key="desk_seen", on_click=_acknowledge, args=(here, bench))
    if mine:
        st.button("Let go", key="desk_release", on_click=act, args=(lambda: desk.release(session, ticket.id),))
    if (mine or not bench.holder) and ticket.stage is not Stage.ANSWERED and here.may(Action.HAND_OVER):
        _hand_over(here, bench)
    if here.may(Action.CLOSE):
        _close(here, bench)


def _claim(here: Colleague, bench: Bench) -> None:
    act(lambda: wiring.services().desk.claim(here.session, bench.ticket.id, bench.up_to))


def _acknowledge(here: Colleague, bench: Bench) -> None:
    desk, ticket = wiring.services().desk, bench.ticket
    act(lambda: desk.acknowledge(here.session, ticket.id, bench.up_to), "The visitor reads that you have seen it.")


def _hand_over(here: Colleague, bench: Bench) -> None:
    """To a colleague who may answer it; a ticket nobody has is taken first, so that it is theirs to give."""
    desk, ticket = wiring.services().desk, bench.ticket
    able = [
        one
        for one in desk.colleagues(here.session)
        if one.id != here.person.id
        and one.serves(ticket.clinic, danger=ticket.is_danger)
        and may(one.role, Action.CLAIM)
    ]
    with st.popover("Hand over" if bench.holder else "Assign", key="desk_hand_over"):
        if not able:
            st.html('<p class="second">Nobody else can take this ticket.</p>')
            return
        st.selectbox("To", able, format_func=lambda one: label(one.name), key="desk_hand_over_to")
        st.button("Give it to them", key="desk_hand_over_yes", on_click=_give, args=(here, bench))


def _give(here: Colleague, bench: Bench) -> None:
    desk, ticket, to = wiring.services().desk, bench.ticket, st.session_state["desk_hand_over_to"]

    def give() -> None:
        if not bench.holder:
            desk.claim(here.session, ticket.id, bench.up_to)
        desk.hand_over(here.session, ticket.id, to.id)

    act(give, f"{to.name} has it now.")


def _close(here: Colleague, bench: Bench) -> None:
    ticket = bench.ticket
    with st.popover("Close", key="desk_close"):
        if ticket.is_danger and not here.may(Action.CLOSE_DANGER):
            st.html('<p class="second">This one is about danger. Only a clinician closes it, with an outcome.</p>')
            return
        st.selectbox(
            "How it ended", BY_STAFF, format_func=lambda one: in_words(one.value).capitalize(), key="desk_outcome"
        )
        if ticket.is_danger:
            if left := sum(not step.done_by for step in bench.steps):
                st.html(f'<p class="second">{left} steps of the protocol are not ticked.</p>')
            st.checkbox("Take the standing line away from the visitor's page", key="desk_clear_care")
        st.button("Close it", key="desk_close_yes", on_click=_end, args=(here, bench))


def _end(here: Colleague, bench: Bench) -> None:
    desk, number, read = wiring.services().desk, bench.ticket.id, bench.up_to
    outcome = st.session_state["desk_outcome"]
    clear = bool(st.session_state.get("desk_clear_care"))
    if bench.ticket.is_danger:
        act(lambda: desk.close_danger(here.session, number, outcome, read, clear_care=clear))
    else:
        act(lambda: desk.close(here.session, number, outcome, read))
