"""Where each sentence of a paragraph begins and ends."""

from functools import cache

import pysbd


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
