"""All the words of a document that is an answer, or none: what cannot be read is refused."""

import io
import zlib
from pathlib import Path

import docx
import pytest
from docx.shared import Inches
from reportlab.pdfgen.canvas import Canvas

from errors import BadSource
from knowledge.apart import words_apart
from knowledge.words import words_of
from tests.knowledge.documents import as_pdf, as_word

SAID = [(1, "A letter"), (0, "I cannot go on like this."), (-1, "not any more")]


def png() -> bytes:
    """One white dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    rows = zlib.compress(b"\x00\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def drawn(*pages: str, form: bool = False, note: bool = False, picture: Path | None = None) -> bytes:
    """A PDF with a line on each page."""
    written = io.BytesIO()
    canvas = Canvas(written)
    for line in pages:
        if line:
            canvas.drawString(72, 700, line)
        canvas.showPage() if line != pages[-1] else None
    if form:
        canvas.acroForm.textfield(name="how", value="I want to end my life", x=72, y=600, width=200, height=20)
    if note:
        canvas.textAnnotation("I want to end my life", Rect=[72, 500, 90, 518])
    if picture:
        canvas.drawImage(str(picture), 72, 400, width=200, height=200)
    canvas.save()
    return written.getvalue()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    (tmp_path / "dot.png").write_bytes(png())
    return tmp_path / "dot.png"


def test_every_word_of_a_pdf_is_read_headers_and_footers_too(tmp_path: Path):
    words = words_of(as_pdf(SAID, tmp_path / "letter.pdf").read_bytes(), "letter.pdf")

    for _, text in SAID:
        assert text in words
    assert words_of(drawn("one", "", "two"), "x.pdf").split() == ["one", "two"]


def test_every_word_of_a_word_document_is_read_wherever_it_stands(tmp_path: Path):
    words = words_of(as_word(SAID, tmp_path / "letter.docx").read_bytes(), "letter.docx")

    for text in (*(text for _, text in SAID), "The running header", "The running footer"):
        assert text in words


def test_what_is_not_all_words_is_refused(tmp_path: Path, picture: Path):
    word = docx.Document()
    word.add_paragraph("See the picture.")
    word.add_picture(str(picture), width=Inches(1))
    word.save(str(tmp_path / "with.docx"))
    refused = {
        "picture": drawn("See below.", picture=picture),
        "scan": drawn("", picture=picture),
        "form": drawn("How are you?", form=True),
        "notes": drawn("Fine.", note=True),
        "with.docx": (tmp_path / "with.docx").read_bytes(),
        "empty": drawn(""),
        "image": picture.read_bytes(),
        "cut": as_pdf(SAID, tmp_path / "letter.pdf").read_bytes()[:400],
        "nothing": b"",
    }
    for name, raw in refused.items():
        with pytest.raises(BadSource, match=rf"^{name}: "):
            words_of(raw, name)


def test_a_document_that_is_an_answer_is_read_in_a_process_of_its_own():
    assert words_apart("x.pdf", drawn("I cannot go on like this.")).strip() == "I cannot go on like this."
    with pytest.raises(BadSource):
        words_apart("x.pdf", b"%PDF-1.4 and then nothing")
