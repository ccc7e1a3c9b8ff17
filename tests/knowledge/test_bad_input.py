"""Every document that cannot be used costs one clear line, names its file, and leaves the library as it was."""

import random
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import run

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

import knowledge.register
from errors import BadInput, BadSource
from knowledge.apart import HERE, Reader
from knowledge.register import Outcome, Register
from knowledge.source import Source
from tests.knowledge.documents import Part, as_html, as_pdf, as_word

PARTS: list[Part] = [(1, "A heading"), (0, "A paragraph of some words. And another sentence."), (-1, "an item")]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one


def word_with(path: Path, name: str, content: bytes) -> Path:
    """A Word document with one more part inside."""
    as_word(PARTS, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return path


def pdf_of(stream: bytes) -> bytes:
    """A PDF of one page whose content is this stream, compressed."""
    packed = zlib.compress(stream, 9)
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(made),
    )


def encrypted(path: Path) -> Path:
    canvas = Canvas(str(path), encrypt=StandardEncryption("only we know"))
    canvas.drawString(72, 700, "Nobody reads this.")
    canvas.save()
    return path


def scanned(path: Path) -> Path:
    canvas = Canvas(str(path))
    canvas.rect(72, 300, 200, 200, fill=1)
    canvas.save()
    return path


def bad(folder: Path, name: str) -> Path:
    path = folder / name
    made = {
        "empty.pdf": b"",
        "blank.html": b"<html><body><p> </p></body></html>",
        "wrong.pdf": b"Only some words.",
        "wrong.docx": b"Only some words.",
        "wrong.txt": b"%PDF-1.4 and so on",
        "wrong.html": b"Only some words, no page at all.",
        "packed.md": b"PK\x03\x04 and so on",
        "latin.html": b"<html><body><p>caf\xe9 and more words</p></body></html>",
        "zeros.txt": b"words\x00words",
        "torn.pdf": b"%PDF-1.4\n%%EOF",
        "old.doc": b"\xd0\xcf\x11\xe0",
        "macro.docm": b"PK\x03\x04",
        "letter.rtf": b"{\\rtf1 words}",
        "aliases.md": b"---\na: &a [x, x]\n"
        + b"".join(b"%c: &%c [*%c, *%c, *%c]\n" % (c, c, c - 1, c - 1, c - 1) for c in range(ord("b"), ord("z")))
        + b"title: *y\n---\n\nText.\n",
    }
    if name in made:
        path.write_bytes(made[name])
    elif name == "bomb.pdf":
        path.write_bytes(pdf_of(b" " * 1_000_000_000))
    elif name == "locked.pdf":
        encrypted(path)
    elif name == "scanned.pdf":
        scanned(path)
    elif name == "macro.docx":
        word_with(path, "word/vbaProject.bin", b"program")
    elif name == "bomb.docx":
        word_with(path, "word/media/picture.bmp", b"\0" * 300_000_000)
    elif name == "other.docx":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("xl/workbook.xml", "<workbook/>")
    return path


BAD = [
    ("empty.pdf", "no text in it"),
    ("blank.html", "no text in it"),
    ("locked.pdf", "locked with a password. Save it without one"),
    ("scanned.pdf", "it was scanned. Have its text recognised"),
    ("wrong.pdf", "no PDF, though its name says so"),
    ("wrong.docx", "damaged (no readable package). Open it in Word"),
    ("other.docx", "no Word document, though its name says so"),
    ("wrong.txt", "a PDF, though its name says otherwise"),
    ("wrong.html", "no web page, though its name says so"),
    ("packed.md", "a packed file, though its name says otherwise"),
    ("latin.html", "not UTF-8 (byte 18)"),
    ("zeros.txt", "not a text"),
    ("torn.pdf", "damaged"),
    ("old.doc", "Open it in Word and save it as .docx"),
    ("macro.docm", "without macros"),
    ("macro.docx", "holds a macro"),
    ("letter.rtf", "Open it in Word and save it as .docx"),
    ("bomb.docx", "unpacks to more than 200 MB"),
    ("bomb.pdf", ""),
    ("aliases.md", "holds a list"),
    ("missing.txt", "cannot be opened"),
]


@pytest.mark.parametrize(("name", "says"), BAD)
def test_a_bad_document_costs_one_line_that_names_it(name: str, says: str, tmp_path: Path, reader: Reader):
    path = bad(tmp_path, name)

    with pytest.raises(BadSource) as raised:
        reader.read(path)

    line = str(raised.value)
    assert line.startswith(f"{name}: ") and says in line and "\n" not in line and len(line) < 500


def test_a_folder_with_bad_documents_gives_the_good_ones_and_a_line_for_each_other(tmp_path: Path):
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("locked.pdf", "wrong.docx", "macro.docx"):
        bad(folder, name)
    as_html(PARTS, folder / "good.html")
    register = Register(tmp_path / "sources", shipped=None)

    outcomes = register.add_folder(folder, lambda done, total, outcome: None)

    assert set(register.library().sources) == {"good"}
    assert sorted(one.path.name for one in outcomes if one.refused) == ["locked.pdf", "macro.docx", "wrong.docx"]
    assert sorted(path.name for path in (tmp_path / "sources").iterdir() if path.is_dir()) == ["good"]


def test_a_page_nested_without_end_is_read_or_refused_and_nothing_breaks(tmp_path: Path, reader: Reader):
    path = tmp_path / "deep.html"
    path.write_text(f"<html><body>{'<div>' * 100_000}Words at the bottom of it.{'</div>' * 100_000}</body></html>")
    with suppress(BadSource):
        assert "Words at the bottom" in reader.read(path).text


