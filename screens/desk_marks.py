"""Sentence by sentence, what became of a draft's evidence: marks in words, the span one press away, corrections."""

import html
from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st

import wiring
from conversation.answer import Span
from conversation.checking import Verdict
from conversation.finding import Finding
from desk.drafting import Draft
from desk.marks import LONGEST_REASON, Judged
from desk.roles import Role
from desk.workbench import Bench
from errors import ForeroomError
from screens.desk_frame import SAID_KEY, Colleague, act
from screens.markup import harmless, label, shown

SEES = (
    "The check holds figures, units, dates, names, clinic, species, study, denial and certainty against the source. "
    "It does not see whether a sentence answers the question, and sense that other words carry can escape it."
)
GLYPHS = {
    Verdict.SUPPORTED: "✓",
    Verdict.CHANGED: "≠",
    Verdict.NOT_CHECKED: "?",
    Verdict.BLANK: "…",
}
NUMBERS = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things", "Six things")

Change = Callable[[str, str], None]  # a sentence of the draft, what it is to be


def marks(here: Colleague, bench: Bench, draft: Draft, change: Change | None) -> tuple[Judged, ...]:
    """Draw the sentences that carry a mark; `change` corrects one where the viewer is the writer."""
    try:
        judged = wiring.services().desk.review(here.session, bench.ticket.id, draft.id)
    except ForeroomError as error:
        st.html(f'<p class="second">{shown(str(error))}</p>')
        return ()
    told = [one for one in judged if one.checked.verdict is not Verdict.FIXED]
    if not told:
        return judged
    numbers = _numbers(told)
    with st.container(key=f"desk-marks-{draft.id}"):
        for one, own in zip(told, _keys(told), strict=True):
            key = f"{draft.id}_{own}"
            with st.container(key=f"desk-mark-{key}"):
                st.html(_sentence(one, numbers))
                with st.container(key=f"desk-doing-{key}", horizontal=True):
                    _span(one, numbers, key)
                    if change is not None:
                        _corrections(one, change, key)
                    if change is not None or here.person.role is Role.CLINICIAN:
                        _own(here, bench, draft, one, key)
    st.html(f'<p class="small">{SEES}</p>')
    return judged


def to_settle(judged: Sequence[Judged]) -> str:
    """How much stands against sending, in words; "" for nothing."""
    count = sum(not one.is_settled for one in judged)
    if not count:
        return ""
    many = NUMBERS[count] if count < len(NUMBERS) else f"{count} things"
    return f"{many} to settle before sending."


def _numbers(judged: Sequence[Judged]) -> dict[Span, int]:
    """A number for each span, in the order of the draft."""
    spans = dict.fromkeys(one.checked.span for one in judged if one.checked.span)
    return {span: number for number, span in enumerate(spans, 1)}


def _keys(judged: Sequence[Judged]) -> list[str]:
    """A name for each sentence that outlives its verdict, so that what stands under a finger is not drawn anew."""
    counts = Counter[str]()
    keys = []
    for one in judged:
        span = one.checked.span
        name = f"{span.source}-{span.version}-{span.start}" if span else "own"
        counts[name] += 1
        keys.append(f"{name}-{counts[name]}")
    return keys


def _sentence(one: Judged, numbers: dict[Span, int]) -> str:
    checked, mark = one.checked, one.mark
    glyph = "¶" if mark else GLYPHS[checked.verdict]
    text = _underlined(checked.text, checked.findings) if checked.verdict is Verdict.CHANGED else shown(checked.text)
    number = f" [{numbers[checked.span]}]" if checked.span else ""
    if mark:
        line = f"Own knowledge, {shown(mark.name)}, {mark.role.value}: {shown(mark.reason)}"
        if not one.is_settled:
            line += " A clinician has to mark it too."
    elif checked.verdict is Verdict.SUPPORTED:
        line = f"Supported{number}"
    elif checked.verdict is Verdict.CHANGED:
        line = f"{shown(checked.why)}{number}"
    elif checked.verdict is Verdict.BLANK:
        line, text = shown(checked.why), ""
    else:
        line = "Not checked, please look. Nothing in the documents was found for this."
    words = f'<p class="marked">{text}</p>' if text else ""
    sort = "own" if mark else checked.verdict.name.lower().replace("_", "-")
    return (
        f'<div class="mark {sort}">{words}<p class="verdict"><span aria-hidden="true">{glyph}</span> {line}</p></div>'
    )


