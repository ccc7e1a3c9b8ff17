"""Where each sentence of a paragraph begins and ends, and whether it leans on the one before."""

import re
from functools import cache

import pysbd

_LEANS = re.compile(
    r"^[“\"'(]?(?:This|That|These|Those|It|They|He|She|Its|Their|Such|Both|The (?:former|latter)"
    r"|The (?:first|second|third)(?: one)? (?:is|was)"
    r"|(?:And|But|So|Or|Also|Instead|Otherwise|Then)\b,?(?: (?:this|that|it|they|these))?)\b"
    r"|\b(?:as (?:mentioned|described|noted|shown|discussed)? ?(?:above|below|earlier|before)"
    r"|(?:see|listed|shown) (?:above|below)|the (?:above|following)|in the previous (?:section|paragraph))\b"
)
# The same openings where they lean on nothing.
_OPENS_EMPTY = re.compile(
    r"^(?:It (?:is|was|'s|’s) (?:\w+ )?(?:worth|important|possible|not (?:possible|clear|known|unusual)|true|normal"
    r"|best|helpful|recommended|common)\b|That said\b|So far\b|This (?:post|article|page|guide|document|leaflet)\b)"
    r"|^(?:And|But|So|Or) (?!(?:this|that|it|they|these)\b)"
)


@cache
def _segmenter() -> pysbd.Segmenter:
    return pysbd.Segmenter(language="en", clean=False, char_span=True)


def split(paragraph: str) -> tuple[tuple[int, int], ...]:
    """The sentences of a paragraph as half-open [start, end) character offsets, white space left out.

    Together the spans cover every character that is not white space, in order; where the splitter
    cannot give such spans, the whole paragraph is one sentence.
    """
    spans, at = [], 0
    for piece in _segmenter().segment(paragraph):
        start, end = piece.start, piece.end
        if start < at or paragraph[at:start].strip():
            return _whole(paragraph)
        at = end
        words = paragraph[start:end]
        if words.strip():
            spans.append((start + len(words) - len(words.lstrip()), start + len(words.rstrip())))
    if paragraph[at:].strip():
        return _whole(paragraph)
    return tuple(spans)


def _whole(paragraph: str) -> tuple[tuple[int, int], ...]:
    start = len(paragraph) - len(paragraph.lstrip())
    end = len(paragraph.rstrip())
    return ((start, end),) if start < end else ()


def leans(sentence: str) -> bool:
    """The sentence speaks of something that only its neighbours name: "This", "They", "as above"; no lead-in does."""
    return bool(_LEANS.search(sentence)) and not sentence.endswith(":") and not _OPENS_EMPTY.search(sentence)
