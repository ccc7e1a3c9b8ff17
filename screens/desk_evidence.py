"""The ticket's right column: what the documents hold for this conversation, with its sentences on the lamp."""

from collections.abc import Sequence
from itertools import zip_longest

import streamlit as st

import wiring
from conversation.answer import Statement
from conversation.compose import statement_of
from conversation.proposal import Blank
from conversation.table import Row, rows_of, side_by_side
from desk.proposals import Found
from desk.roles import Action
from desk.workbench import Bench
from errors import ForeroomError
from knowledge.source import Passage, Source
from prompts.companions import companion
from retrieval.evidence import Query
from screens.desk_frame import Colleague
from screens.desk_reply import citations, cite
from screens.markup import shown

MOST = 5  # passages
COVER = {
    Blank.DANGER: "Somebody may be in danger.",
    Blank.SAFETY: "Safety: a clinician answers.",
    Blank.ELIGIBILITY: "Whether it suits them: a clinician says.",
    Blank.SILENT: "The documents do not say.",
    Blank.OFF_TOPIC: "Not about the treatment.",
}


def evidence(here: Colleague, bench: Bench) -> None:
    """Passages that were found, newest question first; each sentence can be cited by who holds the ticket."""
    library = wiring.services().library
    st.html('<h2 class="column">Evidence</h2>')
    _questions(here, bench)
    statements = [one for said in reversed(bench.conversation) if said.turn for one in said.turn.statements]
    asked = [(*(each.passage for each in one.spans), *one.passages) for one in _found(here, bench)]
    turns = [[one.passage for one in said.turn.evidence] for said in reversed(bench.conversation) if said.turn]
    found = [name for row in zip_longest(*asked) for name in row if name] if asked else []
    found += [one.span.passage for one in statements] + [name for turn in turns for name in turn[:MOST]]
    passages = list(dict.fromkeys(found))[: MOST if not asked else MOST + len(asked)]
    looked_for = _look_up(here, bench)
    if looked_for:
        passages = looked_for
    if not passages:
        st.html(
            '<p class="second">Nothing was searched for this message: questions of safety and danger go to a person '
            "first. You can look something up above.</p>"
        )
    st.session_state[_key(bench)] = passages
    mine = bool(bench.holder) and bench.ticket.holder == here.person.id
    if passages:
        st.toggle("As a table, below", key=f"desk_table_{bench.ticket.id}")
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


def _key(bench: Bench) -> str:
    return f"desk_passages_{bench.ticket.id}"


def _found(here: Colleague, bench: Bench) -> tuple[Found, ...]:
    """The questions that were found when the draft in hand was proposed."""
    if bench.draft is None or not here.may(Action.WRITE):
        return ()
    try:
        return wiring.services().desk.questions(here.session, bench.ticket.id, bench.draft.id)
    except ForeroomError:
        return ()


def _questions(here: Colleague, bench: Bench) -> None:
    """Each question found, who answers it, and whether the documents cover it."""
    found = _found(here, bench)
    if not found:
        return
    lines = "".join(f"<li>{shown(one.text)}<br><span>{_cover(one)}</span></li>" for one in found)
    st.html(f'<section class="beside found"><h2>Questions found</h2><ul>{lines}</ul></section>')


def _cover(one: Found) -> str:
    if one.blank is not None:
        return f"{COVER[one.blank]} Left blank."
    clinics = {span.source for span in one.spans}
    library = wiring.services().library
    names = sorted({library.sources[source].clinic for source in clinics if source in library.sources})
    return f"The documents answer it: {shown(', '.join(names))}." if names else "The documents answer it."


def evidence_table(bench: Bench) -> None:
    """Across the page, where it was asked for: finding, study, who was studied, how surely; clinics side by side."""
    if not st.session_state.get(f"desk_table_{bench.ticket.id}"):
        return
    library = wiring.services().library
    names = st.session_state.get(_key(bench), [])
    rows = rows_of([library.passages[name] for name in names if name in library.passages], library)
    with st.container(key="desk-table"):
        st.html('<h2 class="column">Evidence, finding by finding</h2>')
        beside = side_by_side(rows)
        for topic, clinics in beside.items():
            cells = "".join(
                f"<div><h3>{shown(clinic)}</h3>{''.join(_finding(row) for row in own)}</div>"
                for clinic, own in clinics.items()
            )
            st.html(
                f'<section class="apart"><p class="second">More than one source speaks of this: '
                f'{shown(topic.replace("-", " "))}</p><div class="sides">{cells}</div></section>'
            )
        body = "".join(_row(row) for row in rows)
        head = "".join(f"<th>{name}</th>" for name in ("Finding", "Study", "Who or what", "How surely", "Where"))
        st.html(f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def _row(row: Row) -> str:
    cells = (_finding(row), shown(row.study) or "none named", shown(row.population) or "not said", _surely(row))
    where = f"{shown(row.statement.clinic)}<br>{shown(row.statement.span.passage)}, {row.statement.kind.value}"
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (*cells, where)) + "</tr>"


def _finding(row: Row) -> str:
    flags = "".join(f'<p class="flag">≠ {shown(companion(key, "en"))}</p>' for key in row.flags)
    return f'<p class="document" lang="en">{shown(row.statement.text)}</p>{flags}'


def _surely(row: Row) -> str:
    words = f"<br>“{shown(row.by_words)}”" if row.by_words else ""
    return f"{row.surety.value}{words}"


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
