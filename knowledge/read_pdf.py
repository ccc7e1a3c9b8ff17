"""A PDF into blocks: lines put together again as paragraphs, headings by their type, pages kept."""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams, LTChar, LTPage, LTTextContainer, LTTextLine
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfparser import PDFParser
from pdfminer.utils import decode_text

from errors import BadSource
from knowledge.blocks import Block, Document, is_item, item, one_line

PAGES = 1_000
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_UNMAPPED = re.compile(r"\(cid:\d+\)")
_NUMBERED = re.compile(
    r"[-–—\s]*(?:page|p\.|página)?\s*(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/|de)\s*\d{1,4})?[-–—\s]*", re.IGNORECASE
)
_ENDS = re.compile(r"[.!?:;][\"”’)\]]*$")
_LONE = re.compile(r"[-*•‣▪●◦·–]|\(?(?:\d{1,2}|[a-z])[.)]")
_DOTS = re.compile(r"\s*(?:\.\s?){4,}\s*")  # that lead the eye across a line
ENTRIES = 3  # on a page, for it to be one
_EMPTY = re.compile(r"\(?(?:untitled|anonymous|unspecified|unknown)\)?", re.IGNORECASE)  # what programs write there
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
EDGE = 2  # lines at the top and the bottom of a page that may be its header or footer


@dataclass(slots=True)
class _Line:
    """One printed line; places and sizes in points, y upwards."""

    text: str
    page: int
    left: float
    right: float
    foot: float
    size: float
    is_bold: bool

    def looks_like(self, other: "_Line") -> bool:
        """The same type."""
        return abs(self.size - other.size) < 0.6 and self.is_bold == other.is_bold


def read_pdf(raw: bytes, name: str) -> Document:
    """Blocks of a PDF that holds text. Raises BadSource for locked, scanned, damaged and too long ones."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        pages, facts = _open(raw, name)
    except (BadSource, MemoryError, RecursionError):
        raise
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise BadSource(f"{name}: locked with a password. Save it without one, and add it again.") from error
    except Exception as error:  # the library lets through whatever a broken file makes it meet
        raise BadSource(
            f"{name}: damaged ({type(error).__name__}). Open it, print it to PDF again, and add that."
        ) from error
    if not any(line.text for page in pages for line in page):
        where = "its page" if len(pages) == 1 else f"its {len(pages)} pages"
        raise BadSource(f"{name}: no text on {where}: it was scanned. Have its text recognised (OCR).")
    return Document(_blocks(_without_contents(_without_edges(pages))), facts)


def _open(raw: bytes, name: str) -> tuple[list[list[_Line]], dict[str, Any]]:
    if b"%PDF-" not in raw[:1024]:
        raise BadSource(f"{name}: no PDF, though its name says so. Open it in its own program and save it as PDF.")
    document = PDFDocument(PDFParser(io.BytesIO(raw)))
    pages = []
    for number, page in enumerate(extract_pages(io.BytesIO(raw), laparams=LAParams()), start=1):
        if number > PAGES:
            raise BadSource(f"{name}: more than {PAGES} pages. Split it into several documents.")
        pages.append(_lines(page, number))
    held = document.info[0] if document.info else {}
    facts = {"title": _fact(held.get("Title")), "author": _fact(held.get("Author"))}
    if found := re.match(r"D:(\d{4})(\d\d)(\d\d)", _fact(held.get("ModDate")) or _fact(held.get("CreationDate"))):
        facts["date"] = "-".join(found.groups())
    return pages, {key: value for key, value in facts.items() if value and not _EMPTY.fullmatch(value)}


def _fact(value: Any) -> str:
    return one_line(decode_text(value)) if isinstance(value, bytes) else ""


def _lines(page: LTPage, number: int) -> list[_Line]:
    found = []
    for box in page:
        for line in box if isinstance(box, LTTextContainer) else ():
            if not isinstance(line, LTTextLine):
                continue
            characters = [one for one in line if isinstance(one, LTChar) and one.get_text().strip()]
            text = one_line(_UNMAPPED.sub("", "".join(_LIGATURES.get(c, c) for c in _text(line))))
            if characters and text:
                bold = sum("bold" in one.fontname.lower() or "black" in one.fontname.lower() for one in characters)
                size = round(median(one.size for one in characters), 1)
                found.append(_Line(text, number, line.x0, line.x1, line.y0, size, bold > 0.8 * len(characters)))
    return _bullets_joined(found)


def _text(line: LTTextLine) -> str:
    """The line's characters; a hyphen that only breaks a word counts as one, and 127 is where fonts keep the bullet."""
    return line.get_text().rstrip().replace("\u00ad", "-").replace("(cid:127)", "•")


def _bullets_joined(lines: list[_Line]) -> list[_Line]:
    """A bullet that stands as a line of its own, put before the line to its right."""
    lone = [line for line in lines if _LONE.fullmatch(line.text)]
    for mark in lone:
        beside = [one for one in lines if one not in lone and one.left > mark.left and abs(one.foot - mark.foot) < 4]
        if beside:
            nearest = min(beside, key=lambda one: one.left)
            nearest.text, nearest.left = f"{mark.text} {nearest.text}", mark.left
            lines = [one for one in lines if one is not mark]
    return lines


