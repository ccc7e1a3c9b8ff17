"""Values on their way into the page: escaped, nothing hidden in them, times as the visitor's clock shows them."""

import html
import unicodedata
from collections.abc import Sequence
from datetime import datetime, tzinfo

KEPT = frozenset("\n\t")
JOINERS = frozenset("\u200c\u200d")  # what some scripts and signs are joined with


def harmless(text: str) -> str:
    """The text without characters that hide, reorder or control: those become a visible mark (U+FFFD)."""
    return "".join(
        letter
        if letter in KEPT or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn") or letter in JOINERS
        else "\ufffd"
        for letter in text
    )


def shown(text: str) -> str:
    """Any text as HTML that shows exactly that text."""
    return html.escape(harmless(text))


def label(text: str) -> str:
    """Any text as a Streamlit label: its Markdown signs mean nothing."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|~<>:$" else letter for letter in harmless(text))


def clock(at: datetime, zone: tzinfo, days: Sequence[str]) -> str:
    """The time on the visitor's clock: "23:42" today, "Tuesday 09:12" within six days, else with its date.

    `days` are the names of the days, Monday first.
    """
    here = at.astimezone(zone)
    away = abs((here.date() - datetime.now(zone).date()).days)
    if away == 0:
        return f"{here:%H:%M}"
    return f"{days[here.weekday()]} {here:%H:%M}" if away < 7 else f"{here:%Y-%m-%d %H:%M}"
