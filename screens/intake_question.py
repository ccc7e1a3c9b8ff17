"""The intake's questions: one at a time with its progress, or all of them on one page; both over the same answers."""

from functools import partial

import streamlit as st

from intake.enclosed import FileState
from intake.engine import State, Step
from intake.intakes import View
from prompts.intake import intake_words
from screens.intake_fields import fields
from screens.intake_files import DRAWN_KEY, lines_on
from screens.intake_moves import ALL_KEY, CHANGING_KEY, LINE_KEY, Moves, go_to, place_of
from screens.markup import shown
from screens.visitor import Visitor


def one_question(visitor: Visitor, view: View, step: Step, moves: Moves) -> None:
    """One question, why it is asked, its fields, and the ways on."""
    say, key = intake_words(visitor.language), step.key
    st.session_state[DRAWN_KEY] = (view.intake.id, key)
    others = [file for file in view.files if file.slot != key]
    unreadable = lines_on(say, (file for file in others if file.state is FileState.UNREADABLE))
    st.html(_progress(visitor, view, step) + unreadable + _asked(visitor, step, "intake-question"))
    with st.form(f"intake_form_{view.intake.id}_{place_of(key)}", border=False):
        files = view.files_of(step)
        fields(view.intake.id, step, visitor, question=question_of(visitor, step), files=files)
        _line(step)
        with st.container(key="intake-ways", horizontal=True):  # first in the order of keys, last to the eye
            st.form_submit_button(
                say("step.next"), type="primary", key="intake_next", on_click=moves.answer, args=(step,)
            )
            back = partial(moves.answer, step, "back")
            first = view.before(key) is None
            st.form_submit_button(say("step.back"), key="intake_back", on_click=back, disabled=first)
            st.form_submit_button(say("step.skip"), key="intake_skip", on_click=moves.skip, args=(step,))
        with st.container(key="intake-others", horizontal=True):
            if not step.asks_for_another:
                tell = partial(moves.skip, step, to_a_person=True)
                st.form_submit_button(say("step.person"), type="tertiary", key="intake_person", on_click=tell)
            st.form_submit_button(
                say("step.leave"), type="tertiary", key="intake_leave", on_click=partial(moves.answer, step, "leave")
            )
        with st.container(key="intake-views", horizontal=True):
            every, over = partial(moves.answer, step, "all"), partial(moves.answer, step, "review")
            st.form_submit_button(say("step.form"), type="tertiary", key="intake_all_on", on_click=every)
            st.form_submit_button(say("review.title"), type="tertiary", key="intake_review", on_click=over)
    if waiting := lines_on(say, (file for file in others if file.state is FileState.WAITING)):
        st.html(waiting)


def all_questions(visitor: Visitor, view: View, moves: Moves) -> None:
    """Every question on one page; each is kept as soon as its field is left."""
    say = intake_words(visitor.language)
    st.button(say("step.single"), type="tertiary", key="intake_all_off", on_click=_one, args=(view,))
    st.html(f'<p class="second">{shown(visitor.words("intake.kept_as_you_go"))}</p>')
    for step in view.path:
        with st.container(key=f"intake-item-{place_of(step.key)}"):
            st.html(_asked(visitor, step, "intake-among"))
            stay = partial(moves.answer, step, "stay")
            asked, files = question_of(visitor, step), view.files_of(step)
            fields(view.intake.id, step, visitor, question=asked, files=files, keep=stay)
            _line(step)
            with st.container(key=f"intake-state-{place_of(step.key)}", horizontal=True):
                st.html(f'<p class="small" role="status">{shown(_state(visitor, step))}</p>')
                if not step.asks_for_another and (step.entry is None or step.entry.state is not State.TO_A_PERSON):
                    tell = partial(moves.skip, step, to_a_person=True, then="stay")
                    name = f"intake_person_{place_of(step.key)}"
                    st.button(say("step.person"), type="tertiary", key=name, on_click=tell)


