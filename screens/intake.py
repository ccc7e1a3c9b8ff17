"""The intake's place on the Ask page: the notice, one question or all of them, the review, and an offer to begin."""

from collections.abc import Callable
from functools import partial

import streamlit as st

import wiring
from desk.pace import Wait
from desk.shown import Shown
from errors import ForeroomError
from intake.follow_ups import FollowUp
from intake.intakes import View
from intake.questionnaire import Questionnaire
from intake.rows import Stage
from prompts.intake import intake_words
from screens import movement
from screens.intake_files import BEHIND_KEY, meet_danger, watch_files
from screens.intake_moves import ALL_KEY, AT_KEY, BEGIN_KEY, LINE_KEY, OPEN_KEY, PAST_KEY, Moves, go_to, leave
from screens.intake_question import all_questions, one_question
from screens.intake_review import review
from screens.markup import label, shown
from screens.visitor import Visitor, address_here
from triage.decision import Route

PLACE = ".st-key-intake-place"


def intake(visitor: Visitor, turns: tuple[Shown, ...], *, unread: Callable[[str], None]) -> None:
    """Draw what was begun, handed over or asked for; nothing while it cannot be read.

    `unread` meets danger in words that could not be stored.
    """
    at = st.session_state.get(AT_KEY, "") if not st.session_state.get(ALL_KEY) else ""
    meet_danger(turns, (st.session_state[OPEN_KEY], at) if at and OPEN_KEY in st.session_state else None)
    _place(visitor, turns, unread)
    watch_files(visitor)


def _place(visitor: Visitor, turns: tuple[Shown, ...], unread: Callable[[str], None]) -> None:
    try:
        mine = wiring.services().intakes.mine(visitor.token)
        waiting = wiring.services().intakes.waiting_follow_ups(visitor.token)
    except ForeroomError:
        return
    view = next((one for one in mine if one.intake.id == st.session_state.get(OPEN_KEY)), None)
    held = _is_held(turns)
    if (view is not None and view.waits) or (held and any(one.waits for one in mine)):
        if view is not None or any(one.intake.takes_answers for one in mine):
            st.html(f'<p class="second intake-waits">{shown(intake_words(visitor.language)("unfit.waits"))}</p>')
        _behind(visitor, view, unread)
        return
    if held:
        if view is not None:
            _on_hold(visitor, view, turns[-1].number)
        _behind(visitor, view, unread)
        return
    st.session_state.pop(BEHIND_KEY, None)
    if view is not None:
        _open(visitor, view, Moves(visitor, view, unread))
    elif wanted := _to_begin(waiting):
        _notice(visitor, *wanted)
    else:
        _resting(visitor, mine, waiting)


def is_open() -> bool:
    """A question, a review or a notice stands on the page; what else an empty page offers is left out."""
    return OPEN_KEY in st.session_state or BEGIN_KEY in st.session_state


def arrives_at(token: str) -> str:
    """Where a page that is opened again should stand (CSS selector): at what waits to be answered, or nowhere."""
    try:
        mine = wiring.services().intakes.mine(token)
        waits = bool(wiring.services().intakes.waiting_follow_ups(token))
    except ForeroomError:
        return ""
    return PLACE if waits or any(one.intake.takes_answers for one in mine) else ""


def _is_held(turns: tuple[Shown, ...]) -> bool:
    """Danger was the last thing that was said; whoever wants to go on says so."""
    last = turns[-1] if turns else None
    in_danger = last is not None and last.turn is not None and last.turn.decision.route is Route.CRISIS
    return in_danger and last is not None and st.session_state.get(PAST_KEY) != last.number


