"""Triage as staff see it: what each reader makes of a message, by which words, and who reviewed the files behind it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

import conversation
import desk
import prompts
import triage as room
import wiring
from prompts.resources import resources
from screens.desk_conversation import marked
from screens.desk_frame import Colleague, in_words
from screens.desk_queue import ROUTES
from screens.markup import shown
from triage.decision import Care, Decision, Message, Verdict
from triage.reasons import reasons

FOLDERS = tuple(Path(one.__path__[0]) for one in (room, prompts, desk, conversation))
FIELDS = ("reviewed_by", "reviewed_on")
FIELD = {name: re.compile(rf'^{name}[ ]*[:=][ ]*"?([^"\n]*)"?[ ]*$', re.MULTILINE) for name in FIELDS}


def triage(_here: Colleague) -> None:
    """Try a message, and see which files wait for a review."""
    with st.container(key="desk-page"):
        st.html('<h2 class="column">Try a message</h2><p class="second">What you type here is not stored.</p>')
        with st.container(key="desk-trying"):
            text = st.text_area(
                "A message",
                key="desk_try",
                height=100,
                label_visibility="collapsed",
                placeholder="Type what a visitor might write",
            )
            st.button("Read it", key="desk_try_read")
        if text.strip():
            reader = wiring.services().parts.triage
            decision = reader(Message(text))
            alone = '<p class="notice">The second reader is not there: the rules decide alone.</p>'
            st.html((alone if getattr(reader, "by_rules_alone", False) else "") + _decision(text, decision))
        _files()


def _decision(text: str, decision: Decision) -> str:
    codes = reasons()
    why = "".join(f"<li>{shown(codes[reason].staff)}</li>" for reason in decision.reasons)
    care = "" if decision.care is Care.NONE else f" · care: {in_words(decision.care.value)}"
    warm = " · one warm line" if decision.check_in else ""
    rows = "".join(_verdict(one) for one in decision.verdicts) or '<tr><td colspan="4">No reader objects.</td></tr>'
    return (
        f'<section class="beside plum"><h2>{ROUTES[decision.route]}</h2>'
        f'<p class="second">How soon: {in_words(decision.urgency.value)}{care}{warm}</p>'
        f"<p>{marked(text, decision.words)}</p><ul>{why}</ul></section>"
        '<div class="table"><table><thead><tr><th>Reader</th><th>Verdict</th><th>Words</th><th>How sure</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _verdict(one: Verdict) -> str:
    reason = f", {in_words(one.reason.value)}" if one.reason else ""
    sure = f"{one.score:.0%}" if one.score is not None else "a rule"
    words = f'<b class="decided">{shown(one.words)}</b>' if one.words else "the whole message"
    verdict = in_words(one.route.value) + reason
    return f"<tr><td>{shown(one.reader)}</td><td>{verdict}</td><td>{words}</td><td>{sure}</td></tr>"


def reviewed_files() -> list[tuple[str, str, str]]:
    """Every file with clinical wording: its name, its reviewer and the date; both empty until it was reviewed."""
    found = []
    for folder in FOLDERS:
        for path in sorted([*folder.rglob("*.toml"), *folder.rglob("*.md")]):
            head = path.read_text(encoding="utf-8")[:4000]
            by, on = (FIELD[name].search(head) for name in FIELD)
            if by is not None:
                found.append((str(path.relative_to(folder.parent)), by[1].strip(), on[1].strip() if on else ""))
    return found


def _numbers() -> str:
    known = resources()
    checked = f"The numbers for help were checked on {known.checked_on} by {known.checked_by}."
    return known.trouble(datetime.now(UTC).date()) or checked


def _files() -> None:
    found = reviewed_files()
    waiting = sum(not by for _, by, _ in found)
    rows = "".join(
        f"<tr><td>{shown(name)}</td><td>{shown(by) or 'not yet reviewed'}</td><td>{shown(on)}</td></tr>"
        for name, by, on in found
    )
    st.html(
        '<h2 class="column">Files for a clinician</h2>'
        f'<p class="second">{waiting} of {len(found)} wait for a review.</p>'
        f"<p>{shown(_numbers())}</p>"
    )
    with st.expander("Show them", key="desk_files"):
        st.html(
            '<div class="table"><table><thead><tr><th>File</th><th>Reviewed by</th><th>On</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
