"""What a reader makes of a file: blocks of text in reading order, and what the file says about itself."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

_UNSEEN = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u2060\ufeff")
_BULLET = re.compile(r"(?:[-*•‣▪●◦·–]|\(?(?:\d{1,2}|[a-z])[.)])[ \t]+(?=\S)")


@dataclass(slots=True)
class Block:
    """A heading, a paragraph, a list item, a table row, or the `key: value` lines under a heading."""

    text: str
    level: int = 0  # 1 to 6 for a heading, 0 for everything else
    line: int = 0  # in the file, from 1; 0 where a file has no lines
    before: str = "\n\n"  # white space that stands before it in the normalised text
    page: int | None = None  # from 1, where the file has pages
    joins: bool = False  # an item or a row: it stays with the lead-in or the item before it


@dataclass(slots=True)
class Document:
    """A file as its reader gives it; `facts` holds only what the file itself says."""

    blocks: list[Block]
    facts: dict[str, Any] = field(default_factory=dict)  # title, author, date, address, saved_on
    is_marked: bool = True  # its headings are marked as such, and its lines are no part of its text


def normalise(text: str) -> str:
    """Unicode NFC, line feeds alone, no byte order mark, no null or other control characters."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def one_line(text: str) -> str:
    """The text as one line of visible characters: white space as single spaces, soft hyphens gone."""
    return " ".join(normalise(text).translate(_UNSEEN).split())


def is_item(line: str) -> bool:
    """The line begins with a bullet or a number of a list."""
    return bool(_BULLET.match(line))


def item(text: str) -> str:
    """The text as a list item; what carries its own bullet or number keeps it."""
    return text if is_item(text) else f"- {text}"
