"""Replies that are often needed: files that a clinician reviews, each with the sentences it cites."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import frontmatter

import prompts
from conversation.answer import Span, Statement
from conversation.tracing import sentences_of
from errors import BadInput
from knowledge.library import Library
from triage.decision import Language

FOLDER = Path(prompts.__path__[0])


@dataclass(frozen=True, slots=True)
class Canned:
    """One reply to begin a draft with."""

    name: str  # the file's name
    title: str
    text: str
    citations: tuple[Statement, ...]
    reviewed_by: str
    reviewed_on: str


def canned_replies(language: Language, library: Library) -> tuple[Canned, ...]:
    """Every canned reply in that language whose citations stand in the library as it is now, by file name.

    One whose source was withdrawn is left out. BadInput if a file cites a sentence its source does not have.
    """
    found = []
    for name, post in _files(language):
        cites = post["cites"]
        wanted = [str(one) for one in cites] if isinstance(cites, list) else []
        if any(one.partition("#")[0] not in library.sources for one in wanted):
            continue
        citations = tuple(_sentence(library, name, one) for one in wanted)
        text = " ".join(post.content.split())
        found.append(
            Canned(name, str(post["title"]), text, citations, str(post["reviewed_by"]), str(post["reviewed_on"]))
        )
    return tuple(found)


def reviewed_sentences(library: Library) -> frozenset[str]:
    """The sentences of canned replies that a clinician has reviewed: they need no check, and no mark."""
    replies = (one for language in Language for one in canned_replies(language, library) if one.reviewed_by)
    return frozenset(sentence for one in replies for sentence in sentences_of(one.text))


@cache
def _files(language: Language) -> tuple[tuple[str, frontmatter.Post], ...]:
    paths = sorted((FOLDER / language.value / "canned").glob("*.md"))
    return tuple((path.stem, frontmatter.loads(path.read_text(encoding="utf-8"))) for path in paths)


def _sentence(library: Library, name: str, reference: str) -> Statement:
    """The sentence "source#section.1:2" in the source's current version."""
    source_id, _, place = reference.partition("#")
    source = library.sources[source_id]
    wanted = f"{source.id}@{source.version}#{place}"
    for passage in source.passages:
        for sentence in passage.sentences:
            if sentence.id == wanted:
                return Statement(
                    source.sentence(passage, sentence),
                    Span(source.id, source.version, passage.id, sentence.start, sentence.end),
                    source.clinic,
                    passage.kind,
                    source.is_digest,
                    passage.study,
                    tuple(companion.wording for companion in sentence.companions if companion.wording),
                )
    raise BadInput(f"The canned reply {name} cites {reference}, which is not in that source. Change its cites line.")
