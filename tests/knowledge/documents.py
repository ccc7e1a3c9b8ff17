"""The same text as a PDF, a Word document, a web page and plain text, for tests of their readers."""

import html
from pathlib import Path

import docx
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

Part = tuple[int, str]  # heading level (0 for a paragraph, -1 for a list item), text


def as_plain(parts: list[Part], path: Path) -> Path:
    """A paragraph a line."""
    path.write_text("\n\n".join(f"- {text}" if level < 0 else text for level, text in parts), encoding="utf-8")
    return path


def as_html(parts: list[Part], path: Path, title: str = "A page") -> Path:
    """A page with a menu, a cookie banner, a script and a footer around the article."""
    rows = []
    for level, text in parts:
        tag = f"h{level}" if level > 0 else "p" if level == 0 else "li"
        rows.append(f"<{tag}>{html.escape(text)}</{tag}>")
    path.write_text(
        f"""<!DOCTYPE html>
<!-- saved from url=(0031)https://clinic.example/article -->
<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>
<meta property="article:modified_time" content="2026-03-04T10:00:00Z">
<script>document.write("Planted by a script.")</script><style>p {{ color: red }}</style></head>
<body><nav><ul><li><a href="/">Home of the menu</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies on this page.</p></div>
<article>{"".join(rows)}<p style="display: none">Hidden from every reader of the page.</p></article>
<footer><p>All rights reserved by the footer.</p></footer></body></html>""",
        encoding="utf-8",
    )
    return path


def as_word(parts: list[Part], path: Path) -> Path:
    """Headings and lists in Word's own styles, with a header and a footer on every page."""
    word = docx.Document()
    word.sections[0].header.paragraphs[0].text = "The running header"
    word.sections[0].footer.paragraphs[0].text = "The running footer"
    for level, text in parts:
        if level > 0:
            word.add_heading(text, level)
        else:
            word.add_paragraph(text, style="List Bullet" if level < 0 else None)
    word.save(str(path))
    return path


def as_pdf(parts: list[Part], path: Path, *, hyphens: bool = False) -> Path:
    """A4 with a running header and page numbers; `hyphens` breaks long words at the ends of lines."""
    sheet = getSampleStyleSheet()
    body = ParagraphStyle("ours", sheet["BodyText"], spaceAfter=8)
    story: list[Flowable] = []
    for level, text in parts:
        words = html.escape(text, quote=False)
        if level > 0:
            story.append(Paragraph(words, sheet[f"Heading{level}"]))
        elif hyphens and level == 0:
            story.append(Paragraph(_broken(words, body), body))
        else:
            story.append(Paragraph(f"• {words}" if level < 0 else words, body))
    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=_edges, onLaterPages=_edges)
    return path


def _broken(text: str, style: ParagraphStyle, width: float = 439) -> str:
    """The text with a hyphen inside the first long word of every line but the last."""
    lines = simpleSplit(text, style.fontName, style.fontSize, width - 40)
    made = []
    carried = ""
    for line in lines[:-1]:
        words = (carried + line).split()
        last = words[-1]
        carried = ""
        if len(last) > 7 and last.isalpha() and last.islower():
            words[-1], carried = last[:4] + "-", last[4:] + " "
        made.append(" ".join(words))
    made.append(carried + lines[-1])
    return "<br/>".join(made)


def _edges(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(72, A4[1] - 36, "The running header")
    canvas.drawString(72, 36, f"Page {document.page} of many")
