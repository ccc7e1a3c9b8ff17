"""The clinician's page as a PDF: one or two pages where the words allow it, and never a word cut off."""

from datetime import UTC, datetime, tzinfo
from io import BytesIO
from typing import Any

from intake.charts import png_of
from intake.page import Line, Page, Section
from intake.plain import when
from intake.questionnaire import Panel
from prompts.intake import intake_words

SIZES = (9.5, 8.5, 7.5)  # points; smaller ones are tried before a third page is begun
PAGES = 2
HOPELESS = 4  # pages; the smallest type takes a third less, so it stays readable instead
INK, MUTED, RULE = (34, 48, 45), (82, 96, 92), (218, 223, 216)
SIDE, TOP, CHART = 16.0, 14.0, 95.0  # mm
UNKNOWN = "◊"  # in place of a sign the typeface lacks, and said so


def pdf_of(page: Page, zone: tzinfo = UTC) -> bytes:
    """The page in US letter format, its times in that zone."""
    chart = png_of(page.points, page.scale)
    for size in SIZES:
        sheet = _Sheet(page, size, zone)
        made = sheet.write(chart)
        if sheet.pages <= PAGES or sheet.pages > HOPELESS:
            break
    return made


class _Sheet:
    """One try at one size of type."""

    def __init__(self, page: Page, size: float, zone: tzinfo) -> None:
        import font_source_sans_pro as fonts  # the page's own typeface; a package with the files and nothing else
        from fpdf import FPDF

        self._lacks = False

        self._page, self._size, self._zone, self._say = page, size, zone, intake_words("en")
        self._pdf = FPDF(format="letter")
        self._pdf.set_margins(SIDE, TOP, SIDE)
        self._pdf.set_auto_page_break(auto=True, margin=TOP)
        self._pdf.add_font("sans", "", fonts.font_files_ttf["SourceSansPro"])
        face: Any = self._pdf.fonts["sans"]
        self._known = frozenset(face.cmap)
        self._pdf.add_font("sans", "B", fonts.font_files_ttf["SourceSansProSemibold"])
        self._pdf.set_title(f"{page.reference}, {page.title}")
        self._pdf.set_creation_date(page.handed_over_at)
        self._pdf.add_page()

    @property
    def pages(self) -> int:
        """How many there are by now."""
        return int(self._pdf.page_no())

    def write(self, chart: bytes) -> bytes:
        """Everything, in order."""
        page, zone, say = self._page, self._zone, self._say
        self._text(f"{page.title}, version {page.version}", self._size + 5, bold=True)
        times = (
            say("page.begun", time=when(page.begun_at, zone)),
            say("page.handed_over", time=when(page.handed_over_at, zone)),
        )
        self._text(f"{page.reference}. {times[0]}. {times[1]}.", self._size, muted=True)
        self._text(" ".join(filter(None, (say("page.not_reviewed"), page.notice))), self._size - 1, muted=True)
        for section in page.sections:
            self._section(section)
        if page.points:
            self._follow_ups(chart)
        if self._lacks:
            self._text(say("page.signs", sign=UNKNOWN), self._size - 1, muted=True)
        return bytes(self._pdf.output())

    def _section(self, section: Section) -> None:
        self._heading(section.title)
        for line in section.lines:
            self._line(line)

    def _heading(self, title: str) -> None:
        if self._pdf.will_page_break(self._size * 1.6):
            self._pdf.add_page()
        self._pdf.ln(self._size * 0.16)
        self._pdf.set_draw_color(*RULE)
        self._pdf.line(SIDE, self._pdf.get_y(), self._pdf.w - SIDE, self._pdf.get_y())
        self._text(title, self._size + 1.5, bold=True)

    def _line(self, line: Line) -> None:
        number = f"{line.row}. " if line.row else ""
        origin = f"{self._day(line.at)}, {line.link.text}"
        self._pdf.ln(self._size * 0.08)  # what belongs together stands together
        if line.label:
            self._text(f"{number}{line.label}  ·  {origin}", self._size - 1.5, muted=True)
            self._text(line.text, self._size)
            if line.note:
                self._text(line.note, self._size - 1.5, muted=True)
        else:
            self._text(f"{number}{line.text}", self._size)
            self._text(origin, self._size - 1.5, muted=True)

    def _follow_ups(self, chart: bytes) -> None:
        if chart and self._pdf.will_page_break(CHART * _height_to_width(chart) + self._size):
            self._pdf.add_page()
        self._heading(self._say("page.follow_ups"))
        top, page = self._pdf.get_y(), self._pdf.page_no()
        if chart:  # the table stands beside it
            self._pdf.image(BytesIO(chart), x=SIDE, y=top, w=CHART)
            self._pdf.set_left_margin(SIDE + CHART + 4)
            self._pdf.set_y(top)
        for point in self._page.points:
            counted = "" if point.value is None or point.panel is Panel.SESSIONS else f" ({point.value:f})"
            said = f"{self._day(point.at)}  {point.label}: {point.text}{counted}  ·  {point.link.text}"
            self._text(said, self._size - 1)
        if chart and self._pdf.page_no() == page:
            self._pdf.set_y(max(self._pdf.get_y(), top + CHART * _height_to_width(chart)))
        self._pdf.set_left_margin(SIDE)
        self._pdf.set_x(SIDE)

    def _day(self, at: datetime) -> str:
        return when(at, self._zone).rpartition(" ")[0]

    def _text(self, text: str, size: float, *, bold: bool = False, muted: bool = False) -> None:
        text = text.expandtabs(4)
        signs = "".join(sign if ord(sign) in self._known or sign == "\n" else UNKNOWN for sign in text)
        self._lacks = self._lacks or signs != text
        colour: Any = MUTED if muted else INK
        self._pdf.set_text_color(*colour)
        self._pdf.set_font("sans", "B" if bold else "", size)
        self._pdf.multi_cell(0, size * 0.44, signs, align="L", new_x="LMARGIN", new_y="NEXT")


def _height_to_width(png: bytes) -> float:
    """Out of the picture's own head."""
    return int.from_bytes(png[20:24], "big") / int.from_bytes(png[16:20], "big")
