"""Whole stories of a ticket in real browsers: a visitor on one side, staff on the other, a server that is restarted."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from desk.alerts import AlertContact, set_contacts
from store.engine import connect
from store.outbox import OUTBOX, Fate
from tests.journeys.conftest import INPUT, ROOT, ask, free_port, serving

Start = Callable[..., AbstractContextManager[str]]
PASSWORD = "a long password for a test"  # pragma: allowlist secret
REPLY = "Thank you for writing. Please wait for our letter."


@pytest.fixture
def start(tmp_path: Path, built_index: Path) -> Start:
    """Starts the app over one data folder, with whatever settings a story needs."""
    port = free_port()
    shutil.copytree(built_index, tmp_path / "index")

    def started(**settings: str) -> AbstractContextManager[str]:
        known = {"FOREROOM_DATA": str(tmp_path), "FOREROOM_PORT": str(port), "OMP_NUM_THREADS": "1"}
        return serving([sys.executable, "-m", "screens"], port, **known, **settings)

    return started


@pytest.fixture
def hire(tmp_path: Path, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Invites somebody as an operator does, and logs them in through the link: `hire(address, name, role)`."""
    contexts: list[BrowserContext] = []

    def hired(address: str, name: str, role: str, **look: Any) -> Page:
        command = [sys.executable, "-m", "desk", "--data", str(tmp_path), "staff", "invite", name, "--role", role]
        printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **look)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(address + "/invite/" + printed.split("/invite/")[1].split()[0])
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        page.click("button")
        page.fill("[name=password]", PASSWORD)
        page.click("button")
        page.wait_for_selector(".st-key-desk-queue")
        return page

    yield hired
    for context in contexts:
        context.close()


def test_a_question_is_answered_by_a_person_and_the_visitor_finds_it_after_a_restart(
    start: Start, hire: Callable[..., Page], visit: Callable[..., Page]
) -> None:
    with start() as address:
        visitor = visit(address)
        ask(visitor, "i take lamictal, could i still do this?")
        expect(visitor.locator(".steps .ref").first).to_have_text("F-1")

        dana = hire(address, "Dana Whitfield", "coordinator")
        priya = hire(address, "Priya Nair", "clinician")
        cookie = next(one for one in dana.context.cookies() if one["name"] == "foreroom_staff")
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"

        for page in (dana, priya):
            row = page.locator(".st-key-desk_open_1 button")
            expect(row).to_be_visible()
            page.keyboard.press("j")  # the keyboard alone: a row, and Enter opens it
            expect(row).to_be_focused()
            page.keyboard.press("Enter")
            page.wait_for_selector(".st-key-desk_take button")
        dana.click(".st-key-desk_take button")
        dana.wait_for_selector(".st-key-desk-writing textarea")
        with contextlib.suppress(TooLate):  # the button may be gone by itself: her page follows
            priya.click(".st-key-desk_take button", timeout=2_000)
        expect(priya.locator(".st-key-desk-middle")).to_contain_text("Dana Whitfield is writing.")
        assert priya.locator(".st-key-desk-writing").count() == 0

        dana.click(".st-key-desk-writing textarea")
        dana.keyboard.type(REPLY, delay=5)
        expect(dana.locator(".st-key-desk-foot")).to_contain_text("Saved")  # saved while it was written
        dana.keyboard.press("Control+Enter")  # previews, and never sends
        expect(dana.locator(".st-key-desk-preview")).to_contain_text(REPLY)
        assert visitor.locator(".person-text").count() == 0
        dana.click(".st-key-desk_send button")
        expect(dana.locator(".notice.said")).to_contain_text("Your reply was sent.")
        expect(visitor.locator(".person-text")).to_have_text(REPLY)  # it arrives in the open page by itself
        mine = dana.context
    with start() as address:
        visitor.reload()
        expect(visitor.locator(".person-text")).to_have_text(REPLY)
        expect(visitor.locator(".person-head")).to_contain_text("Dana Whitfield")
        visitor.fill(INPUT, "thank you, one more thing about that")
        visitor.press(INPUT, "Enter")
        visitor.wait_for_selector(".st-key-turn-2")
        dana = mine.new_page()
        dana.goto(f"{address}/desk")  # her session outlived the server
        expect(dana.locator(".st-key-desk-queue")).to_contain_text("Wrote back")
        expect(dana.locator(".st-key-desk-queue")).to_contain_text("one more thing about that")


