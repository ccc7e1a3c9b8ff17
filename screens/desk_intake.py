"""The clinician's page on the desk: the visitor's own words arranged, each line with its time and its link."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

import wiring
from desk.roles import Action
from errors import ForeroomError
from intake.charts import chart_of
from intake.page import Line, Link, Page, Point, Section, SectionKey, To
from intake.questionnaire import Panel
from prompts.intake import intake_words
from screens.desk_frame import SAID_KEY, Colleague, act, go
from screens.markup import label, shown

STYLE = Path(__file__).with_name("desk_intake.css")
PLAIN_KEY = "desk_intake_plain"
ON_PAPER: dict[str, Any] = {  # light, whatever the page is: it is read in print
    "background": "#FFFFFF",
    "axis": {"labelColor": "#52605C", "gridColor": "#DADFD8", "domainColor": "#7E8B86", "tickColor": "#7E8B86"},
    "title": {"color": "#22302D"},
    "legend": {"labelColor": "#22302D"},
    "view": {"stroke": "#DADFD8"},
}
LINKED = (SectionKey.TOPICS, SectionKey.SCORES)  # their lines lead to others


def intake_page(here: Colleague, number: int) -> None:
    """Draw one page, or say why it cannot be read."""
    st.html(STYLE)
    try:
        page = wiring.services().intake_desk.page(here.session, number)
    except ForeroomError as error:
        st.html(f'<p class="empty">{shown(str(error))}</p>')
        st.button("To the queue", key="desk_back", on_click=go)
        return
    with st.container(key="desk-intake"):
        _ways(here, page)
        st.html(_head(here, page))
        known: set[Link] = set()
        for section in page.sections:
            st.html(_section(here, page, section, known))
            for line in section.lines:
                if line.file is not None:
                    _file(here, page, line)
        if page.points:
            _follow_ups(here, page, known)
        _record(here, page)


def _ways(here: Colleague, page: Page) -> None:
    """Back to the ticket, print, and what can be taken along."""
    desk, session, name = wiring.services().intake_desk, here.session, f"intake-{page.reference}"
    ticket = int(page.reference.removeprefix("F-"))
    with st.container(key="desk-intake-ways", horizontal=True):
        st.button(f"Ticket {page.reference}", key="desk_intake_ticket", on_click=go, kwargs={"ticket": ticket})
        st.html('<a class="way" data-does="print" href="#print">Print</a>')
        _download("PDF", partial(desk.as_pdf, session, page.intake), f"{name}.pdf", "application/pdf")
        fhir = "application/fhir+json"
        _download("FHIR answers", partial(desk.as_response, session, page.intake), f"{name}-response.json", fhir)
        _download("FHIR bundle", partial(desk.as_bundle, session, page.intake), f"{name}-bundle.json", fhir)
        _download("Text", partial(desk.as_text, session, page.intake), f"{name}.txt", "text/plain")
        st.toggle("Text to paste", key=PLAIN_KEY)
    if st.session_state.get(PLAIN_KEY):
        try:
            st.code(desk.as_text(session, page.intake), language=None, wrap_lines=True)
        except ForeroomError as error:
            st.session_state[SAID_KEY] = str(error)


def _download(name: str, data: Callable[[], str | bytes], file: str, media: str) -> None:
    key = f"desk_intake_{name.lower().replace(' ', '_')}"
    st.download_button(name, data=data, file_name=file, mime=media, key=key, on_click="ignore")


def _head(here: Colleague, page: Page) -> str:
    say = intake_words("en")
    language = {"es": "Spanish", "en": "English"}.get(page.language, page.language)
    begun = say("page.begun", time=_when(here, page.begun_at))
    handed = say("page.handed_over", time=_when(here, page.handed_over_at))
    return (
        f'<header class="page-head"><h2>{shown(page.title)} <span class="second">{page.reference}</span></h2>'
        f'<p class="second">{shown(begun)}. {shown(handed)}. In {shown(language)}.</p>'
        f'<p class="small">{shown(say("page.not_reviewed"))} Questions: version {shown(page.version)}. '
        f"{shown(page.notice)}</p></header>"
    )


def _section(here: Colleague, page: Page, section: Section, known: set[Link]) -> str:
    """A heading and its lines (HTML). The first line of an answer, a message or a file is its place on the page."""
    lines = []
    for line in section.lines:
        first = section.key not in LINKED and line.link not in known
        if first:
            known.add(line.link)
        place = f' id="{line.link.to}-{line.link.id}"' if first else ""
        lines.append(f"<li{place}>{_line(here, page, section, line)}</li>")
    mark = " topics" if section.key == SectionKey.TOPICS else ""
    return f'<section class="page-part{mark}"><h3>{shown(section.title)}</h3><ul>{"".join(lines)}</ul></section>'


def _line(here: Colleague, page: Page, section: Section, line: Line) -> str:
    number = f"{line.row}. " if line.row else ""
    quotes = section.key == SectionKey.ASKED and bool(line.label)  # a sentence that was shown
    spoken = f' lang="{page.language}"' if line.typed else ""
    kind = "document" if quotes else "own" if line.typed else "chosen"
    label = f'<p class="second">{shown(number + line.label)}</p>' if line.label else ""
    note = f'<br><span class="small">{shown(line.note)}</span>' if line.note else ""  # from the file's own row
    text = f'<p class="{kind}"{spoken}>{shown(line.text if line.label else number + line.text)}{note}</p>'
    corrected = " · corrected" if line.corrected else ""
    return (
        f"<div>{label}{text}</div>"
        f'<p class="small">{shown(_when(here, line.at))} · {_link(page, line.link)}{corrected}</p>'
    )


def _when(here: Colleague, at: datetime) -> str:
    """With its date, also today: the page is printed and kept."""
    return f"{at.astimezone(here.zone):%Y-%m-%d %H:%M}"


def _link(page: Page, link: Link) -> str:
    """Where a line comes from: its place on this page, or the message on the ticket's page."""
    if link.to is To.MESSAGE:
        ticket = page.reference.removeprefix("F-")
        return f'<a href="?ticket={ticket}#message-{shown(link.id)}" target="_self">{shown(link.text)}</a>'
    return f'<a href="#{link.to}-{shown(link.id)}">{shown(link.text)}</a>'