def _to_begin(waiting: tuple[FollowUp, ...]) -> tuple[Questionnaire, int | None] | None:
    """The questionnaire whose notice is shown, and the follow-up it answers."""
    house, wanted = wiring.services(), st.session_state.get(BEGIN_KEY)
    if wanted is None:
        return None
    name, follow_up = wanted
    offered = (*house.intakes.offered(), *(house.intake_desk.follow_ups_offered() if follow_up else ()))
    found = next((one for one in offered if one.name == name), None)
    asked = follow_up is None or any(one.id == follow_up for one in waiting)
    return (found, follow_up) if found is not None and asked else None


def _open(visitor: Visitor, view: View, moves: Moves) -> None:
    every, at = bool(st.session_state.get(ALL_KEY)), st.session_state.get(AT_KEY, "")
    asks = view.intake.takes_answers
    step = view.step(at) if asks and not every else None
    with st.container(key="intake-place"):
        with st.container(key="intake-head", horizontal=True):
            st.html(f'<h2 class="intake-name">{shown(view.questionnaire.title.within(visitor.language))}</h2>')
            if step is None:  # a single question saves what is typed in it before it is left
                name = intake_words(visitor.language)("step.leave") if asks else visitor.words("intake.close")
                st.button(name, key="intake_close", on_click=leave)
        if step is not None:
            one_question(visitor, view, step, moves)
        elif asks and every:
            all_questions(visitor, view, moves)
            review(visitor, view, moves, foot_only=True)
        else:
            review(visitor, view, moves)


def _notice(visitor: Visitor, questionnaire: Questionnaire, follow_up: int | None) -> None:
    """Before the first question: who reads it, how long it is kept, how to delete it."""
    say, settings = intake_words(visitor.language), wiring.services().settings
    lines = (
        say("notice.who", operator=settings.operator),
        say("notice.how_long", days=settings.keep_days),
        say("notice.how"),
        say("notice.danger"),
    )
    with st.container(key="intake-place"):
        texts = "".join(f'<p class="card-text">{shown(line)}</p>' for line in lines)
        st.html(
            f'<h2 class="card-title" id="intake-notice" tabindex="-1">{shown(say("notice.title"))}</h2>'
            f'<p class="second">{shown(_about(questionnaire, visitor.language))}</p>{texts}'
            f'<p class="small">{shown(questionnaire.notice.within(visitor.language))}</p>'
        )
        if line := st.session_state.get(LINE_KEY):
            st.html(f'<p class="intake-line" role="alert">{shown(line[1])}</p>')
        with st.container(key="intake-begin", horizontal=True):
            begin = partial(_begin, visitor, questionnaire.name, follow_up)
            st.button(say("notice.begin"), key="intake_begin", type="primary", on_click=begin)
            st.button(visitor.words("intake.not_now"), key="intake_not_now", on_click=leave)


def _about(questionnaire: Questionnaire, language: str) -> str:
    parts = (questionnaire.title.within(language), questionnaire.description.within(language))
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _begin(visitor: Visitor, name: str, follow_up: int | None) -> None:
    try:
        house = wiring.services()
        here = address_here(house.settings.trusted_proxies)
        view = house.begin_intake(
            visitor.token, name, visitor.language, clinic=visitor.clinic, follow_up=follow_up, address=here
        )
    except ForeroomError as error:
        st.session_state[LINE_KEY] = ("", str(error))
        return
    if isinstance(view, Wait):
        st.session_state[LINE_KEY] = ("", visitor.words(f"slow.{view.line}", seconds=view.seconds))
        return
    _resume(view)


def _resume(view: View) -> None:
    """Open it where it was left."""
    st.session_state.pop(BEGIN_KEY, None)
    st.session_state.pop(LINE_KEY, None)
    st.session_state[OPEN_KEY] = view.intake.id
    step = view.next()
    go_to("" if step is None else step.key)


def _show_notice(name: str, follow_up: int | None) -> None:
    st.session_state[BEGIN_KEY] = (name, follow_up)
    movement.go(scroll=PLACE, focus="#intake-notice")


