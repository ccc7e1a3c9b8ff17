"""What a visitor does in an intake: keep, skip, go back, hand over, take back, delete; each stores before it shows."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

import wiring
from errors import BadInput, Conflict, ForeroomError
from intake.engine import Step
from intake.intakes import Kept, View
from screens import movement
from screens.intake_fields import draft_of, forget_fields, given_in, is_as_kept, now_seen, seen
from screens.visitor import Visitor

log = logging.getLogger("foreroom.screens")
T = TypeVar("T")

OPEN_KEY = "intake_open"  # id of the intake on the page
AT_KEY = "intake_at"  # the slot that is asked; "" is the review
ALL_KEY = "intake_all"  # all questions on one page
BEGIN_KEY = "intake_to_begin"  # (questionnaire, follow-up) whose notice is shown
LINE_KEY = "intake_line"  # (slot, what to say there)
CHANGING_KEY = "intake_changing"  # the review sent us here, and gets us back
PAST_KEY = "intake_past"  # the turn in danger after which the visitor went on
SURE_KEY = "intake_sure"
QUESTION = "#intake-question"


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of one intake, as callbacks."""

    visitor: Visitor
    view: View
    unread: Callable[[str], None]  # meets danger in words that could not be stored

    def answer(self, step: Step, then: str = "next") -> None:
        """Keep what is in the fields; `then` to the "next" question, "back", "review", "all", "leave", or "stay"."""
        given = given_in(self.view.intake.id, step)
        if then != "next" and (not given or is_as_kept(step, given)):
            if then == "stay" and not given and step.is_answered:  # emptied by its writer
                self._skip(step, to_a_person=False)
            else:
                self._on(step, self.view, then)
            return
        if is_as_kept(step, given):
            self._on(step, self.view, then)
            return
        kept = self._store(
            step,
            lambda: wiring.services().intakes.answer(
                self.visitor.token,
                self.view.intake.id,
                step.key,
                given,
                language=self.visitor.language,
                seen=seen(self.view.intake.id, step),
                client_key=secrets.token_hex(16),
            ),
        )
        if kept is not None:
            self._after(step, kept, then)

    def skip(self, step: Step, *, to_a_person: bool = False, then: str = "next") -> None:
        """Pass it over, or keep it for a person; what is typed here stays with the page."""
        draft_of(self.view.intake.id, step, keep=True)
        self._read_unsent(step)
        kept = self._skip(step, to_a_person=to_a_person)
        if kept is not None:
            self._on(step, kept.view, then)

    def hand_over(self, consent_key: str) -> None:
        """Give the answers to staff, as far as the visitor agreed."""
        consent = bool(st.session_state.get(consent_key))
        token, number = self.visitor.token, self.view.intake.id
        done = self._try("", lambda: wiring.services().intakes.hand_over(token, number, consent=consent))
        if done is not None:
            go_to("")

    def take_back(self) -> None:
        """The answers are the visitor's again."""
        token, number = self.visitor.token, self.view.intake.id
        if self._try("", lambda: wiring.services().intakes.take_back(token, number)) is not None:
            go_to("")

    def delete(self) -> None:
        """Erase the answers; the page forgets what was typed."""
        number = self.view.intake.id

        def gone() -> bool:
            wiring.services().intakes.delete(self.visitor.token, number)
            return True

        if self._try("", gone):
            forget_fields(number)
            leave()

    def _skip(self, step: Step, *, to_a_person: bool) -> Kept | None:
        return self._store(
            step,
            lambda: wiring.services().intakes.skip(
                self.visitor.token,
                self.view.intake.id,
                step.key,
                to_a_person=to_a_person,
                seen=seen(self.view.intake.id, step),
            ),
        )

    def _store(self, step: Step, do: Callable[[], Kept]) -> Kept | None:
        kept = self._try(step.key, do, step)
        if kept is not None and kept.number:
            now_seen(self.view.intake.id, step, kept.number)
        return kept

    def _try(self, place: str, do: Callable[[], T], step: Step | None = None) -> T | None:
        """Do it, or say at its place why it was not done; what was typed stays in its box."""
        st.session_state.pop(LINE_KEY, None)
        try:
            return do()
        except (BadInput, Conflict) as error:
            if step is not None and isinstance(error, Conflict):
                self._meet_the_other(step)
            line = str(error)
        except Exception as error:  # whatever broke: it is said, and danger is met all the same
            log.error("an answer broke: %s", type(error).__name__, exc_info=not isinstance(error, ForeroomError))
            line = self.visitor.words("intake.broken")
            if step is not None:
                self._read_unsent(step)
        st.session_state[LINE_KEY] = (place, line)
        movement.go(scroll="", announce=line)
        return None

    def _meet_the_other(self, step: Step) -> None:
        """Another device was faster: both answers are looked at, and the next sending is meant."""
        draft_of(self.view.intake.id, step, keep=True)
        fresh = wiring.services().intakes.view(self.visitor.token, self.view.intake.id)
        if fresh is not None and (there := fresh.step(step.key)) is not None:
            now_seen(self.view.intake.id, there)

    def _read_unsent(self, step: Step) -> None:
        """Words that are in the box and not stored are read for danger as well."""
        words = "\n".join(one.words for one in given_in(self.view.intake.id, step) if one.words)
        if words:
            self.unread(words)

    def _after(self, step: Step, kept: Kept, then: str) -> None:
        draft_of(self.view.intake.id, step, keep=not kept.number)
        if kept.number:  # else it was danger in words that fit no answer: they stay in the box
            self._on(step, kept.view, then)
        if kept.danger is not None:
            turns = wiring.services().reception.turns(self.visitor.token)
            if turns:
                movement.go(scroll=f".st-key-care-block-{turns[-1].number}")

    def _on(self, step: Step, view: View, then: str) -> None:
        st.session_state.pop(LINE_KEY, None)
        if then == "stay":
            return
        if then == "leave":
            leave()
        elif then == "all":
            show_all(True)
        elif then == "review":
            st.session_state.pop(CHANGING_KEY, None)
            go_to("")
        elif then == "back":
            before = view.before(step.key)
            go_to(step.key if before is None else before.key)
        elif st.session_state.pop(CHANGING_KEY, False):
            go_to("")
        else:
            following = view.next(step.key)
            go_to("" if following is None else following.key)


def go_to(key: str) -> None:
    """Show that question, or the review (""), and bring reader and keyboard there."""
    st.session_state[AT_KEY] = key
    movement.go(scroll=".st-key-intake-place", focus=f"{QUESTION}-{place_of(key)}")


def change(key: str) -> None:
    """From the review to one question, and back after it."""
    st.session_state[CHANGING_KEY] = True
    go_to(key)


def show_all(every: bool) -> None:
    """All questions on one page, or one at a time; what is kept is the same."""
    st.session_state[ALL_KEY] = every
    movement.go(scroll=".st-key-intake-place")


def leave() -> None:
    """Back to the conversation; everything that was sent is kept."""
    for key in (OPEN_KEY, AT_KEY, ALL_KEY, BEGIN_KEY, LINE_KEY, CHANGING_KEY, SURE_KEY):
        st.session_state.pop(key, None)
    movement.go(scroll=".st-key-intake-place")


def place_of(key: str) -> str:
    """A slot as a part of an element's id."""
    return "".join(letter if letter.isalnum() else "-" for letter in key) or "review"