def _file(here: Colleague, page: Page, line: Line) -> None:
    try:
        attached = wiring.services().intake_desk.file(here.session, page.intake, int(line.link.id), line.place)
    except ForeroomError as error:
        st.html(f'<p class="second">{shown(str(error))}</p>')
        return
    st.download_button(
        f"Download {label(line.text)}",
        data=attached.content,
        file_name=attached.name,
        mime=attached.media_type,
        key=f"desk_intake_file_{line.link.id}_{line.place}",
        on_click="ignore",
    )


def _follow_ups(here: Colleague, page: Page, known: set[Link]) -> None:
    """Charts over time, and beside them the table that holds all they show."""
    with st.container(key="desk-intake-charts"):
        chart = chart_of(page.points, page.scale)
        with st.container(key="desk-intake-chart"):
            st.html(f'<h3 class="page-title">{shown(intake_words("en")("page.follow_ups"))}</h3>')
            if chart is not None:
                drawn = chart.configure(**ON_PAPER)
                st.altair_chart(drawn, theme=None, width="content", key=f"desk_intake_chart_{page.intake}")
        st.html(
            f'<div class="table" tabindex="0" role="region" aria-label="Follow-ups">{_table(here, page, known)}</div>'
        )


def _table(here: Colleague, page: Page, known: set[Link]) -> str:
    """A row a follow-up, a column a question; each answer with its count and where it is from (HTML)."""
    columns = list(dict.fromkeys(point.label for point in page.points))
    follow_ups: dict[int, list[Point]] = {}
    for point in page.points:
        follow_ups.setdefault(point.intake, []).append(point)
    rows = []
    for points in follow_ups.values():
        cells = "".join(
            f"<td>{''.join(_point(page, point, known) for point in points if point.label == column)}</td>"
            for column in columns
        )
        rows.append(f'<tr><th scope="row">{shown(_when(here, points[0].at))}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{shown(column)}</th>' for column in ("When", *columns))
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _point(page: Page, point: Point, known: set[Link]) -> str:
    place = "" if point.link in known else f' id="{point.link.to}-{point.link.id}"'
    known.add(point.link)
    if point.panel is Panel.SESSIONS:
        counted = ""
    else:
        counted = intake_words("en")("page.own_words_note") if point.value is None else f"{point.value:f}"
    beside = f"{shown(counted)} · " if counted else ""
    return f'<p{place}>{shown(point.text)}</p><p class="small">{beside}{_link(page, point.link)}</p>'


def _record(here: Colleague, page: Page) -> None:
    """The file the questions came from, and the record's own state where a server is set up."""
    desk = wiring.services().intake_desk
    files = dict.fromkeys(line.link.id for line in _lines(page) if line.link.to is To.FILE)
    for one in files:
        st.html(f'<p class="small page-file" id="file-{shown(one)}">File of the questions: {shown(one)}</p>')
    if not desk.has_record:
        return
    sent = desk.record(here.session, page.intake)
    if sent.accepted_at is not None:
        line = f"The FHIR server accepted the record at {_when(here, sent.accepted_at)}."
    elif sent.given_up:
        line = f"The FHIR server did not take the record. {sent.trouble}"
    elif sent.queued_at is not None:
        line = f"On its way to the FHIR server since {_when(here, sent.queued_at)}. {sent.trouble}"
    else:
        line = "The record was not sent to the FHIR server."
    with st.container(key="desk-intake-record", horizontal=True):
        st.html(f'<p class="second">{shown(line.strip())}</p>')
        if here.may(Action.SEND) and (sent.queued_at is None or sent.given_up or sent.accepted_at is not None):
            send = partial(act, partial(desk.send_record, here.session, page.intake))
            st.button("Send it to the FHIR server", key="desk_intake_send", on_click=send)


def _lines(page: Page) -> Iterator[Line]:
    for section in page.sections:
        yield from section.lines