def _without_edges(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages without running headers, running footers and page numbers."""
    edges = []
    for page in pages:
        by_height = sorted(page, key=lambda line: -line.foot)
        edges.append([*by_height[:EDGE], *by_height[EDGE:][-EDGE:]])
    seen = Counter(key for edge in edges for key in {_masked(line.text) for line in edge})
    often = max(2, len(pages) // 3)
    kept = []
    for page, edge in zip(pages, edges, strict=True):
        gone = {
            id(line)
            for line in edge
            if (len(pages) > 1 and seen[_masked(line.text)] >= often) or _NUMBERED.fullmatch(line.text)
        }
        kept.append([line for line in page if id(line) not in gone] or page)
    return kept


def _without_contents(pages: list[list[_Line]]) -> list[list[_Line]]:
    """The pages without tables of contents; where dots lead to something else, such as a price, it is a table's row."""
    kept = []
    for page in pages:
        entries = {id(line): number for line in page if (number := _leads_to(line.text)) is not None}
        numbers = [int(number) for number in entries.values() if number.isdigit()]
        is_contents = len(entries) >= ENTRIES and numbers == sorted(numbers)
        kept.append([line for line in page if not (is_contents and id(line) in entries)])
        for line in kept[-1]:
            line.text = _DOTS.sub(" | ", line.text).strip(" |") or line.text
    return kept if any(kept) else pages


def _leads_to(text: str) -> str | None:
    """The page to which dots lead at the end of a line, "" where none stands there; None for any other line."""
    before, _, last = text.rpartition(" ")
    page = last if re.fullmatch(r"\d{1,4}|[ivxl]{1,6}", last) else ""
    line = before if page else text
    return page if line[len(line.rstrip(". ")) :].count(".") >= 4 else None


def _masked(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower())


def _blocks(pages: list[list[_Line]]) -> list[Block]:
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    right = sorted(line.right for line in lines)[int(len(lines) * 0.9)]
    pitch = _pitch(lines, body, right)
    spelled = _spelled(lines)
    levels = {size: level for level, size in enumerate(sorted({s for s in sizes if s > body * 1.08}, reverse=True), 1)}
    blocks = []
    for paragraph in _paragraphs(lines, pitch, right):
        words = _joined(paragraph, spelled)
        first = paragraph[0]
        if level := _level(paragraph, words, levels, body):
            blocks.append(Block(words, level=level, page=first.page))
        elif is_item(words):
            blocks.append(Block(item(words), before="\n", page=first.page, joins=True))
        else:
            blocks.append(Block(words, page=first.page))
    return blocks


def _pitch(lines: Sequence[_Line], body: float, right: float) -> float:
    """The usual step from a line to the next inside a paragraph, in points."""
    steps = [
        round(line.foot - following.foot, 1)
        for line, following in pairwise(lines)
        if line.page == following.page and line.right > 0.85 * right and not _ENDS.search(line.text)
    ]
    inside = [step for step in steps if 0 < step < 3 * body]
    return Counter(inside).most_common(1)[0][0] if inside else body * 1.2


def _level(paragraph: Sequence[_Line], words: str, levels: dict[float, int], body: float) -> int:
    """1 to 6 for a heading, 0 for none: set larger than the text, or in bold and short."""
    if len(words.split()) > 24:
        return 0
    first = paragraph[0]
    if first.size in levels:
        return min(levels[first.size], 5)
    is_bold = all(line.is_bold for line in paragraph) and first.size >= body * 0.95
    return 6 if is_bold and not words.endswith((".", ":", ",")) and not is_item(words) else 0


def _paragraphs(lines: Iterable[_Line], pitch: float, right: float) -> Iterator[list[_Line]]:
    held: list[_Line] = []
    for line in lines:
        if held and _begins(line, held, pitch, right):
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _begins(line: _Line, held: Sequence[_Line], pitch: float, right: float) -> bool:
    """The line begins a paragraph, after the lines held so far."""
    before, first = held[-1], held[0]
    if is_item(line.text) or not line.looks_like(before):
        return True
    is_full = before.right > right - 0.25 * max(right - first.left, 1)
    if line.page != before.page or line.foot > before.foot:  # a new page or column
        return bool(_ENDS.search(before.text)) or not (is_full or line.text[0].islower())
    if before.foot - line.foot > 1.3 * max(pitch, line.size):
        return True
    if is_item(first.text):
        return line.left <= first.left + 1 and not is_full
    if line.left > max(one.left for one in held) + 0.8 * line.size:
        return True
    return bool(_ENDS.search(before.text)) and before.right < right - 0.35 * max(right - first.left, 1)


def _joined(paragraph: Sequence[_Line], spelled: Counter[str]) -> str:
    """The lines as one, words that were broken at a line's end whole again."""
    text = paragraph[0].text
    for line in paragraph[1:]:
        broken = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$", text)
        goes_on = re.match(r"[^\W\d_]+", line.text)
        if broken and goes_on and goes_on[0][0].islower():
            text = (text if _is_compound(broken[1], goes_on[0], spelled) else text[:-1]) + line.text
        elif text.endswith(("—", "–")):
            text += line.text
        else:
            text = f"{text} {line.text}"
    return text


def _spelled(lines: Sequence[_Line]) -> Counter[str]:
    """Every word that no line's end breaks, and how often it comes."""
    found = Counter[str]()
    before = ""
    for line in lines:
        words = [word.lower() for word in _WORD.findall(line.text)]
        found.update(words[before.endswith("-") : len(words) - line.text.endswith("-")])
        before = line.text
    return found


def _is_compound(first: str, second: str, spelled: Counter[str]) -> bool:
    """The hyphen belongs to the word, as the rest of the document spells it."""
    first, second = first.lower(), second.lower()
    if spelled[first + second]:
        return False
    return bool(spelled[f"{first}-{second}"]) or bool(spelled[first.split("-")[-1]] and spelled[second])
