"""Beside the reply: what was said, why it came, what the visitor reads now, who was told, notes."""

import re
from collections.abc import Iterable

import streamlit as st

import wiring
from desk.drafting import Reply
from desk.reach import How
from desk.roles import Action
from desk.shown import Shown
from desk.status import Status, Step
from desk.transcript import Addressee
from desk.workbench import Bench
from screens.desk_frame import Colleague, act, go, in_words
from screens.desk_queue import CHANNELS, ROUTES, sort_of, told_line
from screens.markup import shown
from triage.decision import Care
from triage.reasons import reasons

CARE = {
    Care.ASKED: "The page asked whether they are safe; that stands open.",
    Care.STANDING: "They said they are safe for now; answers stand under a standing line.",
    Care.WITH_A_PERSON: "A person is in the conversation.",
}


def conversation(here: Colleague, bench: Bench) -> None:
    """What was said, and why it came."""
    st.html('<h2 class="column">Conversation</h2>')
    if not bench.conversation:
        st.html('<p class="second">The visitor deleted this conversation, and its words were destroyed.</p>')
    elif bench.deleted_at:
        st.html(
            '<p class="second">The visitor deleted this conversation. You can read it until this ticket is closed; '
            "a reply would not reach them.</p>"
        )
    st.html("".join(_said(here, one, one.number >= bench.ticket.waits_from) for one in bench.conversation))
    st.html(_why(bench))


def aside(here: Colleague, bench: Bench, others: tuple[str, ...]) -> None:
    """What the visitor reads now, who was told, who looks, earlier tickets, notes, the trail."""
    st.html(_visitor_reads(here, bench))
    if bench.reach is not None:
        st.html(_reach(bench))
    if bench.told:
        st.html(f'<p class="second">Alerts: {shown(told_line(here, bench.told))}.</p>')
    for name, at in {one.name: one.at for one in reversed(bench.seen)}.items():
        st.html(f'<p class="second">Seen by {shown(name)} at {shown(here.clock(at))}.</p>')
    who = ", ".join(others)
    st.html(f'<p class="second">{shown(who) + " also has this open." if who else "Nobody else is looking."}</p>')
    _earlier(bench)
    _notes(here, bench)
    with st.expander("What happened to this ticket", key="desk_trail"):
        lines = (
            f"<li>{shown(here.clock(one.at))} · {shown(one.actor)} · {shown(one.action)}</li>" for one in bench.trail
        )
        st.html(f'<ul class="trail">{"".join(lines)}</ul>')


def _said(here: Colleague, one: Shown, waits: bool) -> str:
    """One message, what the program showed below it, and the replies (HTML)."""
    decided = one.turn.decision.words if one.turn else ()
    to = " To a person." if one.silent else " To the documents." if one.addressee is Addressee.DOCUMENTS else ""
    to = " In the intake." if one.addressee is Addressee.INTAKE else to
    parts = [
        f'<div class="bubble{" waits" if waits else ""}" id="message-{one.id}">{marked(one.text, decided)}</div>'
        f'<p class="small">Visitor, {shown(here.clock(one.at))}.{to}</p>'
    ]
    if one.turn and one.turn.statements:
        lines = "".join(f"<li>{shown(statement.text)}</li>" for statement in one.turn.statements)
        summary = f"<summary>The page showed {len(one.turn.statements)} sentences</summary>"
        parts.append(f'<details class="program">{summary}<ul>{lines}</ul></details>')
    elif one.turn and not one.silent:
        parts.append(f'<p class="small">The page quoted nothing. {ROUTES[one.turn.decision.route]}.</p>')
    parts += [_reply(here, reply) for reply in one.replies]
    return "".join(parts)


def _reply(here: Colleague, reply: Reply) -> str:
    cited = "".join(f'<p class="document">{shown(statement.text)}</p>' for statement in reply.citations)
    helped = {True: " It helped.", False: " Not yet, said the visitor.", None: ""}[reply.helped]
    return (
        f'<div class="replied"><p>{shown(reply.text)}</p>{cited}</div>'
        f'<p class="small">{shown(reply.name)}, {shown(here.clock(reply.at))}.{helped}</p>'
    )


def marked(text: str, words: Iterable[str]) -> str:
    """The text with the deciding words in plum (HTML)."""
    wanted = deciding(words)
    if not wanted:
        return shown(text)
    pattern = re.compile("|".join(re.escape(word) for word in wanted), re.IGNORECASE)
    parts, at = [], 0
    for match in pattern.finditer(text):
        parts.append(shown(text[at : match.start()]) + f'<b class="decided">{shown(match.group())}</b>')
        at = match.end()
    return "".join(parts) + shown(text[at:])


