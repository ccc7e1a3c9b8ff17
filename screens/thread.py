"""The thread: each message with what came of it, from old to new."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import streamlit as st

from conversation.answer import Turn
from desk.reach import Reach
from desk.shown import Shown
from desk.transcript import Addressee
from knowledge.library import Library
from screens import wording
from screens.answer_card import answer_card, sentences
from screens.care_block import care_block
from screens.handover import handover
from screens.markup import shown
from screens.reply import reply_card
from screens.retrieved import retrieved
from screens.visitor import Visitor
from triage.decision import Care, Reason, Route

LATE = timedelta(minutes=1)  # an answer takes a second; after this it will not come by itself


@dataclass(frozen=True, slots=True)
class Actions:
    """What a visitor can do from the thread; every one stores before it shows."""

    send: Callable[[str], None]  # the visitor's own words, as if typed
    ask_person: Callable[[int], None]  # for one message, by its id
    leave_question: Callable[[int], None]  # a question the documents do not answer
    ask_again: Callable[[], None]
    other_language: Callable[[], None]
    link: Callable[[str], None]  # draws the private link's button
    helped: Callable[[int, bool], None]
    reach: Callable[[Reach], str]  # keeps how they may be reached; what to say about it
    which: Callable[[str], None]  # says which clinic may read the conversation
    who_reads: Callable[[], str]  # who can read what is written here, and for how long (HTML)


def thread(turns: tuple[Shown, ...], library: Library, visitor: Visitor, actions: Actions, *, workbench: bool) -> None:
    """Every turn, oldest first."""
    steps = wording.care_steps(turns)
    for shown_turn in turns:
        is_last = shown_turn is turns[-1]
        with st.container(key=f"turn-{shown_turn.number}"):
            st.html(bubble(shown_turn.text, shown_turn.at, visitor))
            if shown_turn.addressee is Addressee.DOCUMENTS:
                st.html(f'<p class="second understood">{shown(visitor.words("with_person.asked"))}</p>')
            if shown_turn.turn is None:
                late = datetime.now(UTC) - shown_turn.at > LATE
                key = "frame.unfinished" if late else "frame.looking"
                st.html(f'<p class="{"second" if late else "looking"}">{shown(visitor.words(key))}</p>')
            else:
                _came_of_it(
                    shown_turn, shown_turn.turn, library, visitor, actions, steps.get(shown_turn.id, 0), is_last
                )
                if workbench:
                    retrieved(str(shown_turn.number), shown_turn.turn, library, visitor)
            for reply in shown_turn.replies:
                reply_card(reply, shown_turn, library, visitor, actions.helped)


def keep_places(turns: tuple[Shown, ...]) -> None:
    """The place of every turn and nothing in it: what the browser has there stays as it stands."""
    for turn in turns:
        st.container(key=f"turn-{turn.number}")


def bubble(text: str, at: datetime, visitor: Visitor) -> str:
    """What the visitor typed, as text, whatever it holds."""
    return (
        f'<div class="said-by-you"><div><span class="unseen">{shown(visitor.words("answer.you_asked"))} </span>'
        f"{shown(text)} <time>{visitor.clock(at)}</time></div></div>"
    )


def _came_of_it(
    turn: Shown, made: Turn, library: Library, visitor: Visitor, actions: Actions, step: int, is_last: bool
) -> None:
    key, decision, words = str(turn.number), made.decision, visitor.words
    if decision.route is Route.CRISIS:
        care_block(
            key,
            wording.care(made, visitor.language, step),
            turn,
            visitor,
            step=step,
            answer=actions.send if is_last else None,
            other_language=actions.other_language if is_last else None,
            reach=actions.reach if is_last and turn.status is not None and turn.status.receives else None,
        )
        return
    if turn.silent:
        if turn.addressee is Addressee.INTAKE and turn.reference:
            _handed(key, turn, visitor, actions, visitor.words("intake.handed_title"))
        elif turn.addressee is Addressee.PERSON and turn.reference:
            _handed(key, turn, visitor, actions)
        else:
            st.html(f'<p class="person-ticket">{shown(words("silent.saved"))}</p>')
        return
    if decision.care is Care.STANDING and is_last:
        st.html(f'<div class="warm">{wording.standing(visitor.language)}</div>')
    elif decision.check_in:
        st.html(f'<div class="warm">{wording.check_in(visitor.language)}</div>')
    if made.understood_as:
        st.html(f'<p class="second understood">{shown(words("answer.understood", question=made.understood_as))}</p>')
    _answered(key, turn, made, library, visitor, actions)


def _answered(key: str, turn: Shown, made: Turn, library: Library, visitor: Visitor, actions: Actions) -> None:
    decision, words = made.decision, visitor.words
    handed, of_page = turn.reference is not None, Reason.ABOUT_PAGE in decision.reasons
    if of_page:
        with st.container(key=f"card-page-{key}"):
            st.html(wording.about_page(visitor.language) + actions.who_reads())
    if decision.route.needs_person or Reason.TROUBLE in decision.reasons or Reason.ANSWERS_OFF in decision.reasons:
        if turn.replies and not made.statements:  # the reply says all there is to say
            return
        quotes = bool(made.statements) and decision.route is not Route.SAFETY
        receives = turn.status is not None and turn.status.receives
        handover(
            key,
            turn,
            visitor,
            why=wording.why(decision, visitor.language),
            title=words("handover.title_staff" if receives else "handover.title_none"),
            medicine=wording.medicine(visitor.language) if decision.route is Route.SAFETY else "",
            link=actions.link,
            reach=actions.reach,
            which=actions.which,
            below=(lambda: sentences(key, made, library, visitor)) if quotes else None,
        )
        return
    if decision.route is Route.OUT_OF_SCOPE:
        with st.container(key=f"card-{key}"):
            st.html(f'<p class="card-text">{shown(wording.declined(decision, visitor.language))}</p>')
    elif decision.route is Route.NOT_IN_SOURCES:
        _not_in_documents(key, turn, made, library, visitor, actions)
    elif made.statements:
        ask = None if handed else lambda: actions.ask_person(turn.id)
        answer_card(key, made, library, visitor, ask)
    elif decision.route is Route.ANSWER and not of_page:
        st.html(f'<p class="second">{shown(words("answer.nothing_asked"))}</p>')
    if handed:
        _handed(f"{key}-asked", turn, visitor, actions)


def _handed(key: str, turn: Shown, visitor: Visitor, actions: Actions, title: str = "") -> None:
    """The visitor asked for a person, or handed something over."""
    title = title or visitor.words("handover.title_asked")
    handover(
        key,
        turn,
        visitor,
        why="",
        title=title,
        medicine="",
        link=actions.link,
        reach=actions.reach,
        which=actions.which,
    )


def _not_in_documents(key: str, turn: Shown, made: Turn, library: Library, visitor: Visitor, actions: Actions) -> None:
    words = visitor.words
    one = len({source.clinic for source in library.sources.values()}) == 1 or visitor.clinic is not None
    clinic = visitor.clinic or next((source.clinic for source in library.sources.values()), "")
    with st.container(key=f"card-{key}"):
        nothing = words("none.text_one", clinic=clinic) if one else words("none.text_both")
        st.html(f'<h2 class="card-title">{shown(words("none.title"))}</h2>')
        if made.statements:
            sentences(key, made, library, visitor)
        else:
            st.html(f'<p class="card-text">{shown(nothing)}</p>')
        if not turn.reference:
            st.html('<div class="rule"></div>')
            st.button(
                words("none.send"),
                type="primary",
                key=f"ask_leave_{key}",
                on_click=actions.leave_question,
                args=(turn.id,),
            )
            st.button(words("none.again"), type="tertiary", key=f"ask_again_{key}", on_click=actions.ask_again)
        if made.looked_in:
            looked = words("none.looked", sources=", ".join(made.looked_in))
            st.html(f'<p class="second">{shown(looked)}</p>')
