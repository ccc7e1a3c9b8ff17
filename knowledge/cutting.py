"""From blocks to a source: one normalised text, cut into passages and sentences with their spans and ids."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from errors import BadSource
from knowledge.blocks import Block, Document
from knowledge.sentences import leans, split
from knowledge.source import Companion, Kind, Original, Passage, Sentence, Source

KNOWN = frozenset(
    """id title publisher clinic author route operates digest_of version date address saved_on reviewed_on reviewed_by
    review_by""".split()
)
LONGEST = 30  # items or rows a passage; a longer list or table is several passages
LIST_MISSING = "list-missing"  # the wording beside a lead-in whose list is not in the document
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_LINE = re.compile(r"(kind|topic|study|asked as|with|only for)(?: (\d+))?:[ \t]*(.*)", re.IGNORECASE)
_ANIMALS = re.compile(r"\b(?:mice|mouse|rats?|rodents?|animals?|monkeys?|preclinical)\b", re.I)
_PEOPLE = re.compile(r"\b(?:patients?|people|persons?|humans?|participants?|volunteers?|adults?|you|your|our)\b", re.I)
# What leads into a quotation rather than a list.
_SAYS = re.compile(
    r"\b(?:said|says?|wrote|writes?|ask(?:s|ed)?|told|quotes?|explain(?:s|ed)|adds?|puts? it)\b[^:]*:$", re.I
)


@dataclass(slots=True)
class _Section:
    """What the `key: value` lines under a heading said; numbers count from 1, 0 is the whole section."""

    kind: Kind = Kind.UNSTATED
    topic: str = ""
    study: str = ""
    asked_as: list[tuple[int, str]] = field(default_factory=list)  # (paragraph, question)
    companions: list[tuple[int, Companion]] = field(default_factory=list)  # (sentence, companion)
    only_for: tuple[str, ...] = ()


@dataclass(slots=True)
class _Paragraph:
    """The blocks of one passage: a paragraph, or a list or table with its lead-in."""

    blocks: list[Block]
    leads_nowhere: bool = False


def slug(words: str) -> str:
    """A heading as part of an id: lower case ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "section"


def leads_in(text: str) -> bool:
    """The text announces a list: it ends with a colon, and not with one that opens a quotation."""
    return text.endswith(":") and not _SAYS.search(text)


def cut(document: Document, facts: dict[str, Any], name: str) -> Source:
    """Lay a document's blocks out as one text and cut it into passages. Raises BadSource."""
    source_id, version = _identity(facts, name)
    clinic = str(facts.get("clinic") or facts.get("publisher") or facts.get("title") or source_id)
    parts: list[str] = []
    passages: list[Passage] = []
    path: list[tuple[int, str]] = []
    section, paragraph, sentence, length = _Section(), 0, 0, 0
    used: Counter[str] = Counter()
    anchor = "text"
    fresh = False
    for group in _grouped(document.blocks):
        first = group.blocks[0]
        if first.level:
            path = [step for step in path if step[0] < first.level] + [(first.level, first.text)]
            section, paragraph, sentence, fresh = _Section(), 0, 0, True
            anchor = slug(first.text)
            used[anchor] += 1
            if used[anchor] > 1:
                anchor = f"{anchor}-{used[anchor]}"
        elif fresh and (lines := _read_lines(first)):
            section, fresh = _read_section(lines, name, first.line), False
            continue
        laid: list[tuple[int, int]] = []  # each block's place in the text
        for block in group.blocks:
            words = " ".join(block.text.split()) if document.is_marked else block.text
            before = block.before if parts or not document.is_marked else ""
            laid.append((length + len(before), length + len(before) + len(words)))
            parts += [before, words]
            length = laid[-1][1]
        start, end = laid[0][0], laid[-1][1]
        text = "".join(parts[1 - 2 * len(group.blocks) :])
        if first.level:
            continue
        fresh = False
        paragraph += 1
        passage_id = f"{source_id}@{version}#{anchor}.{paragraph}"
        rows = [(row, at, text[at - start : to - start]) for row, (at, to) in enumerate(laid)]
        spans = [(at + a, at + b, row) for row, at, words in rows for a, b in split(words)]
        sentences = []
        for number, (a, b, row) in enumerate(spans, start=1):
            sentence += 1
            beside = [c for n, c in section.companions if n in (0, sentence)]
            if row and (lead := _lead(group, spans)):
                beside.append(Companion(sentence=f"#{anchor}.{paragraph}:{lead}"))
            elif number > 1 and not facts.get("digest_of") and leans(text[a - start : b - start]):
                beside.append(Companion(sentence=f"#{anchor}.{paragraph}:{number - 1}"))
            if group.leads_nowhere and number == len(spans):
                beside.append(Companion(wording=LIST_MISSING))
            sentences.append(Sentence(f"{passage_id}:{number}", a, b, tuple(beside)))
        asked = tuple(q for n, q in section.asked_as if n == paragraph or (n == 0 and paragraph == 1))
        passages.append(
            Passage(
                id=passage_id,
                source=source_id,
                clinic=clinic,
                heading=tuple(text for _, text in path),
                text=text,
                start=start,
                end=end,
                sentences=tuple(sentences),
                kind=section.kind,
                topic=section.topic,
                study=section.study,
                asked_as=asked,
                only_for=section.only_for,
                page=first.page,
                line=first.line,
            )
        )
    if not facts.get("digest_of"):
        passages = _with_animals(passages)
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
        digest_of=_original(facts.get("digest_of"), name),
        date=_day(facts.get("date")),
        address=str(facts.get("address") or ""),
        saved_on=_day(facts.get("saved_on")),
        reviewed_on=_day(facts.get("reviewed_on")),
        reviewed_by=str(facts.get("reviewed_by") or ""),
        review_by=_day(facts.get("review_by")),
    )


