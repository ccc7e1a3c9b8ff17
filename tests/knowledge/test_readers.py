"""Readers: the same text in any file gives the same passages, and nothing that is not the document's."""

import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from reportlab.pdfgen.canvas import Canvas

from knowledge.library import SHIPPED, read_folder
from knowledge.reading import read_file
from knowledge.source import Source
from tests.knowledge.documents import Part, as_html, as_pdf, as_plain, as_word

Maker = Callable[[list[Part], Path], Path]
MAKERS: dict[str, Maker] = {".pdf": as_pdf, ".docx": as_word, ".html": as_html}
VISIT: list[Part] = [
    (1, "Your visit"),
    (0, "A first visit to the Harbour Clinic takes a whole morning. Please plan for it."),
    (2, "What to bring"),
    (0, "Please bring these things with you:"),
    (-1, "a list of your medicines"),
    (-1, "somebody who can take you home"),
    (0, "Nothing else is needed on the day of a first visit."),
]


def long_article() -> list[Part]:
    """A shipped digest as an article of many pages."""
    source = read_folder(SHIPPED).sources["mck"]
    parts: list[Part] = []
    under: tuple[str, ...] = ()
    for passage in source.passages:
        for level, heading in enumerate(passage.heading, start=1):
            if under[level - 1 : level] != (heading,):
                parts.append((level, heading))
        under = passage.heading
        parts.append((0, passage.text))
    return parts


def sentences(source: Source) -> list[str]:
    return [source.sentence(passage, one) for passage in source.passages for one in passage.sentences]


@pytest.mark.parametrize("suffix", MAKERS)
def test_an_article_has_the_same_sentences_under_the_same_headings_in_any_file(suffix: str, tmp_path: Path):
    parts = long_article()
    plain = as_plain([(level, text) for level, text in parts if level == 0], tmp_path / "article.txt")
    wanted = sentences(read_file(plain))

    source = read_file(MAKERS[suffix](parts, tmp_path / f"article{suffix}"))

    found = sentences(source)
    assert len(set(wanted) & set(found)) >= 0.98 * len(set(wanted))
    assert len(found) <= 1.02 * len(wanted)
    assert {p.heading[-1] for p in source.passages} == {text for level, text in parts if level == 2}


@pytest.mark.parametrize("suffix", MAKERS)
def test_a_list_stays_with_its_lead_in_and_no_item_is_shown_without_it(suffix: str, tmp_path: Path):
    source = read_file(MAKERS[suffix](VISIT, tmp_path / f"visit{suffix}"))

    listed = next(
        passage for passage in source.passages if passage.text.startswith("Please bring these things with you:\n")
    )
    assert [re.sub(r"^[-•] ", "", line) for line in listed.text.split("\n")[1:]] == [
        "a list of your medicines",
        "somebody who can take you home",
    ]
    lead = listed.sentences[0].id
    assert all(lead.endswith(s.companions[0].sentence) for s in listed.sentences[1:])
    assert any(passage.text.startswith("Nothing else") for passage in source.passages)


def test_headers_footers_and_page_numbers_are_no_part_of_a_document(tmp_path: Path):
    parts = long_article()
    for suffix, make in MAKERS.items():
        source = read_file(make(parts, tmp_path / f"article{suffix}"))
        assert not re.search(r"running (?:header|footer)|Page \d|of the menu|by the footer|cookies", source.text), (
            suffix
        )


def test_what_a_web_page_runs_or_hides_is_not_read(tmp_path: Path):
    source = read_file(as_html(VISIT, tmp_path / "visit.html"))

    assert "script" not in source.text and "Hidden" not in source.text and "color" not in source.text


def test_a_saved_page_keeps_its_address_its_title_and_its_date(tmp_path: Path):
    source = read_file(as_html(VISIT, tmp_path / "visit.html", title="Visits"))

    assert (source.address, source.title, source.date) == ("https://clinic.example/article", "Visits", "2026-03-04")


