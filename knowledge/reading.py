"""From a file to a source: what kind of file it is, its front matter, its reader, and what cannot be read."""

import re
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from errors import BadSource
from knowledge.blocks import Document, normalise
from knowledge.cutting import cut, slug
from knowledge.read_markdown import read_markdown
from knowledge.read_plain import read_plain
from knowledge.source import Source

__all__ = ["SUFFIXES", "normalise", "read_file", "read_text", "slug"]

SUFFIXES = dict.fromkeys((".md", ".markdown"), "markdown") | dict.fromkeys((".txt", ".text"), "plain")
SUFFIXES |= dict.fromkeys((".html", ".htm", ".xhtml"), "html") | {".pdf": "pdf", ".docx": "word"}
LARGEST = 20_000_000  # bytes
LONGEST = 3_000_000  # characters of text
# "At Harbour House, we ...": a clinic that speaks of itself.
_AT_OURS = re.compile(r"\bAt ((?:[A-Z][\w’'-]+ ){1,4}[A-Z][\w’'-]+), (?=[^.]*\b(?:we|our)\b)")
# What other kinds of file need first.
_INSTEAD = {
    ".doc": "Open it in Word and save it as .docx.",
    ".docm": "It can hold macros, small programs. Save it in Word as .docx without macros.",
    ".dotm": "It can hold macros, small programs. Save it in Word as .docx without macros.",
    ".rtf": "Open it in Word and save it as .docx.",
    ".odt": "Open it in its own program and save it as .docx.",
    ".pages": "Open it in its own program and save it as .docx.",
    ".mht": "Save the page as a single .html file.",
    ".mhtml": "Save the page as a single .html file.",
    ".zip": "Unpack it, look at what is in it, and add the documents.",
    ".jpg": "It is a picture. Have its text recognised (OCR), and add that.",
    ".png": "It is a picture. Have its text recognised (OCR), and add that.",
}
_MARKS = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a packed file",
    b"\xd0\xcf\x11\xe0": "an old Word file",
    b"{\\rtf": "an RTF file",
}


def read_file(path: Path, **given: Any) -> Source:
    """The source in a file; `given` (id, title, clinic, ...) wins over what the file says of itself.

    Raises BadSource, naming the file and what to do, when it cannot be used as it is.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        do = _INSTEAD.get(path.suffix.lower(), "Use Markdown, plain text, HTML, PDF or Word (.docx).")
        raise BadSource(f"{path.name}: this kind of file cannot be read. {do}")
    try:
        if path.stat().st_size > LARGEST:
            raise BadSource(f"{path.name}: larger than {LARGEST // 1_000_000} MB. Split it into several documents.")
        raw = path.read_bytes()
    except OSError as error:
        raise BadSource(
            f"{path.name}: cannot be opened ({error.strerror}). Check the path and its permissions."
        ) from error
    if not raw.strip():
        raise BadSource(f"{path.name}: there is no text in it. Add a document with at least one paragraph.")
    if kind == "pdf":
        from knowledge.read_pdf import read_pdf

        return _source(read_pdf(raw, path.name), {}, path.name, given)
    if kind == "word":
        from knowledge.read_word import read_word

        return _source(read_word(raw, path.name), {}, path.name, given)
    if is_really := next((what for mark, what in _MARKS.items() if raw.startswith(mark)), ""):
        raise BadSource(f"{path.name}: {is_really}, though its name says otherwise. Give it its right ending.")
    if kind == "html":
        from knowledge.read_html import decode, read_html

        return _source(read_html(decode(raw, path.name), path.name), {}, path.name, given)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadSource(f"{path.name}: not UTF-8 (byte {error.start}). Save it as UTF-8 and add it again.") from error
    if "\0" in text:
        raise BadSource(f"{path.name}: not a text, though its name says so. Give it its right ending.")
    return read_text(text, name=path.name, markdown=kind == "markdown", **given)


def read_text(text: str, *, name: str, markdown: bool, **given: Any) -> Source:
    """The source in a text; `name` is what errors call it. Raises BadSource."""
    text = normalise(text)
    try:
        head, body = frontmatter.parse(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadSource(
            f"{name}: the lines between --- and --- at its top cannot be read{_fault(error)}. "
            "Write each as `word: words`, and words that hold a colon or a bracket in quotation marks."
        ) from error
    if not markdown and not head:
        body = text
    document = read_markdown(body) if markdown else read_plain(body)
    skipped = text.count("\n", 0, text.find(body)) if body and head else 0
    for block in document.blocks:
        block.line += skipped
    return _source(document, head, name, given)


def _fault(error: Exception) -> str:
    """Where the front matter breaks, as far as its reader can tell."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return f" (line {mark.line + 1})" if mark else ""


def _own_name(document: Document) -> str:
    """The one name under which a document says "At ..., we"; empty where there is none or more than one."""
    found = {match[1] for block in document.blocks for match in _AT_OURS.finditer(block.text)}
    return found.pop() if len(found) == 1 else ""


def _source(document: Document, head: dict[str, Any], name: str, given: dict[str, Any]) -> Source:
    if not any(block.level == 0 for block in document.blocks):
        raise BadSource(f"{name}: there is no text in it. Add a document with at least one paragraph.")
    if sum(len(block.text) for block in document.blocks) > LONGEST:
        raise BadSource(f"{name}: more than {LONGEST:,} characters. Split it into several documents.")
    stated = {**document.facts, **head, **{key: value for key, value in given.items() if value}}
    facts = {key: value for key, value in stated.items() if value is not None}
    facts.setdefault("id", slug(name.rsplit(".", 1)[0]))
    if not {"clinic", "publisher", "title"} & {
        *head,
        *(key for key, value in given.items() if value),
    }:  # a file's own properties never make one clinic of two
        facts["clinic"] = _own_name(document) or facts["id"]
    if any(isinstance(value, list | dict | set) for key, value in facts.items() if key != "digest_of"):
        raise BadSource(f"{name}: a fact of the front matter holds a list. Write one line of words a fact.")
    return cut(document, facts, name)
