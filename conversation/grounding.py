"""The last look before a sentence is shown: it is the span it names, character for character."""

import logging
from collections.abc import Callable, Iterable

from conversation.answer import Span, Statement
from knowledge.source import Source

log = logging.getLogger(__name__)

SourceOf = Callable[[str, int], Source | None]  # id, version


def check_spans(statements: Iterable[Statement], source_of: SourceOf) -> tuple[Statement, ...]:
    """The statements whose text equals `text[start:end]` of their source; the others are dropped and logged."""
    kept = []
    for statement in statements:
        if is_span(statement.text, statement.span, source_of):
            kept.append(statement)
        else:
            log.error("dropped a statement that is not its span: %s", statement.span)
    return tuple(kept)


def is_span(text: str, span: Span, source_of: SourceOf) -> bool:
    """The source, in the version named, holds exactly these characters at this place."""
    source = source_of(span.source, span.version)
    return source is not None and 0 <= span.start < span.end and source.text[span.start : span.end] == text
