"""The intake's review: every answer with a way to change it, consent, handing over, taking back, deleting."""

import streamlit as st

import wiring
from intake.enclosed import FileState
from intake.engine import State, Step
from intake.intakes import View
from intake.questionnaire import Kind, Value
from intake.rows import Stage
from prompts.intake import intake_words
from screens.intake_files import lines_on
from screens.intake_moves import LINE_KEY, SURE_KEY, Moves, change, place_of, show_all
from screens.intake_question import question_of
from screens.markup import label, shown
from screens.visitor import Visitor


def review(visitor: Visitor, view: View, moves: Moves, *, foot_only: bool = False) -> None:
    """Everything that was said, and what can be done with it; `foot_only` below a page that shows it already."""
    say, one = intake_words(visitor.language), view.intake
    if not foot_only:
        title = say("review.title") if one.takes_answers else visitor.words("intake.yours")
        lead = say("review.lead") if one.takes_answers else _handed_over(visitor, view)
        st.html(
            f'<h3 class="intake-question" id="intake-question-review" tabindex="-1">{shown(title)}</h3>'
            f'<p class="card-text">{shown(lead)}</p>'
        )
        _answers(visitor, view)
    place, line = st.session_state.get(LINE_KEY, (None, ""))
    if line and place == "":
        st.html(f'<p class="intake-line" role="alert">{shown(line)}</p>')
    if one.takes_answers:
        _hand_over(visitor, view, moves)
        if not foot_only:
            st.button(say("step.form"), type="tertiary", key="intake_all_on", on_click=show_all, args=(True,))
    _staying(visitor, view)
    if one.stage is Stage.HANDED_OVER:
        st.button(say("review.withdraw"), key="intake_take_back", on_click=moves.take_back)
    _delete(visitor, moves)


def said(visitor: Visitor, step: Step, value: Value) -> str:
    """One value in the visitor's language."""
    if value.kind is Kind.BOOLEAN:
        return intake_words(visitor.language)("step.yes" if value.text == "true" else "step.no")
    option = step.item.chosen(value)
    if option is not None:
        return option.words.within(visitor.language) or value.text
    return f"{value.text} {value.code}".strip() if value.kind is Kind.QUANTITY else value.text


def _handed_over(visitor: Visitor, view: View) -> str:
    at = view.intake.handed_over_at
    assert at is not None
    say = intake_words(visitor.language)
    return say("review.handed_over", time=visitor.clock(at), reference=f"F-{view.intake.ticket}")


def _answers(visitor: Visitor, view: View) -> None:
    group = ""
    for step in view.path:
        heading = step.around[-1].words.within(visitor.language) if step.around else ""
        if heading != group:
            group = heading
            st.html(f'<h4 class="intake-group">{shown(heading)}</h4>')
        with st.container(key=f"intake-answer-{place_of(step.key)}", horizontal=True):
            st.html(_answer(visitor, view, step))
            if view.intake.takes_answers:
                words = intake_words(visitor.language)("review.change")
                hidden = label(question_of(visitor, step))
                st.button(
                    f"{words} :gray[{hidden}]",
                    type="tertiary",
                    key=f"intake_change_{place_of(step.key)}",
                    on_click=change,
                    args=(step.key,),
                )


def _answer(visitor: Visitor, view: View, step: Step) -> str:
    say, entry = intake_words(visitor.language), step.entry
    question = f'<p class="second">{shown(question_of(visitor, step))}</p>'
    if entry is not None and entry.state is State.ANSWERED:
        files, handed = view.files_of(step), not view.intake.takes_answers
        told = (value for place, value in enumerate(entry.values) if place not in {file.place for file in files})
        values = "".join(f'<p class="intake-said">{shown(said(visitor, step, value))}</p>' for value in told)
        return question + values + lines_on(say, files, handed_over=handed)
    if entry is not None and entry.state is State.TO_A_PERSON:
        line = say("step.for_a_person")
    else:
        line = say("step.skipped") if entry is not None else visitor.words("intake.open")
    needed = f" {say('step.required')}" if step.is_missing else ""
    return f'{question}<p class="intake-said second">{shown(line + needed)}</p>'


def _hand_over(visitor: Visitor, view: View, moves: Moves) -> None:
    say, key = intake_words(visitor.language), f"intake_consent_{view.intake.id}"
    with st.container(key="intake-consent"):
        unread = [file for file in view.files if file.state is FileState.WAITING]
        if unread:
            st.html(lines_on(say, unread) + f'<p class="small">{shown(say("step.file_unread_by_staff"))}</p>')
        operator = wiring.services().settings.operator
        st.checkbox(label(say("review.consent", operator=operator)), key=key)
        if wiring.services().intake_desk.has_record:
            st.html(f'<p class="small">{shown(say("review.record", operator=operator))}</p>')
        st.button(
            say("review.hand_over"), type="primary", key="intake_hand_over", on_click=moves.hand_over, args=(key,)
        )


def _staying(visitor: Visitor, view: View) -> None:
    """What taking back and deleting do not reach, beside them."""
    say, stays, operator = intake_words(visitor.language), view.stays, wiring.services().settings.operator
    lines = [say("review.danger_stays")] if stays.danger else []
    if stays.copied_at is not None:
        lines.append(say("review.copied", time=visitor.clock(stays.copied_at), operator=operator))
    elif stays.copy_tried:
        lines.append(say("review.copy_tried", operator=operator))
    if lines:
        st.html("".join(f'<p class="second intake-stays">{shown(line)}</p>' for line in lines))


def _delete(visitor: Visitor, moves: Moves) -> None:
    say = intake_words(visitor.language)
    with st.container(key="intake-delete", horizontal=True):
        if st.checkbox(label(say("review.delete")), key=SURE_KEY):
            st.button(visitor.words("intake.delete_yes"), key="intake_delete_yes", on_click=moves.delete)
