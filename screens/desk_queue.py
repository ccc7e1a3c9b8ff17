"""The queue: what waits, by when it is due, with filters and counts; it follows what others do."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

import wiring
from desk.alerts import Told
from desk.roles import Action
from desk.ticket import Stage, Ticket
from desk.ticket_queue import PAGE, Counts, Filter, Group, QueueRow
from errors import ForeroomError
from screens import desk_frame
from screens.desk_frame import Colleague, act, age, go, in_words, of_clinic
from screens.desk_intake_follow_ups import unanswered
from screens.markup import label, shown
from triage.decision import Reason, Route, Urgency

TITLES = {Group.NOW: "Now", Group.TODAY: "Due today", Group.TOMORROW: "Due tomorrow", Group.LATER: "Due later"}
ROUTES = {
    Route.CRISIS: "Danger",
    Route.SAFETY: "Safety",
    Route.ELIGIBILITY: "Eligibility",
    Route.NOT_IN_SOURCES: "Not in the documents",
    Route.ANSWER: "For a person",
    Route.OUT_OF_SCOPE: "For a person",
}
ASKED = "Asked for a person"
HANDED_OVER = "Answers handed over"
CHANNELS = {"email": "e-mail", "webhook": "message"}
AGES = {"": None, "1 hour": timedelta(hours=1), "4 hours": timedelta(hours=4), "1 day": timedelta(days=1)}
PAGE_KEY = "desk_page"


def queue(here: Colleague, counts: Counts) -> None:
    """Everything open that this person may see, or what the filters leave of it."""
    wanted, page = _filters(counts), int(st.session_state.get(PAGE_KEY, 0))
    house = wiring.services()
    rows = house.desk.queue(here.session, wanted, page)
    with st.container(key="desk-queue"):
        if not rows and wanted == Filter() and not page:
            st.html('<p class="empty">Nothing is waiting.</p>')
        elif not rows:
            st.html('<p class="empty">No ticket like this.</p>')
            st.button("Show all", key="desk_show_all", on_click=_show_all)
        filled = next((row.ticket.id for row in rows if _may_be_taken(here, row)), None)
        groups = (
            [(None, rows)] if wanted.closed else [(one, [row for row in rows if row.group is one]) for one in Group]
        )
        for group, members in groups:
            if members:
                _group(here, group, members, filled)
        _pages(page, len(rows))
        if wanted == Filter() and not page:
            unanswered(here)
    desk_frame.look_again(_marks(here, rows), lambda: _marks(here, house.desk.queue(here.session, wanted, page)))


def _filters(counts: Counts) -> Filter:
    """What this person chose to see; each choice says how many there are."""
    with st.container(key="desk-filters"):
        shows = {"open": f"All {counts.open}", "mine": f"Mine {counts.mine}", "closed": "Closed"}
        show = st.segmented_control(
            "Show",
            list(shows),
            format_func=shows.__getitem__,
            key="desk_show",
            default="open",
            required=True,
            label_visibility="collapsed",
        )
        with st.container(key="desk-choices"):
            reason = _choice("reason", "Any reason", {one.value: counts.reason[one] for one in counts.reason})
            urgency = _choice("urgency", "Any urgency", {one.value: counts.urgency[one] for one in counts.urgency})
            clinic = _choice("clinic", "Any clinic", {name: count for name, count in counts.clinic.items() if name})
            older = st.selectbox(
                "Age",
                list(AGES),
                format_func=lambda text: f"Older than {text}" if text else "Any age",
                key="desk_age",
                label_visibility="collapsed",
            )
    return Filter(
        reason=Reason(reason) if reason else None,
        urgency=Urgency(urgency) if urgency else None,
        clinic=clinic or None,
        older_than=AGES[older],
        mine=show == "mine",
        closed=show == "closed",
    )


def _choice(name: str, any_of: str, counts: Mapping[str, int]) -> str:
    chosen = st.session_state.get(f"desk_{name}") or ""
    options = ["", *sorted({*counts, chosen} - {""})]
    return str(
        st.selectbox(
            name.capitalize(),
            options,
            key=f"desk_{name}",
            label_visibility="collapsed",
            format_func=lambda value: f"{in_words(value)} {counts.get(value, 0)}" if value else any_of,
        )
    )


def _show_all() -> None:
    st.session_state["desk_show"], st.session_state[PAGE_KEY] = "open", 0
    for name in ("reason", "urgency", "clinic", "age"):
        st.session_state[f"desk_{name}"] = ""


def _group(here: Colleague, group: Group | None, rows: Sequence[QueueRow], filled: int | None) -> None:
    name = group.value if group else "closed"
    first = min(row.ticket.due_at for row in rows).astimezone(here.zone)
    beside = "" if group in (None, Group.NOW) else f"first at {first:%H:%M}"
    if group is Group.NOW and any(row.ticket.is_danger for row in rows):
        beside = "someone may be in danger"
    title = TITLES[group] if group else "Closed"
    st.html(f'<h2 class="group">{title} <span class="second">{beside}</span></h2>')
    with st.container(key=f"desk-group-{name}"):
        for row in rows:
            with st.container(key=f"desk-row-{'urgent' if _is_urgent(row) else 'calm'}-{row.ticket.id}"):
                st.html(_row(here, row))
                _button(here, row, filled)


def _row(here: Colleague, row: QueueRow) -> str:
    ticket = row.ticket
    words = shown(row.words) if row.words else '<span class="second">the words were deleted</span>'
    return (
        f'<div class="row"><div class="row-when"><b>{ticket.reference}</b>'
        f"<span>{age(ticket.waiting_since)}</span></div>"
        f'<div class="row-what"><p>{words}</p><p class="second">{_why(here, row)}</p></div>'
        f'<div class="row-who second">{shown(who_has_it(row.holder, row.is_mine, ticket))}</div></div>'
    )


def _why(here: Colleague, row: QueueRow) -> str:
    ticket = row.ticket
    parts = [kind_of(ticket)]
    if row.told or ticket.urgency is Urgency.NOW:
        parts.append(shown(told_line(here, row.told)))
    if ticket.clinic:
        parts.append(shown(of_clinic(ticket.clinic)))
    if row.is_overdue:
        parts.append(f"was due {shown(here.clock(ticket.due_at))}")
    if ticket.is_sunk:
        parts.append("no way to reach the visitor")
    return " · ".join(parts)


def kind_of(ticket: Ticket) -> str:
    """ "Safety, medicine" (HTML); a ticket that came back says so first."""
    said = {ASKED: Reason.ASKED_FOR_A_PERSON, HANDED_OVER: Reason.INTAKE}.get(sort_of(ticket))
    why = [reason for reason in ticket.reasons if reason is not said]
    reasons = ", ".join(in_words(reason.value) for reason in why[:2])
    kind = "Wrote back" if ticket.stage is Stage.REOPENED else sort_of(ticket)
    return f"<b>{kind}</b>{', ' + shown(reasons) if reasons else ''}"


def sort_of(ticket: Ticket) -> str:
    """Its route in a word or two; what the visitor gave to a person says that."""
    if ticket.route is Route.NOT_IN_SOURCES and Reason.INTAKE in ticket.reasons:
        return HANDED_OVER
    asked = ticket.route is Route.NOT_IN_SOURCES and Reason.ASKED_FOR_A_PERSON in ticket.reasons
    return ASKED if asked else ROUTES[ticket.route]


def who_has_it(holder: str, is_mine: bool, ticket: Ticket) -> str:
    """Nobody yet, you, or a name."""
    if ticket.stage is Stage.CLOSED:
        return in_words(ticket.outcome.value) if ticket.outcome else "closed"
    if is_mine:
        return "You are writing"
    return f"{holder} is writing" if holder else "Nobody yet"


def told_line(here: Colleague, told: tuple[Told, ...]) -> str:
    """Whom an alert reached and who is next: "e-mail reached Priya 23:47, Dr. Okafor is next at 23:57"."""
    lines = []
    for one in told:
        way = CHANNELS.get(one.channel, one.channel)
        if one.delivered_at is not None:
            lines.append(f"{way} reached {one.name} {here.clock(one.delivered_at)}")
        elif one.fate == "given_up":
            lines.append(f"{way} did not reach {one.name}")
        elif one.fate == "waiting":
            late = f" ({one.trouble.rstrip('.')})" if one.trouble else ""
            lines.append(f"{one.name} is next at {here.clock(one.due_at)}{late}")
            break
    return ", ".join(lines) or "nobody was told"


def _is_urgent(row: QueueRow) -> bool:
    return row.ticket.urgency is Urgency.NOW and row.ticket.stage is not Stage.CLOSED


def _may_be_taken(here: Colleague, row: QueueRow) -> bool:
    return _is_urgent(row) and not row.holder and here.may(Action.CLAIM)


def _button(here: Colleague, row: QueueRow, filled: int | None) -> None:
    number = row.ticket.id
    takes = _may_be_taken(here, row)
    text = "Take it" if takes else "Look" if row.holder and not row.is_mine else "Open"
    hidden = f" :gray[{label(row.ticket.reference)}]"
    st.button(
        text + hidden,
        key=f"desk_open_{number}",
        type="primary" if number == filled else "secondary",
        on_click=_take if takes else go,
        **({"args": (here, number)} if takes else {"kwargs": {"ticket": number}}),
    )


def _take(here: Colleague, number: int) -> None:
    """Claim it and open it; who lost the race sees who has it."""
    desk = wiring.services().desk
    act(lambda: desk.claim(here.session, number, desk.bench(here.session, number).up_to))
    go(ticket=number)


def _pages(page: int, rows: int) -> None:
    with st.container(key="desk-pages", horizontal=True):
        if page:
            st.button("Earlier in the queue", key="desk_before", on_click=_turn, args=(page - 1,))
        if rows == PAGE:
            st.button("Further down", key="desk_after", on_click=_turn, args=(page + 1,))


def _turn(page: int) -> None:
    st.session_state[PAGE_KEY] = page


def _marks(here: Colleague, rows: tuple[QueueRow, ...]) -> tuple[Any, ...]:
    """What the open page watches; the minute, because ages are shown."""
    try:
        answers = wiring.services().reception.answers_are_on()
    except ForeroomError:
        answers = True
    return (rows, answers, datetime.now(UTC).minute)
