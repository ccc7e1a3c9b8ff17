"""The clinician's page as plain text, for pasting into another system."""

from datetime import UTC, datetime, tzinfo
from textwrap import indent, wrap

from intake.page import Line, Page
from intake.questionnaire import Panel
from prompts.intake import intake_words

WIDTH = 100  # characters


def text_of(page: Page, zone: tzinfo = UTC) -> str:
    """Every section in order, each line with its time (in that zone) and what it comes from."""
    say = intake_words("en")
    out = [
        f"{page.title}, version {page.version} — {page.reference}",
        say("page.begun", time=when(page.begun_at, zone))
        + ". "
        + say("page.handed_over", time=when(page.handed_over_at, zone)),
        say("page.not_reviewed"),
        *([page.notice] if page.notice else []),
    ]
    for section in page.sections:
        out += ["", section.title.upper()]
        for line in section.lines:
            out += _line(line, zone)
    if page.points:
        out += ["", say("page.follow_ups").upper()]
        for point in page.points:
            value = "" if point.value is None or point.panel is Panel.SESSIONS else f" [{point.value:f}]"
            out.append(f"- {when(point.at, zone)}  {point.label} {point.text}{value}  ({point.link.text})")
    return "\n".join(out) + "\n"


def when(at: datetime, zone: tzinfo = UTC) -> str:
    """A moment as it stands on the page, with the zone's name."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _line(line: Line, zone: tzinfo) -> list[str]:
    number = f"{line.row}. " if line.row else ""
    if not line.label:
        return [f"- {number}{line.text}  ({when(line.at, zone)}, {line.link.text})"]
    head = f"- {number}{line.label}"
    text = indent("\n".join("\n".join(wrap(part, WIDTH) or [""]) for part in line.text.split("\n")), "  ")
    note = [f"  {line.note}"] if line.note else []
    return [f"{head}  ({when(line.at, zone)}, {line.link.text})", text, *note]
