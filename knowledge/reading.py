"""From a file to a source: front matter, blocks, one normalised text, passages with their spans."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from markdown_it import MarkdownIt

from errors import BadSource
from knowledge.sentences import split
from knowledge.source import Companion, Kind, Original, Passage, Sentence, Source

SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".txt": "plain", ".text": "plain"}
LARGEST = 20_000_000  # bytes
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LINE = re.compile(r"(kind|topic|study|asked as|with|only for)(?: (\d+))?:[ \t]*(.*)", re.IGNORECASE)
_KNOWN = {
    *("id", "title", "publisher", "clinic", "author", "route", "operates", "digest_of", "version"),
    *("reviewed_on", "reviewed_by", "review_by"),
}


@dataclass(slots=True)
class _Block:
    """A heading, a paragraph, or the `key: value` lines under a heading."""

    text: str
    level: int = 0  # 1 to 6 for a heading, 0 for a paragraph
    line: int = 0  # in the file, from 1
    before: str = "\n\n"  # white space that stands before it in the normalised text


@dataclass(slots=True)
class _Section:
    """What the `key: value` lines under a heading said; numbers count from 1, 0 is the whole section."""

    kind: Kind = Kind.UNSTATED
    topic: str = ""
    study: str = ""
    asked_as: list[tuple[int, str]] = field(default_factory=list)  # (paragraph, question)
    companions: list[tuple[int, Companion]] = field(default_factory=list)  # (sentence, companion)
    only_for: tuple[str, ...] = ()


def normalise(text: str) -> str:
    """Unicode NFC, line feeds alone, no byte order mark, no null or other control characters."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def slug(words: str) -> str:
    """A heading as part of an id: lower case ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "section"


def read_file(path: Path, **given: Any) -> Source:
    """The source in a file; `given` (id, title, clinic, ...) wins over its front matter.

    Raises BadSource, naming the file and what to do, when it cannot be used as it is.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BadSource(f"{path.name}: this kind of file cannot be read. Use Markdown (.md) or plain text (.txt).")
    try:
        if path.stat().st_size > LARGEST:
            raise BadSource(f"{path.name}: larger than {LARGEST // 1_000_000} MB. Split it into several documents.")
        raw = path.read_bytes()
    except OSError as error:
        raise BadSource(
            f"{path.name}: cannot be opened ({error.strerror}). Check the path and its permissions."
        ) from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadSource(f"{path.name}: not UTF-8 (byte {error.start}). Save it as UTF-8 and add it again.") from error
    return read_text(text, name=path.name, markdown=SUFFIXES[path.suffix.lower()] == "markdown", **given)


def read_text(text: str, *, name: str, markdown: bool, **given: Any) -> Source:
    """The source in a text; `name` is what errors call it. Raises BadSource."""
    try:
        head, body = frontmatter.parse(normalise(text))
    except yaml.YAMLError as error:
        raise BadSource(
            f"{name}: the front matter between the --- lines is not valid YAML. Mend it: {error}"
        ) from error
    facts = {
        key: value for key, value in {**head, **{k: v for k, v in given.items() if v}}.items() if value is not None
    }
    facts.setdefault("id", slug(name.rsplit(".", 1)[0]))
    if not markdown and not head:
        body = normalise(text)
    blocks = _markdown_blocks(body) if markdown else _plain_blocks(body)
    if not any(block.level == 0 for block in blocks):
        raise BadSource(f"{name}: there is no text in it. Add a document with at least one paragraph.")
    return _assemble(facts, blocks, name, markdown=markdown)


def _plain_blocks(body: str) -> list[_Block]:
    """Paragraphs of plain text: every line as it stands where lines are long, else blocks between empty lines."""
    lines = [line for line in body.split("\n") if line.strip()]
    wrapped = bool(lines) and max(map(len, lines)) <= 160 and "\n\n" in body.strip()
    pattern = r"\S(?:.|\n(?![ \t]*\n))*" if wrapped else r"\S.*"
    blocks: list[_Block] = []
    end = 0
    for found in re.finditer(pattern, body):
        words = " ".join(found[0].split()) if wrapped else found[0].rstrip()
        before = "\n\n" if wrapped else body[end : found.start()]
        blocks.append(_Block(words, line=body.count("\n", 0, found.start()) + 1, before=before))
        end = found.start() + len(words)
    for block, following in pairwise(blocks):
        if _reads_like_heading(block.text, following.text):
            block.level = 2
    return blocks


def _reads_like_heading(line: str, following: str) -> bool:
    """A short line without a closing full stop, before a longer one."""
    return len(line) <= 90 and line[-1] not in '.:;,!…”"' and len(line.split()) <= 14 and len(following) > len(line)


def _markdown_blocks(body: str) -> list[_Block]:
    """Headings and paragraphs of Markdown, emphasis and links as their words; HTML is left out."""
    blocks: list[_Block] = []
    bullet = ""
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    row: list[str] = []
    for index, token in enumerate(tokens):
        line = (token.map[0] + 1) if token.map else 0
        if token.type == "list_item_open":
            bullet = "- " if token.info == "" else f"{token.info}. "
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and any(row):
            blocks.append(_Block(" | ".join(row)))
        elif token.type in ("fence", "code_block") and token.content.strip():
            blocks.append(_Block(" ".join(token.content.split()), line=line))
        elif token.type == "inline":
            words = _words(token)
            opener = tokens[index - 1]
            if opener.type in ("th_open", "td_open"):
                row.append(words)
            elif opener.type == "heading_open":
                blocks.append(_Block(" ".join(words.split()), level=int(opener.tag[1]), line=line))
            elif words.strip():
                blocks.append(_Block(bullet + words if bullet else words, line=line))
                bullet = ""
    return blocks


