"""`python -m evals steps`: what each step of an intake takes on a real server, triage, files and all."""

import asyncio
import io
import json
import os
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from desk import conversation as links
from desk import staff
from desk.roles import Role
from errors import Unavailable
from evals.load import database_of, served, worked
from evals.measures import percentile
from evals.open_page import PAGE, OpenPage, open_page
from intake import follow_ups
from intake.enclosed import ENCLOSED, FileState
from intake.rows import INTAKE
from intake.values import LARGEST_FILE, WORD
from prompts.intake import intake_words
from store.engine import connect

FIRST, FOLLOW_UP, WITH_FILES = "first-conversation", "follow-up", "with-files"
ASKS_FOR_A_FILE = {
    "resourceType": "Questionnaire",
    "status": "draft",
    "title": "With a file",
    "version": "1",
    "item": [
        {"linkId": "letter", "type": "attachment", "text": "Is there a letter?"},
        {"linkId": "words", "type": "text", "text": "What does it say?"},
        {"linkId": "more", "type": "text", "text": "Anything else?"},
    ],
}
OWN_WORDS = (
    "Since the winter before last it is as if there were glass between me and what I do. I go to work, I cook, I see"
    " my friends, and all of it is flat.",
    "Music. I used to play every evening and now the guitar stands in its case.",
    "Sertraline for two years, it took the worst away and the best with it. Before that talking therapy, which helped"
    " with the fear and not with this.",
)
NEEDED = ("who", "adult")  # without which the first conversation is not handed over
NO_MORE = [intake_words("en")("step.yes"), intake_words("en")("step.no")]  # "Is there another one to add?"
PLAIN = {"since": "2024", "sessions": "3"}  # where words would not fit


@dataclass(slots=True)
class Took:
    """Seconds of each step, by what it was: the wall's and the server's processor."""

    steps: list[tuple[str, float, float]] = field(default_factory=list)

    def __str__(self) -> str:
        wall = [one[1] for one in self.steps]
        name, slowest, _ = max(self.steps, key=lambda one: one[1])
        hardest, _, busiest = max(self.steps, key=lambda one: one[2])
        over = sum(one > 0.2 for one in wall)
        return (
            f"{len(wall)} steps: median {percentile(wall, 0.5) * 1000:.0f} ms, 95th percentile"
            f" {percentile(wall, 0.95) * 1000:.0f} ms, largest {slowest * 1000:.0f} ms ({name}), {over} above 200 ms;"
            f" of the server's processor at most {busiest * 1000:.0f} ms ({hardest});"
            f" machine load {os.getloadavg()[0]:.1f}"
        )


def steps(times: int) -> None:
    """Print a line for each questionnaire: from pressing until the whole next page is there."""
    asyncio.run(_steps(times))


async def _steps(times: int) -> None:
    with tempfile.TemporaryDirectory(prefix="foreroom-steps-") as kept:
        folder = Path(kept)
        (folder / "questionnaires").mkdir()
        (folder / "questionnaires" / f"{WITH_FILES}.json").write_text(json.dumps(ASKS_FOR_A_FILE), encoding="utf-8")
        async with served(folder) as (address, process):
            await _measure(times, address, process, folder)
            for name, media_type, content in files_of():
                await _give(times, address, process, folder, name, media_type, content)


async def _measure(times: int, address: str, process: int, folder: Path) -> None:
    for name in (FIRST, FOLLOW_UP):
        first, later = Took(), Took()
        for turn in range(times):
            cookies = await visitor_of(address)
            if name == FOLLOW_UP:
                await go_through(address, cookies, process, FIRST, Took(), turn, briefly=True)
                _ask_for(folder)
            await go_through(address, cookies, process, name, later if turn else first, turn)
        print(f"{name}, the first visitor after the start: {first}", flush=True)
        if later.steps:
            print(f"{name}, {times - 1} times more: {later}", flush=True)


async def _give(
    times: int, address: str, process: int, folder: Path, name: str, media_type: str, content: bytes
) -> None:
    """One file, given by so many visitors one after the other: its step, the step after it, and when it was read."""
    took, after = Took(), Took()
    for _ in range(times):
        page = await open_page(address, cookies=await visitor_of(address))
        await page.draw()
        await page.press(f"intake_offer_{WITH_FILES}")
        await page.press("intake_begin")
        field = next(key for key in page.widgets if "_file_" in key)
        for values, into in (({field: await page.upload(name, content, media_type)}, took), ({}, after)):
            before = worked(process)
            words = {key: OWN_WORDS[0] for key in page.widgets if key.endswith("_words")} if not values else {}
            seconds, _ = await page.press("intake_next", values or words)
            into.steps.append((name, seconds, worked(process) - before))
        await page.close()
        await _settled(folder)
    print(f"{name}, {len(content) / 1000:,.0f} kB, given as an answer: {took}", flush=True)
    print(f"  the step after it: {after}", flush=True)
    print(f"  read after {', '.join(f'{seconds:.1f}' for seconds in _reading(folder, times))} s", flush=True)


async def _settled(folder: Path) -> None:
    for _ in range(600):
        store = connect(database_of(folder))
        with store.reading() as connection:
            waits = connection.execute(ENCLOSED.select().where(ENCLOSED.c.state == FileState.WAITING.value)).first()
        store.close()
        if waits is None:
            return
        await asyncio.sleep(0.2)
    raise Unavailable("A file was not read within two minutes.")