def test_five_hundred_pages_are_read(tmp_path: Path, reader: Reader):
    canvas = Canvas(str(tmp_path / "thick.pdf"))
    for number in range(500):
        canvas.drawString(72, 700, f"Rule {number} of the house says that room {number} is kept clean by its guests.")
        canvas.showPage()
    canvas.save()

    assert reader.read(tmp_path / "thick.pdf").passages[-1].page == 500


def test_a_document_that_takes_too_long_is_given_up(tmp_path: Path):
    with Reader(seconds=0.01) as hurried, pytest.raises(BadSource, match=r"words.pdf: took longer than"):
        hurried.read(as_pdf(PARTS, tmp_path / "words.pdf"))


def test_after_a_reader_was_stopped_the_next_document_is_read(tmp_path: Path):
    with Reader() as one:
        as_pdf(PARTS, tmp_path / "words.pdf")
        assert one.read(tmp_path / "words.pdf").passages
        assert one._child is not None
        one._child.kill()
        one._child.wait()
        with pytest.raises(BadSource):
            one.read(tmp_path / "words.pdf")
        assert one.read(tmp_path / "words.pdf").passages


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "open('written.txt', 'w')",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.remove('pyproject.toml')",
    ],
)
def test_a_reader_reaches_no_network_writes_no_file_and_starts_no_program(deed: str):
    program = f"from knowledge.apart import _shut_in\n_shut_in(10**9)\n{deed}"
    ended = run([sys.executable, "-c", program], cwd=HERE, capture_output=True, text=True, check=False)

    assert ended.returncode != 0 and "PermissionError" in ended.stderr


def test_a_document_that_takes_more_memory_than_is_allowed_is_refused(tmp_path: Path):
    path = tmp_path / "heavy.pdf"
    path.write_bytes(pdf_of(b"(words) Tj " * 40_000_000))
    with Reader(memory=600_000_000) as small, pytest.raises(BadSource, match=r"^heavy\.pdf: "):
        small.read(path)


# A folder


def test_two_files_of_one_folder_cannot_have_the_same_id(tmp_path: Path):
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("visit.txt", "visit.md"):
        (folder / name).write_text("Parking is behind the house.")
    register = Register(tmp_path / "sources", shipped=None)

    outcomes = register.add_folder(folder, lambda done, total, outcome: None)

    assert [one.refused for one in outcomes if one.refused] == [
        "visit.txt: its id 'visit' is taken by visit.md. Rename it, or state another id in it."
    ]


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path):
    folder = tmp_path / "given"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("Nobody gave this to us.")
    (folder / "visit.txt").symlink_to(tmp_path / "secret.txt")
    register = Register(tmp_path / "sources", shipped=None)

    (outcome,) = register.add_folder(folder, lambda done, total, outcome: None)

    assert "leads out of the folder" in outcome.refused and not register.library().sources


def test_a_folder_with_too_many_files_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(knowledge.register, "MOST_FILES", 3)
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text("Words.")

    with pytest.raises(BadInput, match="4 files, more than 3"):
        Register(tmp_path / "sources", shipped=None).add_folder(tmp_path, lambda done, total, outcome: None)


def test_a_file_of_a_kind_nobody_reads_is_named_and_not_taken_in(tmp_path: Path):
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "prices.xlsx").write_bytes(b"PK\x03\x04")
    told: list[Outcome] = []

    Register(tmp_path / "sources", shipped=None).add_folder(folder, lambda done, total, outcome: told.append(outcome))

    assert told[0].refused.startswith("prices.xlsx: this kind of file cannot be read.")


# Whatever comes


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html", ".md", ".txt"])
def test_a_damaged_document_is_read_or_refused_and_nothing_else(suffix: str, seed: int, tmp_path: Path, reader: Reader):
    chance = random.Random(f"{suffix}{seed}")
    whole = tmp_path / f"whole{suffix}"
    makers = {".pdf": as_pdf, ".docx": as_word, ".html": as_html}
    if suffix in makers:
        makers[suffix](PARTS, whole)
    else:
        whole.write_text("---\ntitle: Words\n---\n\n# A heading\n\nA paragraph.\n\n| a | b |\n|---|---|\n| c | d |\n")
    torn = bytearray(whole.read_bytes())
    for _ in range(chance.choice((1, 5, 50))):
        at = chance.randrange(len(torn))
        deed = chance.randrange(4)
        if deed == 0:
            torn[at] = chance.randrange(256)
        elif deed == 1:
            del torn[at : at + chance.randrange(200)]
        elif deed == 2:
            torn[at:at] = torn[at : at + chance.randrange(500)] * chance.randrange(20)
        else:
            torn[at:at] = chance.choice((b"<", b"<table><tr>", b"\0\0", b"\xff\xfe", b"[[[[", b"- " * 50, b"9" * 40))
        if not torn:
            torn = bytearray(b" ")
    path = tmp_path / f"torn{suffix}"
    path.write_bytes(torn)

    source, line = None, ""
    try:
        source = reader.read(path)
    except BadSource as refused:
        line = str(refused)

    assert line.startswith(path.name) if source is None else spans_hold(source)


def spans_hold(source: Source) -> bool:
    return all(source.text[p.start : p.end] == p.text for p in source.passages)


def test_nothing_is_written_outside_the_library(tmp_path: Path):
    given = tmp_path / "given"
    given.mkdir()
    (given / "a.md").write_text("---\nid: ../../outside\n---\n\nWords.\n")
    (given / "b.md").write_text("---\nid: inside\n---\n\nWords.\n")
    Register(tmp_path / "sources", shipped=None).add_folder(given, lambda done, total, outcome: None)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["given", "sources"]
    assert sorted(path.name for path in (tmp_path / "sources" / "inside").iterdir()) == ["1.json", "1.md"]
