"""All the words of a PDF or Word document that somebody hands in as an answer; refused where not all of it is words."""

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from itertools import islice

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams, LTComponent, LTContainer, LTImage, LTTextContainer
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1

from errors import BadSource
from knowledge.read_word import look_inside

PAGES = 50
# Where Word keeps sentences, and what may say something that is no words.
_SENTENCES = re.compile(r"word/(?:document|footnotes|endnotes|comments|header\d*|footer\d*)\.xml")
_NO_WORDS = re.compile(r"word/(?:media|embeddings|charts|diagrams|ink|activeX)/.")
_UNMAPPED = re.compile(r"\(cid:\d+\)")


def words_of(raw: bytes, name: str) -> str:
    """The words, page after page. Raises BadSource for pictures, scans, forms, other kinds of file, and damage."""
    try:
        text = _of_pdf(raw, name) if b"%PDF-" in raw[:1024] else _of_word(raw, name)
    except (BadSource, MemoryError, RecursionError):
        raise
    except Exception as error:  # the libraries let through whatever a broken file makes them meet
        raise BadSource(f"{name}: locked or damaged ({type(error).__name__}).") from error
    if not text.strip():
        raise BadSource(f"{name}: there are no words in it.")
    return text


def _of_pdf(raw: bytes, name: str) -> str:
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    document = PDFDocument(PDFParser(io.BytesIO(raw)))
    if resolve1(resolve1(document.catalog.get("AcroForm", {})).get("Fields", [])):
        raise BadSource(f"{name}: it is a form; what was filled in cannot be read.")
    for page in islice(PDFPage.create_pages(document), PAGES + 1):
        marks = (resolve1(mark) for mark in resolve1(page.annots) or ())
        if any(str(getattr(mark.get("Subtype"), "name", "")) != "Link" for mark in marks):
            raise BadSource(f"{name}: somebody wrote notes on its pages; they cannot be read.")
    found = []
    for number, laid_out in enumerate(extract_pages(io.BytesIO(raw), laparams=LAParams(all_texts=True)), start=1):
        if number > PAGES:
            raise BadSource(f"{name}: more than {PAGES} pages.")
        parts = list(_parts(laid_out))
        if any(isinstance(part, LTImage) for part in parts):
            raise BadSource(f"{name}: there is a picture on page {number}.")
        found.append("\n".join(part.get_text() for part in parts if isinstance(part, LTTextContainer)))
    text = "\n\n".join(found).replace("(cid:127)", "•")  # where fonts keep the bullet
    if _UNMAPPED.search(text):
        raise BadSource(f"{name}: some of its letters cannot be told.")
    return text


def _parts(page: LTContainer[LTComponent]) -> Iterator[LTComponent]:
    for part in page:
        yield part
        if isinstance(part, LTContainer) and not isinstance(part, LTTextContainer):
            yield from _parts(part)


def _of_word(raw: bytes, name: str) -> str:
    look_inside(raw, name)
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        names = packed.namelist()
        if any(_NO_WORDS.match(part) for part in names):
            raise BadSource(f"{name}: there is a picture or another file in it.")
        roots = [parse_xml(packed.read(part)) for part in names if _SENTENCES.fullmatch(part)]
    paragraphs = (paragraph for root in roots for paragraph in root.iter(qn("w:p")))
    return "\n".join("".join(sign.text or " " for sign in one.iter(*map(qn, _WORD_SIGNS))) for one in paragraphs)


_WORD_SIGNS = ("w:t", "w:tab", "w:br", "w:cr")
