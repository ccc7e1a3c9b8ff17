"""Files that came with answers: a line for each from its own row, and a page that looks again while one waits."""

from collections.abc import Iterable

import streamlit as st

import wiring
from desk.shown import Shown
from desk.transcript import Addressee
from errors import ForeroomError
from intake.enclosed import Enclosed, FileState
from prompts.page import PageWords
from screens import movement
from screens.markup import shown
from screens.visitor import Visitor
from triage.decision import Route

SECONDS_BETWEEN_LOOKS = 1.0
MET_KEY = "intake_met"  # the number of the last message in danger that this page has shown
DRAWN_KEY = "intake_drawn"  # (intake, slot) of the question that was drawn last
BEHIND_KEY = "intake_behind"  # the question that danger came in front of; what is typed in it stays


def lines_on(say: PageWords, files: Iterable[Enclosed], *, handed_over: bool = False) -> str:
    """A line for each file, from its own row (HTML)."""
    lines = []
    for file in files:
        handed = handed_over and file.state is FileState.UNREADABLE  # nothing is to be done about it any more
        line = say("step.file_handed_over" if handed else f"step.file_{file.state}", name=file.name)
        lines.append(f'<p class="small intake-file {file.state}" role="status">{shown(line)}</p>')
    return "".join(lines)


def meet_danger(turns: tuple[Shown, ...], at: tuple[int, str] | None) -> None:
    """Danger that was read in a file meanwhile comes to the top of the page, wherever its visitor is.

    `at` is the question that would be drawn. If it was being answered it goes behind, with the words in its box.
    """
    dangers = [
        one.number
        for one in turns
        if one.addressee is Addressee.INTAKE and one.turn is not None and one.turn.decision.route is Route.CRISIS
    ]
    newest, known = max(dangers, default=0), st.session_state.get(MET_KEY)
    st.session_state[MET_KEY] = newest
    if known is not None and newest > known:
        movement.go(scroll=f".st-key-care-block-{newest}")
        st.session_state[BEHIND_KEY] = at if at == st.session_state.get(DRAWN_KEY) else None


def watch_files(visitor: Visitor) -> None:
    """While a file waits to be read, look again until it was."""
    states = _states(visitor.token)
    if FileState.WAITING in (state for _, state in states):
        st.fragment(_look_again, run_every=SECONDS_BETWEEN_LOOKS)(visitor.token, states, [True])


def _look_again(token: str, seen: tuple[tuple[int, FileState], ...], drawn: list[bool]) -> None:
    if drawn:  # what was just drawn is not looked at again
        drawn.clear()
    elif _states(token) != seen:
        st.rerun()


def _states(token: str) -> tuple[tuple[int, FileState], ...]:
    try:
        return wiring.services().intakes.files(token)
    except ForeroomError:
        return ()