def _with_animals(passages: list[Passage]) -> list[Passage]:
    """In a section on animals that speaks of no people, the sentence that names the animal beside all that do not."""
    made: list[Passage] = []
    for _, section in groupby(passages, key=lambda one: one.heading):
        group = list(section)
        told = [(p, s, p.text[s.start - p.start : s.end - p.start]) for p in group for s in p.sentences]
        names = next((one.id for _, one, text in told if _ANIMALS.search(text)), "")
        if not names or any(_PEOPLE.search(text) for _, _, text in told):
            made += group
            continue
        beside = Companion(sentence=names[names.index("#") :])
        bare = {one.id for _, one, text in told if not _ANIMALS.search(text)}
        for passage in group:
            sentences = tuple(
                replace(s, companions=(*s.companions, beside)) if s.id in bare else s for s in passage.sentences
            )
            made.append(replace(passage, sentences=sentences))
    return made


def _identity(facts: dict[str, Any], name: str) -> tuple[str, int]:
    unknown = sorted(set(facts) - KNOWN)
    if unknown:
        raise BadSource(f"{name}: unknown front matter {', '.join(unknown)}. Known are: {', '.join(sorted(KNOWN))}.")
    source_id = str(facts.get("id", ""))
    if not _ID.fullmatch(source_id):
        raise BadSource(f"{name}: the id {source_id!r} will not do. Use lower case letters, digits and hyphens.")
    try:
        return source_id, int(facts.get("version", 1))
    except (TypeError, ValueError) as error:
        raise BadSource(f"{name}: version {facts['version']!r} is not a whole number.") from error


def _grouped(blocks: list[Block]) -> list[_Paragraph]:
    """Items and rows with the lead-in or the item before them; a lead-in without any is marked."""
    groups: list[_Paragraph] = []
    for block in blocks:
        last = groups[-1] if groups else None
        if last is not None and block.joins and _takes_items(last):
            last.blocks.append(block)
            continue
        if last is not None:
            last.leads_nowhere = _leads_nowhere(last)
        groups.append(_Paragraph([block]))
    if groups:
        groups[-1].leads_nowhere = _leads_nowhere(groups[-1])
    return groups


def _takes_items(group: _Paragraph) -> bool:
    """A lead-in, or a list or table that is not too long already."""
    end = group.blocks[-1]
    return not group.blocks[0].level and len(group.blocks) < LONGEST and (end.joins or end.text.endswith(":"))


def _leads_nowhere(group: _Paragraph) -> bool:
    return len(group.blocks) == 1 and not group.blocks[0].level and leads_in(group.blocks[0].text)


def _lead(group: _Paragraph, spans: list[tuple[int, int, int]]) -> int:
    """The number of the sentence that leads into the items; a table's first row leads into the others."""
    opening = group.blocks[0]
    if opening.joins and " | " not in opening.text:
        return 0
    return sum(1 for _, _, row in spans if row == 0)


def _read_lines(block: Block) -> list[re.Match[str]]:
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
                mark = one.strip()
                beside = Companion(sentence=mark) if mark.startswith("#") else Companion(wording=mark)
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