def test_a_table_of_contents_is_left_out_and_a_price_behind_dots_is_a_row(tmp_path: Path):
    canvas = Canvas(str(tmp_path / "guide.pdf"))
    for number, name in enumerate(("What to bring", "How to come here", "When you leave"), start=2):
        canvas.drawString(72, 760 - 20 * number, f"{name} {'. ' * 30}{number}")
    canvas.showPage()
    canvas.drawString(72, 700, "Guests of the house pay at the desk when they leave.")
    canvas.drawString(72, 640, f"A first visit {'.' * 40} 90 dollars")
    canvas.save()

    text = read_file(tmp_path / "guide.pdf").text
    assert "bring" not in text and "A first visit | 90 dollars" in text

    word = docx.Document()
    word.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    word.add_paragraph("What to bring\t2", style="toc 1")
    word.add_paragraph("Guests pay at the desk when they leave.")
    word.save(str(tmp_path / "guide.docx"))

    assert read_file(tmp_path / "guide.docx").text == "Guests pay at the desk when they leave.\n"


def test_a_pdf_says_on_which_page_a_passage_stands(tmp_path: Path):
    source = read_file(as_pdf(long_article(), tmp_path / "article.pdf"))
    pages = [passage.page or 0 for passage in source.passages]

    assert pages == sorted(pages) and pages[0] == 1 and pages[-1] > 5


def test_a_word_broken_at_the_end_of_a_line_is_whole_again_and_a_compound_keeps_its_hyphen(tmp_path: Path):
    parts: list[Part] = [
        (0, "The under-the-tongue form of the medicine dissolves slowly and comfortably while patients rest. " * 4),
        (0, "A physician looks at everything beforehand, carefully and thoroughly, and answers questions. " * 4),
    ]
    source = read_file(as_pdf(parts, tmp_path / "broken.pdf", hyphens=True))

    assert set(sentences(source)) - {"The running header", "Page 1 of many"} == {
        "The under-the-tongue form of the medicine dissolves slowly and comfortably while patients rest.",
        "A physician looks at everything beforehand, carefully and thoroughly, and answers questions.",
    }


def test_a_table_is_read_as_lines_and_each_row_comes_with_its_head(tmp_path: Path):
    word = docx.Document()
    word.add_paragraph("What a visit costs stands in this table.")
    table = word.add_table(rows=0, cols=2)
    for left, right in (("Visit", "Price"), ("First", "90 dollars"), ("Second", "70 dollars")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = left, right
    word.save(str(tmp_path / "prices.docx"))

    rows = read_file(tmp_path / "prices.docx").passages[1]
    assert rows.text == "Visit | Price\nFirst | 90 dollars\nSecond | 70 dollars"
    assert all(rows.sentences[0].id.endswith(one.companions[0].sentence) for one in rows.sentences[1:])


def test_what_was_inserted_under_review_counts_and_what_was_deleted_does_not(tmp_path: Path):
    word = docx.Document()
    paragraph = word.add_paragraph("Visits take ")
    for tag, inner, text in (("w:del", "w:delText", "one hour."), ("w:ins", "w:t", "two hours.")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    assert paragraph._p.find(qn("w:ins")) is not None
    word.save(str(tmp_path / "reviewed.docx"))

    assert read_file(tmp_path / "reviewed.docx").text == "Visits take two hours.\n"


def test_a_lead_in_whose_list_is_lost_says_so_beside_itself(tmp_path: Path):
    path = as_plain(
        [(0, "Please bring the following:"), (0, "Parking is free for everybody who comes.")], tmp_path / "a.txt"
    )
    passage = read_file(path).passages[0]

    assert [one.wording for one in passage.sentences[-1].companions] == ["list-missing"]


def test_a_sentence_that_leans_on_the_one_before_never_comes_alone(tmp_path: Path):
    path = as_plain([(0, "Visits begin with a talk. This takes an hour. A nurse is there.")], tmp_path / "a.txt")
    first, second, third = read_file(path).passages[0].sentences

    assert second.companions[0].sentence == first.id[first.id.index("#") :]
    assert not first.companions and not third.companions


@pytest.mark.parametrize("suffix", MAKERS)
def test_two_files_that_do_not_say_whose_they_are_are_never_one_clinic(suffix: str, tmp_path: Path):
    sources = [read_file(MAKERS[suffix](VISIT, tmp_path / f"{name}{suffix}")) for name in ("one", "two")]

    assert [source.clinic for source in sources] == ["one", "two"]


def test_a_clinic_that_speaks_of_itself_by_name_is_known_by_it(tmp_path: Path):
    path = as_plain(
        [(0, "At Harbour House Clinic, we begin with a talk."), (0, "Parking is free.")], tmp_path / "a.txt"
    )
    assert read_file(path).clinic == "Harbour House Clinic"
    assert read_file(path, clinic="Hill Clinic").clinic == "Hill Clinic"
