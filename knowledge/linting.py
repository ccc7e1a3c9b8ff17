"""The linter: what is wrong with a document, found before a visitor meets it."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from knowledge.compared import figures_differ, near_duplicates
from knowledge.cutting import LIST_MISSING
from knowledge.findings import Finding, found
from knowledge.library import Library
from knowledge.sentences import leans
from knowledge.source import Passage, Source

Sentences = list[tuple[Passage, str]]

# A study spoken of, and what names one.
_STUDY = re.compile(
    r"\b(?:(?:a|an|one|another|recent|newer|other)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:study|trial|review|meta-analysis|synthesis|paper)\b|(?:some|several|many|recent|multiple)\s+(?:[\w-]+\s+)?"
    r"(?:studies|trials|reviews)\b|research from\b|(?:a|one) \d{4} (?:study|trial|review|synthesis|piece|paper)\b)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\([A-Z][\w’'-]+(?: (?:et al\.?|and|&) ?[A-Z]?[\w’'-]*)?,? (?:19|20)\d\d\)|\bet al\b|\b(?:in|In|by) the Journal\b"
    r"|\b[Jj]ournal of [A-Z]|\b[A-Z]\w+ in [A-Z]\w+ (?:study|review|trial)|\b(?:study|paper|trial|review) in [A-Z]\w+"
    r"|\btitled [“\"]|\bpublished in [A-Z]|\bdoi\b"
)
_DONE = re.compile(r"\b(?:found|finds|show(?:s|ed|n)?|suggest\w*|report\w*|demonstrat\w+|examined|tracked|using|of)\b")
_CONTACTS = (
    re.compile(r"(?<![\w.])(?:\+?1[-.\s]?)?\(?\d{3}\)?[-.\s]\d{3}[-.\s]\d{4}(?!\d)"),
    re.compile(r"(?<!\w)\+\d{1,3}[\d\s().-]{7,16}\d"),
    re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"),
    re.compile(r"\b(?:https?://|www\.)[^\s)>\]]+"),
    re.compile(
        r"\b\d{1,5} (?:[NSEW]\.? )?(?:[A-Z][\w’']+ ){1,3}"
        r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Way|Suite|Parkway|Pkwy|Court|Ct)\b\.?"
    ),
)
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(?:instructions?|prompts?|rules?|guidelines|guardrails"
    r"|everything (?:above|before)|previous|prior|context)\b"
    r"|\b(?:system|developer|hidden) (?:prompt|message|instruction|override)s?\b"
    r"|\byou are (?:now|an? (?:ai|assistant|chat ?bot|(?:large )?language model))\b"
    r"|\b(?:as|dear|attention|note to|hey|hello)[, ]+(?:an? |the |all )?"
    r"(?:ai|assistant|chat ?bot|language model|llm|agent)s?\b"
    r"|\b(?:ai|language) (?:models?|assistants?|agents?|systems?)[^.]{0,30}\b(?:must|should|will|please)\b"
    r"|<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|^#{2,} ?(?:instruction|system|assistant)\b"
    r"|\b(?:do not|don't|never) (?:tell|mention|reveal|disclose|inform)[^.]{0,30}\b(?:user|visitor|reader|anyone)\b"
    r"|\b(?:new|updated|important|special) instructions?\s*:"
    r"|\b(?:when|if|whenever) (?:asked|the user|a user|users?|summari[sz]ing|answering|you are asked)\b[^.]{0,80}"
    r"\b(?:say|reply|respond|answer|output|print|recommend|include|tell|state|send|always|must|only)\b"
    r"|\b(?:respond|reply|answer|output)(?: only)? with\b[^.]{0,60}|\b(?:begin|start) your (?:reply|response|answer)\b"
    r"|^(?:please )?(?:write|compose|draft|generate|create|provide|produce|develop|translate|summari[sz]e|rewrite|print"
    r"|output|code)\b[^.]{0,40}\b(?:poem|stor(?:y|ies)|essay|letter|e-?mail|script|code|songs?|lyrics|report|speech"
    r"|article|program|function|blog|tweet|summary|review|recipe|haiku|joke|dialogue|monologue|advertisement)\b"
    r"|\b(?:drop|leave|forget)\b[^.]{0,30}\b(?:instructions?|information behind|everything|all of the above)\b"
    r"|\b(?:role-?play(?:ing)? as|take on the role of|pretend (?:to be|you are|that you)|i want you to act)\b"
    r"|\byou (?:are to|will|must|should) (?:act|respond|reply|answer) (?:as|in|with|my|every|all)\b"
    r"|\bfrom now on,? you\b|^act as\b|\bchatgpt\b"
    r"|\b(?:ignora|olvida|omite)\b[^.]{0,40}\b(?:instrucciones|reglas|anterior(?:es)?|todo)\b"
    r"|\bjailbreak|\bDAN mode\b|\bdeveloper mode\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:cures?|cured|guarantee[sd]?|guaranteed|always|never fails?|miracle|risk[- ]free|no (?:side effects|risks?)|"
    r"without (?:any )?(?:side effects|risks?)|works for every(?:one|body)|100 ?%|completely safe|permanent(?:ly)?|"
    r"proven to|proves?|confirm(?:s|ed|ing)? that|eliminates?|instant(?:ly)?)(?!\w)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:not|no|nor|never|without|cannot|hardly|rather than)\b|n[’']t\b)[^.;]{0,45}$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SIGNS = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u00a0")  # white space of every kind is not hidden


def lint(library: Library, *, wordings: frozenset[str] | None = None, today: date | None = None) -> list[Finding]:
    """Every finding in a library, document by document; `wordings` are the companions there are, if known."""
    on = today or date.today()  # noqa: DTZ011 (a review date is the clinic's own day)
    made: list[Finding] = []
    for source in library.sources.values():
        sentences = [
            (passage, source.sentence(passage, one)) for passage in source.passages for one in passage.sentences
        ]
        made += _of_source(source, on)
        made += _companions(source, wordings)
        for check in _CHECKS:
            made += check(source, sentences)
    made += figures_differ(library)
    made += near_duplicates(library)
    place = {passage.id: at for at, passage in enumerate(library.passages.values())}
    order = {source_id: at for at, source_id in enumerate(library.sources)}
    return sorted(made, key=lambda one: (order[one.source], place.get(one.passage, -1)))


def _of_source(source: Source, today: date) -> Iterator[Finding]:
    if source.clinic in (source.id, source.title):
        yield found("no-clinic", source)
    if not source.date and not (source.digest_of and source.digest_of.date):
        yield found("no-date", source)
    if source.review_by and source.review_by < today.isoformat():
        yield found("review-passed", source, note=source.review_by)


def _companions(source: Source, wordings: frozenset[str] | None) -> Iterator[Finding]:
    there = {one.id[one.id.index("#") :] for passage in source.passages for one in passage.sentences}
    for passage in source.passages:
        for sentence in passage.sentences:
            for beside in sentence.companions:
                if beside.wording == LIST_MISSING:
                    yield found("list-missing", source, passage, source.sentence(passage, sentence))
                elif beside.sentence and beside.sentence not in there:
                    yield found("companion-missing", source, passage, beside.sentence)
                elif wordings is not None and beside.wording and beside.wording not in wordings:
                    yield found("companion-missing", source, passage, beside.wording)


def _studies(source: Source, sentences: Sentences) -> Iterator[Finding]:
    for passage, text in sentences:
        if not passage.study and _STUDY.search(text) and _DONE.search(text) and not _NAMED.search(text):
            yield found("study-unnamed", source, passage, text)


def _contacts(source: Source, sentences: Sentences) -> Iterator[Finding]:
    for passage, text in sentences:
        for one in dict.fromkeys(match[0] for pattern in _CONTACTS for match in pattern.finditer(text)):
            yield found("contact", source, passage, one, note=f"given as {source.clinic}'s")


def _leaning(source: Source, sentences: Sentences) -> Iterator[Finding]:
    for passage, text in sentences:
        if leans(text):
            yield found("leans-on-neighbour", source, passage, text)


def _instructions(source: Source, sentences: Sentences) -> Iterator[Finding]:
    for passage, text in sentences:
        if _INSTRUCTION.search(text):
            yield found("reads-like-an-instruction", source, passage, text)


def _unseen(source: Source, sentences: Sentences) -> Iterator[Finding]:
    for passage, text in sentences:
        if hidden := sorted({unicodedata.name(c, f"U+{ord(c):04X}").lower() for c in text if is_unseen(c)}):
            yield found("unseen-characters", source, passage, text, note=f"holds {', '.join(hidden)}")
        elif mixed := next((word for word in _WORD.findall(text) if _mixes_alphabets(word)), ""):
            yield found("unseen-characters", source, passage, text, note=f"“{mixed}” mixes letters of two alphabets")


def _strong(source: Source, sentences: Sentences) -> Iterator[Finding]:
    for passage, text in sentences:
        for match in _STRONG.finditer(text):
            if not _DENIED.search(text[: match.start()]) and not text.endswith("?"):
                yield found("too-strong", source, passage, text, note=f"says {match[0].lower()}")
                break


def is_unseen(character: str) -> bool:
    """A character that nobody sees: of no width, of direction, of private use, a tag; not a space."""
    return character in _SIGNS - {"\u00a0"} or unicodedata.category(character) in ("Cf", "Co", "Cn")


def _mixes_alphabets(word: str) -> bool:
    """Latin letters together with Greek or Cyrillic ones; a lone Greek letter before a unit is a sign."""
    alphabets = [unicodedata.name(letter, "").split(" ")[0] for letter in word]
    others = sum(alphabet in ("GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE") for alphabet in alphabets)
    return "LATIN" in alphabets and others > 0 and not (len(word) <= 3 and alphabets[0] == "GREEK")


_CHECKS: tuple[Callable[[Source, Sentences], Iterable[Finding]], ...] = (
    _studies,
    _contacts,
    _leaning,
    _instructions,
    _unseen,
    _strong,
)