def _reading(folder: Path, newest: int) -> list[float]:
    """Seconds from giving to settling of the newest files."""
    store = connect(database_of(folder))
    with store.reading() as connection:
        found = connection.execute(ENCLOSED.select().order_by(ENCLOSED.c.id.desc()).limit(newest)).all()
    store.close()
    return sorted((one.settled_at - one.at).total_seconds() for one in found)


def files_of() -> tuple[tuple[str, str, bytes], ...]:
    """(name, media type, content) of what visitors give: text, Word, a letter, and as heavy a PDF as there may be."""
    text = " ".join(OWN_WORDS)
    return (
        ("a few lines.txt", "text/plain", text.encode()),
        ("two pages.docx", WORD, word_of(text)),
        ("a letter.pdf", "application/pdf", pdf_of(text, 1)),
        ("a long one.pdf", "application/pdf", pdf_of(text, 40, LARGEST_FILE)),
    )


def word_of(text: str) -> bytes:
    """A Word document of that one paragraph."""
    packed, main = io.BytesIO(), "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>'
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as document:
        document.writestr("[Content_Types].xml", "<Types/>")
        document.writestr("word/document.xml", body)
    return packed.getvalue()


def pdf_of(text: str, pages: int, size: int = 0) -> bytes:
    """A PDF with that text on every page, in lines of a hundred characters; a comment makes it `size` bytes heavy."""
    lines = " ".join(f"({text[at : at + 100]}) Tj T*" for at in range(0, len(text), 100))
    stream = f"BT /F1 10 Tf 12 TL 50 740 Td {lines} ET"
    numbers = range(4, 4 + 2 * pages, 2)
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {pages} /Kids [{' '.join(f'{number} 0 R' for number in numbers)}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number in numbers:
        inside = f"/Contents {number + 1} 0 R /Resources << /Font << /F1 3 0 R >> >>"
        parts.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {inside} >>")
        parts.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    made, places = "%PDF-1.4\n", list[int]()
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{part}\nendobj\n"
    made += f"%{' ' * max(size - len(made) - 30 * len(parts) - 200, 0)}\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{rows}"
    return f"{made}{table}trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n".encode()


async def visitor_of(address: str) -> dict[str, str]:
    """The cookies of somebody who comes for the first time."""
    async with httpx.AsyncClient() as client:
        return dict((await client.get(f"{address}/", headers=PAGE)).cookies)


async def go_through(
    address: str,
    cookies: dict[str, str],
    process: int,
    name: str,
    took: Took,
    turn: int,
    *,
    briefly: bool = False,
) -> None:
    """From the offer to the last press; `briefly` answers only what is needed."""
    page = await open_page(address, cookies=cookies)
    await page.draw()

    async def press(key: str, values: dict[str, bool | str] | None = None, what: str = "") -> None:
        before = worked(process)
        seconds, _ = await page.press(key, values)
        took.steps.append((what or key, seconds, worked(process) - before))

    offer = next(key for key in page.widgets if key.startswith(("intake_asked_", f"intake_offer_{name}")))
    await press(offer)
    await press("intake_begin")
    while "intake_next" in page.widgets:
        values, asked = _answers(page, turn), _asked(page)
        if briefly and asked not in NEEDED:
            await press("intake_skip", what=f"skip {asked}")
        else:
            await press("intake_next", values, what=asked)
    agree = next((key for key in page.widgets if key.startswith("intake_consent")), "")
    if not agree:
        raise Unavailable(f"The questions ended after {took.steps[-1][0]!r}: the page waits, or an answer was refused.")
    await press("intake_hand_over", {agree: True})
    if "intake_take_back" not in page.widgets:
        raise Unavailable("It was not handed over.")
    await page.close()


def _asked(page: OpenPage) -> str:
    """The linkId of the question on the page, as its fields' keys hold it."""
    key = next(key for key in page.widgets if key.startswith("intake_field_"))
    return key.removeprefix("intake_field_").split("_", 1)[1].rpartition("_")[0]


def _answers(page: OpenPage, turn: int) -> dict[str, bool | str]:
    """An option where there are any, own words elsewhere."""
    asked, values = _asked(page), dict[str, bool | str]()
    for key in page.widgets:
        if not key.startswith("intake_field_"):
            continue
        options = page.choices.get(key, [])
        if options == NO_MORE:
            values[key] = options[-1]
        elif options:
            values[key] = options[turn % len(options) if asked not in NEEDED else 0]
        elif key.endswith("_words") and not values:
            values[key] = PLAIN.get(asked, OWN_WORDS[(turn + len(asked)) % len(OWN_WORDS)])
    return values


def _ask_for(folder: Path) -> None:
    """Staff asked the newest visitor for a follow-up some weeks ago; it is due now."""
    store, now = connect(database_of(folder)), datetime.now(UTC)
    with store.writing() as connection:
        newest = connection.execute(INTAKE.select().order_by(INTAKE.c.id.desc()).limit(1)).one()
        links.by_id(connection, newest.conversation_id, lock=True)
        person, _ = staff.invite(connection, f"Priya {time.time_ns()}", Role.CLINICIAN, now)
        earlier = now - timedelta(weeks=4, minutes=1)
        follow_ups.ask(connection, newest.conversation_id, FOLLOW_UP, person.id, 4, earlier)
    store.close()