def _underlined(text: str, findings: Sequence[Finding]) -> str:
    """The sentence with the very words that differ underlined (HTML)."""
    shown_text = shown(text)
    for words in sorted({html.escape(harmless(one.claim_words)) for one in findings if one.claim_words}, key=len):
        if words in shown_text and "<u" not in shown_text:
            shown_text = shown_text.replace(words, f'<u class="differs">{words}</u>', 1)
    return shown_text


def _span(one: Judged, numbers: dict[Span, int], key: str) -> None:
    span = one.checked.span
    if span is None:
        return
    library = wiring.services().library
    source = library.source(span.source, span.version)
    with st.popover(f"{numbers[span]} :gray[the sentence it rests on]", key=f"desk_span_{key}"):
        if source is None:
            st.html('<p class="second">That version of the document is not kept any more.</p>')
            return
        passage = next((each for each in source.passages if each.id == span.passage), None)
        start, end = (passage.start, passage.end) if passage else (span.start, span.end)
        kind = f" · {passage.kind.value}" if passage else ""
        sort = "our summary" if source.is_digest else "the original"
        heading = passage.heading[-1] if passage else source.title
        st.html(
            f'<p class="small">{shown(source.clinic)} · {shown(heading)}{kind} · {sort}, version {source.version}</p>'
            f'<p class="document" lang="en">{shown(source.text[start : span.start])}'
            f"<mark>{shown(source.text[span.start : span.end])}</mark>{shown(source.text[span.end : end])}</p>"
        )


def _corrections(one: Judged, change: Change, key: str) -> None:
    checked = one.checked
    if checked.verdict is not Verdict.CHANGED or checked.span is None:
        return
    for place, found in enumerate(checked.findings):
        if found.claim_words and found.passage_words and found.claim_words in checked.text:
            corrected = checked.text.replace(found.claim_words, found.passage_words, 1)
            st.button(
                f"Use “{label(found.passage_words)}”",
                key=f"desk_use_{key}_{place}",
                on_click=change,
                args=(checked.text, corrected),
            )
            break
    source = wiring.services().library.source(checked.span.source, checked.span.version)
    if source is not None:
        original = " ".join(source.text[checked.span.start : checked.span.end].split())
        st.button(
            "Put the source's sentence back", key=f"desk_back_{key}", on_click=change, args=(checked.text, original)
        )


def _own(here: Colleague, bench: Bench, draft: Draft, one: Judged, key: str) -> None:
    if not one.checked.verdict.is_open or one.is_settled:
        return
    clinician = here.person.role is Role.CLINICIAN
    if not clinician and one.checked.verdict is Verdict.CHANGED:
        return  # only a clinician's mark would settle it
    with st.popover("I know this myself", key=f"desk_own_{key}"):
        st.text_input("How do you know it?", key=f"desk_reason_{key}", max_chars=LONGEST_REASON)
        st.button("Put my name to it", key=f"desk_mark_{key}", on_click=_mark, args=(here, bench, draft, one, key))


def _mark(here: Colleague, bench: Bench, draft: Draft, one: Judged, key: str) -> None:
    reason = str(st.session_state.get(f"desk_reason_{key}", ""))
    if not reason.strip():
        st.session_state[SAID_KEY] = "Write how you know it, then put your name to it."
        return
    desk = wiring.services().desk
    act(lambda: desk.mark(here.session, bench.ticket.id, draft.id, one.checked.text, reason))