def question_of(visitor: Visitor, step: Step) -> str:
    """What is asked, in the visitor's language."""
    if step.asks_for_another:
        return intake_words(visitor.language)("step.another")
    return step.item.words.within(visitor.language)


def _one(view: View) -> None:
    """Back to single questions, at the first that nothing was said to."""
    st.session_state.pop(ALL_KEY, None)
    st.session_state.pop(CHANGING_KEY, None)
    step = view.next()
    go_to("" if step is None else step.key)


def _asked(visitor: Visitor, step: Step, name: str) -> str:
    """The question, what stands above it, and why it is asked (HTML); `name` begins the id of its heading."""
    say, language = intake_words(visitor.language), visitor.language
    parts = []
    if step.around:
        copy = f" {step.slot.rows[-1] + 1}" if step.slot.rows and step.slot.rows[-1] else ""
        parts.append(f'<p class="second">{shown(step.around[-1].words.within(language) + copy)}</p>')
    parts += [f'<p class="card-text">{shown(one.words.within(language))}</p>' for one in step.before]
    place = place_of(step.key)
    needed = (
        f'<p class="small">{shown(say("step.required"))}</p>' if step.item.required and not step.is_answered else ""
    )
    parts.append(
        f'<h3 class="intake-question" id="{name}-{place}" tabindex="-1">{shown(question_of(visitor, step))}</h3>'
    )
    if not step.asks_for_another and (why := step.item.why.within(language)):
        parts.append(f'<p class="intake-why">{shown(say("step.why", why=why))}</p>')
    return "".join(parts) + needed


def _progress(visitor: Visitor, view: View, step: Step) -> str:
    """Where one is, in words and as a bar: answered filled, skipped hollow, this one in the lamp's edge (HTML)."""
    say, progress = intake_words(visitor.language), view.progress
    questions = [one for one in view.path if not one.asks_for_another]
    before = [one for one in view.path[: view.path.index(step) + 1] if not one.asks_for_another]
    place, total = max(len(before), 1), len(questions)
    at = before[-1].key if before else ""
    parts = [say("step.progress", place=place, total=total)]
    if progress.minutes_left > 1:
        parts.append(say("step.minutes", minutes=progress.minutes_left))
    if progress.answered or progress.skipped:
        parts.append(say("step.saved"))
    marks = "".join(f'<i class="{_mark(one, one.key == at)}"></i>' for one in questions)
    said = visitor.words(
        "intake.progress", place=place, total=total, answered=progress.answered, skipped=progress.skipped
    )
    return (
        f'<p class="second">{shown(" · ".join(parts))}</p>'
        f'<div class="intake-bar" role="progressbar" aria-valuemin="0" aria-valuemax="{total}" aria-valuenow="{place}" '
        f'aria-label="{shown(said)}" aria-valuetext="{shown(said)}">{marks}</div>'
    )


def _mark(step: Step, is_here: bool) -> str:
    if is_here:
        return "here"
    return "ahead" if step.entry is None else "answered" if step.is_answered else "skipped"


def _state(visitor: Visitor, step: Step) -> str:
    say = intake_words(visitor.language)
    if step.entry is None:
        return visitor.words("intake.open")
    return {
        State.ANSWERED: say("step.saved").capitalize(),
        State.SKIPPED: say("step.skipped"),
        State.TO_A_PERSON: say("step.for_a_person"),
    }[step.entry.state]


def _line(step: Step) -> None:
    """What is wrong with this answer, where it is written; and what another device kept here."""
    place, line = st.session_state.get(LINE_KEY, (None, ""))
    if place == step.key:
        kept = " / ".join(value.text for value in step.entry.values) if step.entry else ""
        beside = f'<span class="second">{shown(kept)}</span>' if kept else ""
        st.html(f'<p class="intake-line" role="alert">{shown(line)} {beside}</p>')
