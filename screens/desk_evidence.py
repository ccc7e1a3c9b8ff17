"""The ticket's right column: what the documents hold for this conversation, with its sentences on the lamp."""

from collections.abc import Sequence

import streamlit as st

import wiring
from conversation.answer import Span, Statement
from desk.workbench import Bench
from knowledge.source import Passage, Sentence, Source
from retrieval.evidence import Query
from screens.desk_frame import Colleague
from screens.desk_reply import citations, cite
from screens.markup import shown

MOST = 5  # passages


def evidence(here: Colleague, bench: Bench) -> None:
    """Passages that were found, newest question first; each sentence can be cited by who holds the ticket."""
    library = wiring.services().library
    st.html('<h2 class="column">Evidence</h2>')
    statements = [one for said in reversed(bench.conversation) if said.turn for one in said.turn.statements]
    found = [one.passage for said in reversed(bench.conversation) if said.turn for one in said.turn.evidence[:MOST]]
    passages = list(dict.fromkeys([*(one.span.passage for one in statements), *found]))[:MOST]
    looked_for = _look_up(here, bench)
    if looked_for:
        passages = looked_for
    if not passages:
        st.html(
            '<p class="second">Nothing was searched for this message: questions of safety and danger go to a person '
            "first. You can look something up above.</p>"
        )
    mine = bool(bench.holder) and bench.ticket.holder == here.person.id
    for number, name in enumerate(passages, 1):
        passage = library.passages.get(name)
        if passage is None:
            lost = next((one.text for one in statements if one.span.passage == name), "")
            st.html(
                '<div class="passage"><p class="small">The document has changed since.</p>'
                f'<p class="document">{shown(lost)}</p></div>'
            )
            continue
        _passage(here, bench, library.sources[passage.source], passage, number, statements, mine)


def _look_up(here: Colleague, bench: Bench) -> list[str]:
    """Staff ask the documents themselves; what they type is not stored."""
    wanted = st.text_input(
        "Look something up",
        key=f"desk_look_up_{bench.ticket.id}",
        placeholder="Look something up",
        label_visibility="collapsed",
    )
    if not wanted.strip():
        return []
    found = find(wanted, bench.ticket.clinic)
    if not found:
        st.html('<p class="second">The documents hold nothing near that.</p>')
    return found


def find(text: str, clinic: str | None) -> list[str]:
    """Ids of the passages nearest to a question."""
    parts = wiring.services().parts
    findings = parts.search(Query(text, frozenset({clinic}) if clinic else frozenset()))
    return [one.passage.id for one in findings.evidence[:MOST]]


def _passage(
    here: Colleague,
    bench: Bench,
    source: Source,
    passage: Passage,
    number: int,
    statements: Sequence[Statement],
    mine: bool,
) -> None:
    shown_spans = {(one.span.start, one.span.end) for one in statements if one.span.source == source.id}
    with st.container(key=f"desk-passage-{number}"):
        st.html(
            f'<p class="small"><b>{number}</b> {shown(passage.heading[-1])} · {shown(passage.kind.value)} · '
            f"{shown(source.clinic)}</p>{_text(source, passage, shown_spans)}"
        )
        if not mine:
            return
        cited = {one.span for one in citations(bench)}
        with st.popover("Cite", key=f"desk_cite_{number}"):
            for place, sentence in enumerate(passage.sentences, 1):
                statement = statement_of(source, passage, sentence)
                held = statement.span in cited
                st.checkbox(
                    statement.text.replace("$", "\\$"),
                    value=held,
                    key=f"desk_cite_{number}_{place}_{held}",
                    on_change=cite,
                    args=(here, bench, statement),
                )


def _text(source: Source, passage: Passage, lit: set[tuple[int, int]]) -> str:
    """The passage with the shown sentences on the lamp (HTML)."""
    parts, at = [], passage.start
    for sentence in passage.sentences:
        parts.append(shown(source.text[at : sentence.start]))
        words = shown(source.text[sentence.start : sentence.end])
        parts.append(f"<mark>{words}</mark>" if (sentence.start, sentence.end) in lit else words)
        at = sentence.end
    return f'<p class="document" lang="en">{"".join(parts)}{shown(source.text[at : passage.end])}</p>'


def statement_of(source: Source, passage: Passage, sentence: Sentence) -> Statement:
    """The sentence as it is cited, with its span."""
    notes = tuple(one.wording for one in sentence.companions if one.wording)
    span = Span(source.id, source.version, passage.id, sentence.start, sentence.end)
    return Statement(
        source.sentence(passage, sentence), span, source.clinic, passage.kind, source.is_digest, passage.study, notes
    )
