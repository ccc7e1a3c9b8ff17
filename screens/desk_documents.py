"""The documents as staff see them: every source in its current version, who reviewed it, and when it is due again."""

from datetime import date

import streamlit as st

import wiring
from knowledge.source import Source
from screens.desk_frame import Colleague
from screens.markup import shown


def documents(_here: Colleague) -> None:
    """Read only: documents are added and withdrawn by a command."""
    library = wiring.services().library
    with st.container(key="desk-page"):
        st.html('<h2 class="column">Documents</h2>')
        for source in sorted(library.sources.values(), key=lambda one: (one.clinic, one.id)):
            with st.container(key=f"desk-source-{source.id}"):
                st.html(_about(source))
                with st.expander("Read it", key=f"desk_read_{source.id}"):
                    st.html(f'<div class="document-text" lang="en">{shown(source.text)}</div>')
        st.html('<p class="small">A command adds or withdraws a document: python -m knowledge.</p>')


def _about(source: Source) -> str:
    sort = "our summary" if source.is_digest else "the original"
    of = ""
    if source.digest_of:
        details = ", ".join(part for part in (source.digest_of.author, source.digest_of.date) if part)
        of = f"<p>A short form of “{shown(source.digest_of.title)}”{f', {shown(details)}' if details else ''}.</p>"
    reviewed = (
        f"Reviewed by {shown(source.reviewed_by)} on {shown(source.reviewed_on)}."
        if source.reviewed_by
        else "Not yet reviewed by a clinician."
    )
    return (
        f"<h2>{shown(source.clinic)}: {shown(source.title)}</h2>"
        f'<p class="second">{shown(source.id)}, version {source.version}, {sort}, {len(source.passages)} passages</p>'
        f"{of}<p>{reviewed} {_again(source)}</p>"
    )


def _again(source: Source) -> str:
    if not source.review_by:
        return "No date is set to look at it again."
    try:
        late = date.fromisoformat(source.review_by) < date.today()  # noqa: DTZ011  (a calendar day, as people write it)
    except ValueError:
        late = False
    return f"To be looked at again by {shown(source.review_by)}{': that day is past' if late else ''}."
