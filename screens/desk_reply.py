"""The ticket's middle column: the protocol in danger, the draft saved as it is written, the preview, sending once."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

import wiring
from conversation.answer import Statement
from desk.canned import Canned, canned_replies
from desk.drafting import Reply
from desk.roles import Action
from desk.ticket import Stage
from desk.workbench import Bench
from desk.writing import Preview, Written
from errors import ForeroomError
from prompts.page import page_words
from screens.desk_frame import SAID_KEY, Colleague, act
from screens.desk_marks import marks, to_settle
from screens.language_model import for_writers
from screens.markup import label, shown
from screens.reply import reply_card
from screens.visitor import View, Visitor
from triage.decision import Language

LONG = 600  # characters of a draft from which its box is higher


def reply(here: Colleague, bench: Bench) -> None:
    """What this person can write now, if anything."""
    if bench.ticket.is_danger:
        _protocol(here, bench)
    st.html('<h2 class="column">Your reply</h2>')
    mine = bool(bench.holder) and bench.ticket.holder == here.person.id
    if mine and here.may(Action.WRITE) and bench.conversation:
        preview = st.session_state.get(_key("preview", bench))
        if preview is None:
            _editor(here, bench)
        else:
            _read_as_visitor(here, bench, preview)
    else:
        _not_now(here, bench)
    for draft in bench.other_drafts:
        st.html(
            '<section class="beside"><h2>A colleague wrote this and did not send it</h2>'
            f'<p class="kept">{shown(draft.text)}</p></section>'
        )
        marks(here, bench, draft, None)


def _protocol(here: Colleague, bench: Bench) -> None:
    """The clinic's steps; who ticked each one, and when, stays."""
    with st.container(key="desk-protocol"):
        if bench.conversation:  # on a phone the conversation stands below
            st.html(f'<div class="bubble waits newest">{shown(bench.conversation[-1].text)}</div>')
        st.html('<h2 class="column">Protocol</h2><p class="small">Not yet reviewed by a clinician.</p>')
        for step in bench.steps:
            done = f" · {label(step.done_by)}, {label(here.clock(step.done_at))}" if step.done_at else ""
            st.checkbox(
                f"{label(step.text)}{done}",
                value=bool(step.done_at),
                key=f"desk_step_{bench.ticket.id}_{step.item}",
                disabled=bool(step.done_at) or not here.may(Action.CHECK_OFF),
                on_change=act,
                args=(lambda item=step.item: wiring.services().desk.check_off(here.session, bench.ticket.id, item),),
            )


def _not_now(here: Colleague, bench: Bench) -> None:
    """Why there is nothing to write in; words written before stand below it."""
    ticket = bench.ticket
    if bench.holder:
        line = f"{bench.holder} is writing."
        if bench.draft and bench.draft.text:
            line = f"{bench.holder} took this a moment ago. Your text is kept below."
    elif ticket.stage is Stage.CLOSED:
        line = "This ticket is closed."
    elif ticket.stage is Stage.ANSWERED:
        line = "A reply was sent. The ticket opens again when the visitor writes back."
        if bench.pasted:
            line = "A reply was sent by mail, as its writer said here. Paste the next mail in when it comes."
    elif not here.may(Action.WRITE):
        line = "You may look, and not write."
    else:
        line = "Take it to write."
    st.html(f'<p class="second">{shown(line)}</p>')
    if bench.draft and bench.draft.text and not bench.draft.is_sent:
        st.html(f'<section class="beside"><h2>Your text</h2><p class="kept">{shown(bench.draft.text)}</p></section>')


def _key(what: str, bench: Bench) -> str:
    """A place in the session for this draft; a sent one leaves it to the next."""
    return f"desk_{what}_{bench.ticket.id}_{sum(len(one.replies) for one in bench.conversation)}"