def _words(token: Any) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def _assemble(facts: dict[str, Any], blocks: list[_Block], name: str, *, markdown: bool) -> Source:
    """Lay the blocks out as one text and cut it into passages."""
    unknown = sorted(set(facts) - _KNOWN)
    if unknown:
        raise BadSource(f"{name}: unknown front matter {', '.join(unknown)}. Known are: {', '.join(sorted(_KNOWN))}.")
    source_id = str(facts.get("id", ""))
    if not _ID.fullmatch(source_id):
        raise BadSource(f"{name}: the id {source_id!r} will not do. Use lower case letters, digits and hyphens.")
    try:
        version = int(facts.get("version", 1))
    except (TypeError, ValueError) as error:
        raise BadSource(f"{name}: version {facts['version']!r} is not a whole number.") from error

    clinic = str(facts.get("clinic") or facts.get("publisher") or facts.get("title") or source_id)
    parts: list[str] = []
    passages: list[Passage] = []
    path: list[tuple[int, str]] = []
    section, paragraph, sentence, length = _Section(), 0, 0, 0
    used: Counter[str] = Counter()
    anchor = "text"
    fresh = False
    for block in blocks:
        if block.level:
            path = [step for step in path if step[0] < block.level] + [(block.level, block.text)]
            section, paragraph, sentence, fresh = _Section(), 0, 0, True
            anchor = slug(block.text)
            used[anchor] += 1
            if used[anchor] > 1:
                anchor = f"{anchor}-{used[anchor]}"
        elif fresh and (lines := _read_lines(block)):
            section, fresh = _read_section(lines, name, block.line), False
            continue
        words = block.text if block.level or not markdown else " ".join(block.text.split())
        before = block.before if parts or not markdown else ""
        start = length + len(before)
        parts += [before, words]
        length = start + len(words)
        if block.level:
            continue
        fresh = False
        paragraph += 1
        passage_id = f"{source_id}@{version}#{anchor}.{paragraph}"
        sentences = []
        for number, (a, b) in enumerate(split(words), start=1):
            sentence += 1
            beside = tuple(c for n, c in section.companions if n in (0, sentence))
            sentences.append(Sentence(f"{passage_id}:{number}", start + a, start + b, beside))
        asked = tuple(q for n, q in section.asked_as if n == paragraph or (n == 0 and paragraph == 1))
        passages.append(
            Passage(
                id=passage_id,
                source=source_id,
                clinic=clinic,
                heading=tuple(text for _, text in path),
                text=words,
                start=start,
                end=start + len(words),
                sentences=tuple(sentences),
                kind=section.kind,
                topic=section.topic,
                study=section.study,
                asked_as=asked,
                only_for=section.only_for,
            )
        )
    origin = facts.get("digest_of")
    return Source(
        id=source_id,
        version=version,
        title=str(facts.get("title") or source_id),
        clinic=clinic,
        text="".join(parts) + "\n",
        passages=tuple(passages),
        publisher=str(facts.get("publisher") or clinic),
        author=str(facts.get("author") or ""),
        route=str(facts.get("route") or ""),
        operates=str(facts.get("operates") or ""),
        digest_of=_original(origin, name),
        reviewed_on=_day(facts.get("reviewed_on")),
        reviewed_by=str(facts.get("reviewed_by") or ""),
        review_by=_day(facts.get("review_by")),
    )


def _read_lines(block: _Block) -> list[re.Match[str]]:
    """The block's lines if every one of them is a known `key: value`, else nothing."""
    found = [_LINE.fullmatch(line.strip()) for line in block.text.split("\n")]
    return [match for match in found if match] if all(found) else []


def _read_section(lines: list[re.Match[str]], name: str, line: int) -> _Section:
    section = _Section()
    for match in lines:
        key, number, value = match[1].lower(), int(match[2] or 0), match[3].strip()
        if key == "kind":
            try:
                section.kind = Kind(value.lower())
            except ValueError as error:
                kinds = ", ".join(kind for kind in Kind if kind is not Kind.UNSTATED)
                raise BadSource(f"{name}, line {line}: unknown kind {value!r}. Known are: {kinds}.") from error
        elif key == "topic":
            section.topic = value
        elif key == "study":
            section.study = value
        elif key == "asked as":
            section.asked_as.append((number, value))
        elif key == "only for":
            section.only_for = tuple(word.strip().lower() for word in value.split("|") if word.strip())
        else:
            for one in value.split(","):
                beside = (
                    Companion(sentence=one.strip()) if one.strip().startswith("#") else Companion(wording=one.strip())
                )
                section.companions.append((number, beside))
    return section


def _original(value: Any, name: str) -> Original | None:
    if not value:
        return None
    if isinstance(value, str):
        return Original(title=value)
    if not isinstance(value, dict) or not value.get("title"):
        raise BadSource(f"{name}: digest_of needs the original's title.")
    return Original(str(value["title"]), str(value.get("author") or ""), _day(value.get("date")))


def _day(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value or "")
