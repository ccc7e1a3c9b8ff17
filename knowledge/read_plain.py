"""Plain text into blocks: every line as it stands where lines are long, else blocks between empty lines."""

import re
from itertools import pairwise

from knowledge.blocks import Block, Document, is_item

LONG = 160  # characters; a text with longer lines has a paragraph a line


def read_plain(body: str) -> Document:
    """Paragraphs, list items and lines that read like headings; where lines are long, spans equal the file's."""
    lines = [line for line in body.split("\n") if line.strip()]
    wrapped = bool(lines) and max(map(len, lines)) <= LONG and "\n\n" in body.strip()
    pattern = r"\S(?:.|\n(?![ \t]*\n))*" if wrapped else r"\S.*"
    blocks: list[Block] = []
    end = 0
    for found in re.finditer(pattern, body):
        line = body.count("\n", 0, found.start()) + 1
        if wrapped:
            blocks += _pieces(found[0], line)
            continue
        words = found[0].rstrip()
        blocks.append(Block(words, line=line, before=body[end : found.start()], joins=is_item(words)))
        end = found.start() + len(words)
    for block, following in pairwise(blocks):
        if not block.joins and reads_like_heading(block.text, following.text):
            block.level = 2
    return Document(blocks, is_marked=False)


def _pieces(text: str, line: int) -> list[Block]:
    """A wrapped paragraph, its list items apart."""
    pieces: list[Block] = []
    for number, words in enumerate(text.split("\n"), start=line):
        begins = is_item(words.strip())
        if begins or not pieces:
            pieces.append(Block(" ".join(words.split()), line=number, before="\n\n", joins=begins))
        else:
            pieces[-1].text = f"{pieces[-1].text} {' '.join(words.split())}".strip()
    for piece in pieces[1:]:
        piece.before = "\n"
    return [piece for piece in pieces if piece.text]


def reads_like_heading(line: str, following: str) -> bool:
    """A short line without a closing full stop, before a longer one."""
    return len(line) <= 90 and line[-1] not in '.:;,!…”"' and len(line.split()) <= 14 and len(following) > len(line)
