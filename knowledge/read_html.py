"""A saved web page into blocks: what a reader of the page would read, with its address and date."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import lxml.html
from lxml import etree

from errors import BadSource
from knowledge.blocks import Block, Document, item, one_line

# What is never part of an article.
_LEFT_OUT = frozenset(
    """script style noscript template nav footer aside form button select option textarea input iframe object embed
    svg math canvas audio video map dialog head""".split()
)
_ROLES = frozenset("navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar".split())
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|breadcrumbs?|navbar|sidebar|share|sharing|social|newsletter|subscribe|popup|modal"
    r"|skip-link|pagination|advert(?:isement)?|related-posts|comments?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])")
_OWN_LINE = frozenset(
    """address article blockquote body center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 header
    hgroup hr html li main ol p pre section summary table tbody td tfoot th thead tr ul caption""".split()
)
_SAVED = re.compile(r"saved from url=\(\d+\)(\S+)|\burl:\s*(https?://\S+)|\bsaved date:\s*([^\n]+)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def decode(raw: bytes, name: str) -> str:
    """The page's characters: UTF-8, or what the page itself declares. Raises BadSource."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        declared = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", raw[:4096], re.IGNORECASE)
        try:
            return raw.decode(declared[1].decode("ascii") if declared else "utf-8")
        except (UnicodeDecodeError, LookupError):
            raise BadSource(
                f"{name}: not UTF-8 (byte {error.start}), and no other alphabet that it declares. "
                "Open it in a browser, save it again as UTF-8, and add it again."
            ) from error


def read_html(text: str, name: str) -> Document:
    """Blocks of the page's main part. Raises BadSource for what is no page."""
    if not re.search(r"<\s*(?:html|body|p|div|h[1-6]|article|main|!doctype)\b", text, re.IGNORECASE):
        raise BadSource(f"{name}: no web page, though its name says so. Give it its right ending.")
    try:
        root = lxml.html.document_fromstring(text.encode(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise BadSource(f"{name}: there is no text in it. Add a document with at least one paragraph.") from error
    made = _Page()
    made.walk(_main(root))
    return Document(made.blocks, _facts(root))


def _main(root: Any) -> Any:
    """The element that holds the article: the one <main>, else the one <article>, else the body."""
    for wanted in ("//main | //*[@role='main']", "//article"):
        found = root.xpath(wanted)
        if len(found) == 1 and len(" ".join(found[0].itertext()).split()) >= 20:
            return found[0]
    body = root.find("body")
    return root if body is None else body


class _Page:
    """Collects blocks in reading order without recursion, so that no depth of elements can stop it."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._words: list[str] = []
        self._around: list[str] = []  # the elements around this place that shape a block

    def walk(self, top: Any) -> None:
        """Every element below, opened and closed in order."""
        pending: list[tuple[Any, bool]] = [(top, False)]
        while pending:
            node, closing = pending.pop()
            if closing:
                self._leave(node)
                continue
            if not isinstance(node.tag, str):
                continue
            if node is not top and _is_left_out(node):
                continue
            self._enter(node)
            pending.append((node, True))
            for child in reversed(node):
                if child.tail:
                    pending.append((_Tail(child.tail), False))
                pending.append((child, False))
        self._end()

    def _enter(self, node: Any) -> None:
        tag = node.tag
        if tag == _Tail.tag:
            self._words.append(node.text)
            return
        if tag == "br":
            after_break = bool(self._words) and self._words[-1] == "\n"
            if after_break:
                self._end()
            else:
                self._words.append("\n")
            return
        if tag in _OWN_LINE and not self._inside("tr"):
            self._end()
        if tag == "tr":
            self._end()
        if tag in ("td", "th") and self._words:
            self._words.append(" | ")
        self._around.append(tag)
        if node.text:
            self._words.append(node.text)

    def _leave(self, node: Any) -> None:
        tag = node.tag
        if tag in (_Tail.tag, "br"):
            return
        if tag == "tr" or (tag in _OWN_LINE and not self._inside("tr")):
            self._end()
        self._around.pop()

    def _inside(self, *tags: str) -> bool:
        return any(tag in self._around for tag in tags)

    def _end(self) -> None:
        """Close the block that is open, if it holds words."""
        words = one_line("".join(self._words))
        self._words.clear()
        if not words.strip(" |"):
            return
        heading = next((tag for tag in reversed(self._around) if re.fullmatch(r"h[1-6]", tag)), None)
        if heading:
            self.blocks.append(Block(words, level=int(heading[1])))
        elif self._inside("summary", "dt") and words.endswith("?"):
            self.blocks.append(Block(words, level=4))
        elif self._inside("tr"):
            self.blocks.append(Block(words.strip(), before="\n", joins=True))
        elif self._inside("li"):
            self.blocks.append(Block(item(words), before="\n", joins=True))
        else:
            self.blocks.append(Block(words))


class _Tail:
    """Words that follow an element, as one more thing to walk over."""

    tag = "#words"

    def __init__(self, text: str) -> None:
        self.text = text

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __reversed__(self) -> Iterator[Any]:
        return iter(())


def _is_left_out(node: Any) -> bool:
    if isinstance(node, _Tail):
        return False
    if node.tag in _LEFT_OUT or "hidden" in node.attrib or node.get("aria-hidden") == "true":
        return True
    if node.get("role") in _ROLES or _HIDDEN.search(node.get("style") or ""):
        return True
    if node.tag == "header" and not node.xpath(".//h1"):
        return True
    return bool(_AROUND.search(f"{node.get('class') or ''} {node.get('id') or ''}"))


def _facts(root: Any) -> dict[str, Any]:
    """Title, author, address and dates as the page gives them."""
    comments = " \n".join(str(node.text or "") for node in root.getroottree().xpath("//comment()")[:20])
    address = saved = ""
    for found in _SAVED.finditer(comments):
        address = address or found[1] or found[2] or ""
        saved = saved or _day(found[3] or "")
    address = address or _first(root, "//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content")
    found_title = _first(root, "//meta[@property='og:title']/@content", "//title/text()")
    facts = {
        "title": found_title,
        "author": _first(root, "//meta[@name='author']/@content"),
        "address": address,
        "saved_on": saved,
        "date": _day(
            _first(
                root,
                "//meta[@property='article:modified_time']/@content",
                "//meta[@property='article:published_time']/@content",
                "//meta[@name='date']/@content",
                "//time/@datetime",
            )
        ),
    }
    return {key: value for key, value in facts.items() if value}


def _first(root: Any, *paths: str) -> str:
    for path in paths:
        for found in root.xpath(path):
            if words := one_line(str(found)):
                return words
    return ""


def _day(text: str) -> str:
    """The day in a date of the page, YYYY-MM-DD; empty where there is none."""
    if found := _DAY.search(text):
        try:
            return date.fromisoformat(found[0]).isoformat()
        except ValueError:
            return ""
    for shape in ("%a %b %d %Y", "%d %b %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y"):
        try:
            return datetime.strptime(text.split(" (")[0][:15].strip(), shape).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return ""