def deciding(words: Iterable[str]) -> list[str]:
    """The words that decided, without those that only repeat others with more around them."""
    all_of = list(dict.fromkeys(word for word in words if word.strip()))
    return [word for word in all_of if not any(one != word and one.lower() in word.lower() for one in all_of)]


def _why(bench: Bench) -> str:
    codes = reasons()
    lines = "".join(f"<li>{shown(codes[reason].staff)}</li>" for reason in bench.ticket.reasons)
    turns = [one.turn.decision for one in bench.conversation if one.turn and one.number >= bench.ticket.waits_from]
    words = deciding(word for decision in turns for word in decision.words)
    because = ", ".join(f'“<b class="decided">{shown(word)}</b>”' for word in words)
    care = f"<p>{CARE[bench.care]}</p>" if bench.care in CARE else ""
    return (
        f'<section class="beside plum"><h2>Why it came to you</h2><p><b>{sort_of(bench.ticket)}</b>'
        f"{': ' + because if because else ''}</p><ul>{lines}</ul>{care}</section>"
    )


def _visitor_reads(here: Colleague, bench: Bench) -> str:
    if bench.pasted:
        summary = "<summary>Signature and history, cut</summary>"
        cut = f'<details class="program">{summary}<p class="kept">{shown(bench.pasted.cut)}</p></details>'
        return (
            '<section class="beside"><h2>Pasted mail</h2><p class="second">'
            f"Taken in {shown(here.clock(bench.pasted.at))}. Its writer has no page here and is answered by mail.</p>"
            f"{cut if bench.pasted.cut else ''}</section>"
        )
    lines = "".join(f"<li>{shown(line)}</li>" for line in status_lines(here, bench.visitor_reads))
    return f'<section class="beside"><h2>Visitor reads now</h2><ul>{lines}</ul></section>'


def status_lines(here: Colleague, status: Status) -> list[str]:
    """What the visitor may be told now, each line from its own row."""
    lines = []
    for step in status.steps():
        match step:
            case Step.SAVED:
                lines.append(f"Saved at {here.clock(status.saved_at)}, reference {status.reference}")
            case Step.ALERTED if status.alerted_at:
                lines.append(f"The team was alerted at {here.clock(status.alerted_at)}")
            case Step.SEEN if status.seen:
                lines.append(f"Seen by {status.seen.name} at {here.clock(status.seen.at)}")
            case Step.ANSWERED if status.answered:
                lines.append(f"Answered by {status.answered.name} at {here.clock(status.answered.at)}")
            case Step.WHICH_CLINIC:
                lines.append("The visitor is asked which clinic should read it")
            case Step.NOBODY_RECEIVES:
                lines.append("Nobody receives messages on this installation yet")
            case Step.OUT_OF_HOURS:
                lines.append("Outside the desk's hours")
            case Step.CLOSED:
                lines.append("Closed")
            case _:
                pass
    return lines


def _reach(bench: Bench) -> str:
    left = bench.reach
    assert left is not None
    how = CHANNELS.get(left.how.value, left.how.value)
    parts = [f"{shown(left.name) + ', ' if left.name else ''}by {shown(how)}: <b>{shown(left.address)}</b>"]
    if left.when:
        parts.append(f"When: {shown(left.when)}")
    if left.how is How.PHONE:
        parts.append("A voicemail may be left" if left.voicemail else "No voicemail")
    return f'<section class="beside"><h2>How to reach them</h2><p>{". ".join(parts)}.</p></section>'


def _earlier(bench: Bench) -> None:
    if not bench.earlier:
        st.html('<p class="second">No earlier tickets.</p>')
        return
    with st.container(key="desk-earlier", horizontal=True):
        for one in bench.earlier:
            ended = f", {in_words(one.outcome.value)}" if one.outcome else ""
            st.button(
                f"{one.reference}{ended}",
                key=f"desk_earlier_{one.id}",
                type="tertiary",
                on_click=go,
                kwargs={"ticket": one.id},
            )


def _notes(here: Colleague, bench: Bench) -> None:
    """Remarks among staff."""
    lines = "".join(
        f'<div class="note"><p>{shown(note.text)}</p>'
        f'<p class="small">{shown(note.name)}, {shown(here.clock(note.at))}</p></div>'
        for note in bench.notes
    )
    st.html(f'<section class="notes"><h2>Notes among staff</h2>{lines or "<p class=second>None yet.</p>"}</section>')
    if here.may(Action.NOTE) and bench.conversation:
        key = f"desk_note_{bench.ticket.id}_{len(bench.notes)}"
        with st.form(f"{key}_form", border=False):
            st.text_area("A note; it never leaves the desk", key=key, height=80)
            st.form_submit_button("Keep the note", on_click=_keep_note, args=(here, bench.ticket.id, key))


def _keep_note(here: Colleague, number: int, key: str) -> None:
    text = st.session_state.get(key, "")
    act(lambda: wiring.services().desk.note(here.session, number, text))
