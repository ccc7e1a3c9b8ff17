"""Values on their way into the page: escaped, nothing hidden in them, times as the visitor's clock shows them."""

import html
import unicodedata
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


def clock(at: datetime, zone: tzinfo) -> str:
    """The time of day on the visitor's clock, "23:42"; with the date once it is another day, "2026-11-21 23:42"."""
    here = at.astimezone(zone)
    today = datetime.now(zone).date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%Y-%m-%d %H:%M}"
