"""For staff on this machine only: triage's verdicts and all that was retrieved, with each score's shares."""

import streamlit as st

from conversation.answer import Scored, Turn
from knowledge.library import Library
from screens.markup import shown
from screens.visitor import Visitor


def retrieved(key: str, turn: Turn, library: Library, visitor: Visitor) -> None:
    """A folded panel under one turn."""
    words, decision = visitor.words, turn.decision
    with st.expander(words("workbench.title"), key=f"ask_retrieved_{key}"):
        verdicts = "".join(
            f"<li>{shown(one.reader)}: {shown(one.route)} {shown(one.reason or '')} "
            f"{'' if one.score is None else f'{one.score:.2f}'} {shown(one.words)}</li>"
            for one in decision.verdicts
        )
        reasons = ", ".join((*decision.reasons, *decision.words))
        st.html(
            f"<p>{shown(words('workbench.route'))}: <b>{shown(decision.route)}</b> {shown(reasons)}</p>"
            f"<ul>{verdicts}</ul>"
        )
        if not turn.evidence:
            st.html(f"<p>{shown(words('workbench.nothing'))}</p>")
            return
        rows = "".join(_row(found, library) for found in turn.evidence)
        st.html(f'<table class="retrieved" tabindex="0">{rows}</table>')


def _row(found: Scored, library: Library) -> str:
    passage = library.passages.get(found.passage)
    shares = ", ".join(f"{shown(name)} {share:.3f}" for name, share in found.shares.items())
    text = shown(passage.text) if passage else ""
    return f"<tr><th>{shown(found.passage)}</th><td>{found.score:.3f}</td><td>{shares}</td><td>{text}</td></tr>"
