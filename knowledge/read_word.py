"""A Word document into blocks: headings, paragraphs, items and table rows, without headers and footers."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as Word
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from errors import BadSource
from knowledge.blocks import Block, Document, item, one_line

UNPACKED = 200_000_000  # bytes
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def read_word(raw: bytes, name: str) -> Document:
    """Blocks of a .docx file; insertions count, deletions do not. Raises BadSource."""
    look_inside(raw, name)
    try:
        word = docx.Document(io.BytesIO(raw))
        blocks = list(_blocks(word))
        facts = _facts(word)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # the library lets through whatever a broken file makes it meet
        raise BadSource(f"{name}: damaged ({type(error).__name__}). Open it in Word and save it again.") from error
    return Document(blocks, facts)


def look_inside(raw: bytes, name: str) -> None:
    """Refuse what must not be unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            held = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise BadSource(f"{name}: damaged (no readable package). Open it in Word and save it again.") from error
    names = {part.filename for part in held}
    if any(part.lower().endswith("vbaproject.bin") for part in names):
        raise BadSource(f"{name}: holds a macro, a small program. Save it in Word as .docx without macros.")
    if sum(part.file_size for part in held) > UNPACKED:
        raise BadSource(
            f"{name}: unpacks to more than {UNPACKED // 1_000_000} MB. Take the pictures out, or split the document."
        )
    if any(part.flag_bits & 1 for part in held):
        raise BadSource(f"{name}: locked with a password. Save it without one, and add it again.")
    if "word/document.xml" not in names:
        raise BadSource(f"{name}: no Word document, though its name says so. Save it as .docx.")


def _blocks(word: Word) -> Iterator[Block]:
    for part in word.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part)
        elif not _is_contents(part) and (words := _words(part._p)):
            yield _block(part, words)


def _is_contents(paragraph: Paragraph) -> bool:
    """A line of a table of contents."""
    return bool(paragraph.style and (paragraph.style.name or "").lower().startswith("toc "))


def _block(paragraph: Paragraph, words: str) -> Block:
    style = (paragraph.style.name if paragraph.style else "") or ""
    if found := _HEADING.match(style):
        return Block(words, level=min(int(found[1]) or 1, 6))
    if style.lower() == "title":
        return Block(words, level=1)
    properties = paragraph._p.pPr
    numbered = properties is not None and properties.numPr is not None
    if numbered or style.lower().startswith(("list bullet", "list number", "list paragraph")):
        return Block(item(words), before="\n", joins=True)
    return Block(words)


def _rows(table: Table) -> Iterator[Block]:
    for row in table.rows:
        cells: dict[int, str] = {}
        for cell in row.cells:  # a merged cell comes once a column
            cells.setdefault(id(cell._tc), " ".join(filter(None, (_words(p._p) for p in cell.paragraphs))))
        if any(cells.values()):
            yield Block(" | ".join(cells.values()), before="\n", joins=True)


def _words(paragraph: Any) -> str:
    """A paragraph's words as they stand today: what was deleted under review is no part of them."""
    parts = []
    for node in paragraph.iter():
        if any(str(above.tag).endswith("}Fallback") for above in node.iterancestors()):
            continue
        if node.tag == qn("w:t"):
            parts.append(node.text or "")
        elif node.tag in _BREAKS:
            parts.append(_BREAKS[node.tag])
    return one_line("".join(parts))


def _facts(word: Word) -> dict[str, Any]:
    held = word.core_properties
    day = held.modified or held.created
    facts = {"title": one_line(held.title or ""), "author": one_line(held.author or ""), "date": ""}
    if day is not None and day.year > 2013:  # the year that Word's own template carries
        facts["date"] = day.date().isoformat()
    if facts["author"] == "python-docx":
        facts["author"] = ""
    return {key: value for key, value in facts.items() if value}