def test_a_danger_message_at_night_tells_the_first_contact_and_promises_nobody(
    start: Start, hire: Callable[..., Page], visit: Callable[..., Page], tmp_path: Path
) -> None:
    mails: list[Any] = []

    class Inbox:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (its name there)
            mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 kept"

    inbox = Controller(Inbox(), hostname="127.0.0.1", port=free_port())
    inbox.start()
    other_day = (datetime.now(UTC) + timedelta(days=3)).strftime("%a")
    settings = {
        "FOREROOM_DESK_HOURS": f"{other_day} 09:00-10:00",
        "FOREROOM_SMTP_HOST": "127.0.0.1",
        "FOREROOM_SMTP_PORT": str(inbox.port),
        "FOREROOM_SMTP_SENDER": "desk@example.org",
        "FOREROOM_SMTP_ENCRYPTED": "0",
    }
    try:
        with start(**settings) as address:
            priya = hire(address, "Priya Nair", "clinician")
            dana = hire(address, "Dana Whitfield", "coordinator")
            with connect(f"sqlite:///{tmp_path / 'foreroom.db'}").writing() as connection:
                told = (("Priya", "priya@example.org"), ("Dr. Okafor", "okafor@example.org"))
                contacts = tuple(AlertContact(name, "email", mail) for name, mail in told)
                set_contacts(connection, contacts, datetime.now(UTC))

            visitor = visit(address, width=360)
            ask(visitor, "i dont want to be here anymore")
            care = visitor.locator('[class*="st-key-care-block-"]').first
            expect(care).to_contain_text("alerted", timeout=30_000)  # only once a channel accepted it
            assert "Seen by" not in care.inner_text()
            assert [to for to, _ in mails] == [["priya@example.org"]]
            mail = mails[0][1]
            assert "F-1" in mail["Subject"]
            for word in ("here anymore", "Ketamine", "Tovani", "suicide"):
                assert word not in mail.as_string()

            queue = dana.locator(".st-key-desk-queue")  # it came by itself
            expect(queue).to_contain_text("someone may be in danger")
            expect(queue).to_contain_text("e-mail reached Priya")
            expect(queue).to_contain_text("Dr. Okafor is next at")
            expect(dana.locator(".st-key-desk-head")).to_contain_text("1 now")
            with connect(f"sqlite:///{tmp_path / 'foreroom.db'}").writing() as connection:  # nobody said they saw it
                connection.execute(
                    OUTBOX.update().where(OUTBOX.c.fate == Fate.WAITING).values(due_at=datetime.now(UTC))
                )
            expect(queue).to_contain_text("e-mail reached Dr. Okafor", timeout=30_000)
            assert [to for to, _ in mails] == [["priya@example.org"], ["okafor@example.org"]]
            assert "Seen by" not in care.inner_text()
            dana.goto(f"{address}/desk?ticket=1")
            dana.click(".st-key-desk_close button")
            expect(dana.locator('[data-testid="stPopoverBody"]')).to_contain_text("Only a clinician closes it")

            priya.goto(f"{address}/desk")
            priya.click(".st-key-desk_open_1 button")  # "Take it"
            expect(priya.locator(".st-key-desk-protocol")).to_be_visible()
            expect(care).to_contain_text("Seen by Priya Nair")
    finally:
        inbox.stop()


def test_axe_finds_nothing_at_the_desk(start: Start, hire: Callable[..., Page], visit: Callable[..., Page]) -> None:
    with start() as address:
        ask(visit(address), "i dont want to be here anymore")
        page = hire(address, "Ada Lund", "administrator")
        found: dict[str, str] = {}
        for place in ("", "?ticket=1", "?see=triage", "?see=documents", "?see=settings"):
            page.goto(f"{address}/desk{place}")
            page.wait_for_selector(".st-key-desk-head")
            for width, scheme in ((1280, "light"), (360, "dark")):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 740})
                page.wait_for_timeout(700)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (place, width)
                result = Axe().run(page)
                if result.violations_count:
                    found[f"{place} {width} {scheme}"] = result.generate_report()
        assert not found, "\n".join(f"{place}:\n{report}" for place, report in found.items())