def citations(bench: Bench) -> tuple[Statement, ...]:
    """What the draft in hand cites."""
    found: tuple[Statement, ...] = st.session_state.setdefault(
        _key("cites", bench), bench.draft.citations if bench.draft else ()
    )
    return found


def cite(here: Colleague, bench: Bench, statement: Statement) -> None:
    """Put a sentence of a document below the draft, or take it away; the draft is saved with it."""
    before = citations(bench)
    after = tuple(one for one in before if one.span != statement.span)
    st.session_state[_key("cites", bench)] = after if len(after) < len(before) else (*before, statement)
    _save(here, bench)


def _editor(here: Colleague, bench: Bench) -> None:
    key = _key("text", bench)
    if key not in st.session_state:
        st.session_state[key] = bench.draft.text if bench.draft and not bench.draft.is_sent else ""
    with st.container(key="desk-writing"):
        st.text_area(
            "What the visitor will read",
            key=key,
            height=230 if len(str(st.session_state[key])) < LONG else 430,
            label_visibility="collapsed",
            max_chars=20_000,
            placeholder="Write to the visitor. Every change is saved.",
            on_change=_keep,
            args=(here, bench),
        )
    for number, statement in enumerate(citations(bench), 1):
        with st.container(key=f"desk-cited-{number}", horizontal=True):
            st.html(f'<p class="document">{shown(statement.text)}</p><p class="small">{shown(statement.clinic)}</p>')
            st.button("Take out", key=f"desk_uncite_{number}", on_click=cite, args=(here, bench, statement))
    judged = marks(here, bench, bench.draft, partial(_change, here, bench)) if bench.draft else ()
    with st.container(key="desk-foot", horizontal=True):
        left = to_settle(judged)
        st.html(f'<p class="second" role="status">{shown(f"{left} {_saved(here, bench)}".strip())}</p>')
        _canned(here, bench)
        if not bench.ticket.is_danger:
            st.button("Propose a draft", key="desk_compose", on_click=_propose, args=(here, bench))
        st.button("Read as visitor", key="desk_preview", type="primary", on_click=_preview, args=(here, bench))
    _about_model(bench)


def _about_model(bench: Bench) -> None:
    told = for_writers(wiring.services().model)
    if told and not bench.ticket.is_danger:
        st.html(told)


def _change(here: Colleague, bench: Bench, before: str, after: str) -> None:
    """Correct one sentence of the draft where it stands."""
    key = _key("text", bench)
    st.session_state[key] = str(st.session_state.get(key, "")).replace(before, after, 1)
    _save(here, bench)


def _propose(here: Colleague, bench: Bench) -> None:
    """A draft of cited evidence, below what is written already."""
    key = _key("text", bench)
    text = str(st.session_state.get(key, ""))

    def propose() -> None:
        written = wiring.services().desk.compose(here.session, bench.ticket.id, text, citations(bench))
        st.session_state[key] = written.draft.text
        st.session_state[_key("saved", bench)] = written.draft.saved_at

    act(propose)


def _saved(here: Colleague, bench: Bench) -> str:
    at = st.session_state.get(_key("saved", bench)) or (bench.draft.saved_at if bench.draft else None)
    return f"Saved {at.astimezone(here.zone):%H:%M:%S}." if isinstance(at, datetime) else "Nothing written yet."


def _keep(here: Colleague, bench: Bench) -> None:
    _save(here, bench)


def _save(here: Colleague, bench: Bench) -> Written | None:
    """Keep what stands in the box; if that fails the box keeps it, and the page says so."""
    text = st.session_state.get(_key("text", bench), "")
    try:
        written = wiring.services().desk.write(here.session, bench.ticket.id, text, citations(bench))
    except ForeroomError as error:
        st.session_state[SAID_KEY] = f"{error} Your text stands in the box and is not saved."
        return None
    st.session_state[_key("saved", bench)] = written.draft.saved_at
    if not written.holds:
        st.session_state[SAID_KEY] = "Somebody else has this ticket now. Your text is kept below."
    return written