def _behind(visitor: Visitor, view: View | None, unread: Callable[[str], None]) -> None:
    """The question danger came in front of while it was answered: unseen and out of reach, its box as it was."""
    behind = st.session_state.get(BEHIND_KEY)
    if view is None or not behind or view.intake.id != behind[0] or not view.intake.takes_answers:
        return
    step = view.step(behind[1])
    if step is not None:
        with st.container(key="intake-behind"):
            one_question(visitor, view, step, Moves(visitor, view, unread))


def _on_hold(visitor: Visitor, view: View, number: int) -> None:
    """A person has the word after danger; the questions wait until the visitor wants them."""
    with st.container(key="intake-place"):
        _rest(visitor, view)
        st.button(visitor.words("intake.go_on"), key="intake_go_on", on_click=_past, args=(number,))


def _past(number: int) -> None:
    st.session_state[PAST_KEY] = number
    movement.go(scroll=PLACE)


def _resting(visitor: Visitor, mine: tuple[View, ...], waiting: tuple[FollowUp, ...]) -> None:
    """What was begun or handed over, and what staff asked for."""
    words, house = visitor.words, wiring.services()
    begun = {(one.questionnaire.name, one.intake.follow_up) for one in mine if one.intake.takes_answers}
    asked = tuple(one for one in waiting if (one.name, one.id) not in begun)
    if mine or asked:
        with st.container(key="intake-place"):
            titles = {one.name: one.title.within(visitor.language) for one in house.intake_desk.follow_ups_offered()}
            for one in asked:
                with st.container(key=f"intake-rest-asked-{one.id}", horizontal=True):
                    line = words("intake.waits", title=titles.get(one.name, one.name))
                    st.html(f'<p class="card-text">{shown(line)}</p>')
                    st.button(
                        words("intake.see"),
                        key=f"intake_asked_{one.id}",
                        on_click=_show_notice,
                        args=(one.name, one.id),
                    )
            for view in mine:
                with st.container(key=f"intake-rest-{view.intake.id}", horizontal=True):
                    _rest(visitor, view)
                    name = words("intake.go_on") if view.intake.takes_answers else words("intake.look")
                    st.button(name, key=f"intake_resume_{view.intake.id}", on_click=_resume, args=(view,))


def offers(visitor: Visitor, turns: tuple[Shown, ...]) -> None:
    """What may be begun, quietly, below everything else; not after danger, and not what was begun before."""
    words, house = visitor.words, wiring.services()
    try:
        known = {one.questionnaire.name for one in house.intakes.mine(visitor.token)}
    except ForeroomError:
        return
    offered = [one for one in house.intakes.offered() if one.name not in known]
    if is_open() or _is_held(turns) or not offered:
        return
    with st.container(key=f"intake-offer-{'quiet' if turns else 'first'}"):
        for questionnaire in offered:
            title = questionnaire.title.within(visitor.language)
            st.html(f'<h2 class="offer-title">{shown(title)}</h2><p class="second">{shown(words("intake.offer"))}</p>')
            st.button(
                label(words("intake.prepare", title=title)),
                key=f"intake_offer_{questionnaire.name}",
                on_click=_show_notice,
                args=(questionnaire.name, None),
            )


def _rest(visitor: Visitor, view: View) -> None:
    """Where one intake stands, from its own row."""
    say, one = intake_words(visitor.language), view.intake
    title = view.questionnaire.title.within(visitor.language)
    if one.stage is Stage.HANDED_OVER and one.handed_over_at is not None:
        line = say("review.handed_over", time=visitor.clock(one.handed_over_at), reference=f"F-{one.ticket}")
    else:
        done = view.progress.answered + view.progress.skipped
        said = visitor.words("intake.resting", done=done, total=view.progress.total)
        line = said if done else visitor.words("intake.open")
        if one.stage is Stage.TAKEN_BACK and one.ended_at is not None:
            line = f"{say('review.withdrawn', time=visitor.clock(one.ended_at))} {line}"
    st.html(f'<p class="card-text"><b>{shown(title)}</b><br>{shown(line)}</p>')
