"""Markdown into blocks: headings, paragraphs, items, table rows; emphasis and links as their words."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.blocks import Block, Document


def read_markdown(body: str) -> Document:
    """Blocks with their lines in the file. HTML inside Markdown is left out."""
    blocks: list[Block] = []
    bullet = ""
    inside = 0  # lists around this place
    row: list[str] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    line = 0
    for index, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else line
        if token.type in ("bullet_list_open", "ordered_list_open"):
            inside += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            inside -= 1
        elif token.type == "list_item_open":
            bullet = "- " if token.info == "" else f"{token.info}. "
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and any(row):
            blocks.append(Block(" | ".join(row), line=line, before="\n", joins=True))
        elif token.type in ("fence", "code_block") and token.content.strip():
            blocks.append(Block(" ".join(token.content.split()), line=line))
        elif token.type == "inline":
            words = _words(token.children or ())
            opener = tokens[index - 1]
            if opener.type in ("th_open", "td_open"):
                row.append(" ".join(words.split()))
            elif opener.type == "heading_open":
                blocks.append(Block(" ".join(words.split()), level=int(opener.tag[1]), line=line))
            elif words.strip():
                before = "\n" if inside else "\n\n"
                blocks.append(Block(bullet + words, line=line, before=before, joins=inside > 0))
                bullet = ""
    return Document(blocks)


def _words(children: Sequence[Token]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "code_inline", "image"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)