def _canned(here: Colleague, bench: Bench) -> None:
    language = next((one.turn.decision.language for one in reversed(bench.conversation) if one.turn), Language.ENGLISH)
    try:
        replies = canned_replies(language, wiring.services().library)
    except ForeroomError as error:
        st.html(f'<p class="second">{shown(str(error))}</p>')
        return
    with st.popover("Begin with", key="desk_canned"):
        for one in replies:
            st.button(label(one.title), key=f"desk_canned_{one.name}", on_click=_begin_with, args=(here, bench, one))
            reviewed = f"Reviewed by {one.reviewed_by}, {one.reviewed_on}" if one.reviewed_by else "Not yet reviewed"
            cited = f", cites {len(one.citations)} sentences" if one.citations else ""
            st.html(f'<p class="small">{shown(one.text)}</p><p class="small">{shown(reviewed)}{cited}.</p>')


def _begin_with(here: Colleague, bench: Bench, chosen: Canned) -> None:
    """Below what is written already; nothing is replaced."""
    key = _key("text", bench)
    before = str(st.session_state.get(key, "")).rstrip()
    st.session_state[key] = f"{before}\n\n{chosen.text}" if before else chosen.text
    held = {one.span for one in citations(bench)}
    st.session_state[_key("cites", bench)] = (
        *citations(bench),
        *(one for one in chosen.citations if one.span not in held),
    )
    _save(here, bench)


def _preview(here: Colleague, bench: Bench) -> None:
    written = _save(here, bench)
    if written is None or not written.holds:
        return
    if not written.draft.text.strip():
        st.session_state[SAID_KEY] = "There is nothing to send yet."
        return

    def read() -> None:
        st.session_state[_key("preview", bench)] = wiring.services().desk.preview(here.session, written.draft.id)

    act(read)


def _read_as_visitor(here: Colleague, bench: Bench, preview: Preview) -> None:
    """Exactly what the visitor will read, and the one question: send it?"""
    last = bench.conversation[-1]
    language = last.turn.decision.language.value if last.turn else "en"
    visitor = Visitor("", True, language, language, None, View.PLAIN, here.zone, page_words(language))
    with st.container(key="desk-preview"):
        st.html('<p class="second">The visitor will read exactly this.</p>')
        draft = Reply(0, preview.name, preview.role, datetime.now(UTC), preview.text, preview.citations)
        reply_card(draft, last, wiring.services().library, visitor, lambda _reply, _helped: None)
        for concern in preview.concerns:
            st.html(
                f'<p class="concern">This promises what nobody can hold: “{shown(concern.words)}”. '
                "Say it differently before you send it.</p>"
            )
        if preview.unsettled:
            st.html(f'<p class="concern">{shown(preview.unsettled)}</p>')
        if bench.pasted and not preview.unsettled:
            st.html('<p class="second">It came as mail. Copy the reply, send it as mail, then say so here.</p>')
            st.code(preview.text, language=None, wrap_lines=True)
        with st.container(key="desk-send-foot", horizontal=True):
            st.button("Keep writing", key="desk_keep_writing", on_click=_keep_writing, args=(bench,))
            st.button(
                "I have sent it by mail" if bench.pasted else "Send to the visitor",
                key="desk_send",
                type="primary",
                disabled=bool(preview.concerns or preview.unsettled),
                on_click=_send,
                args=(here, bench, preview),
            )


def _keep_writing(bench: Bench) -> None:
    st.session_state.pop(_key("preview", bench), None)


def _send(here: Colleague, bench: Bench, preview: Preview) -> None:
    """Once: a second press finds it sent; whatever refuses it, the words stay in the draft."""
    said = "Kept as sent by mail." if bench.pasted else "Your reply was sent."
    act(lambda: wiring.services().desk.send(here.session, preview.draft, preview.fingerprint), said)
    _keep_writing(bench)
