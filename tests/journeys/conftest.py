"""A real browser and real servers for the journeys; where there is no Chromium they are skipped, in CI they fail."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
expect.set_options(timeout=40_000)  # a busy machine
INPUT = '[data-testid="stChatInputTextArea"]'


def until(page: Page, holds: str, seconds: float = 40) -> None:
    """Wait for a JavaScript expression to hold; Playwright's own waiting evaluates text, which our headers forbid."""
    ends = time.monotonic() + seconds
    while not page.evaluate(holds):
        assert time.monotonic() < ends, holds
        page.wait_for_timeout(50)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, **environment: str) -> Iterator[str]:
    """A server process; its address once it answers, stopped at the end."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("FOREROOM_")}
    process = subprocess.Popen(command, cwd=ROOT, env=settings | environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=1):
                    break
            except OSError:
                assert process.poll() is None, "the server stopped by itself"
                time.sleep(0.1)
        else:
            pytest.fail("the server did not answer within 30 seconds")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def real(tmp_path: Path, built_index: Path) -> Callable[[], AbstractContextManager[str]]:
    """Starts the app as an operator does; every start keeps the same data folder and port."""
    port = free_port()
    shutil.copytree(built_index, tmp_path / "data" / "index")
    settings = {"FOREROOM_DATA": str(tmp_path / "data"), "FOREROOM_PORT": str(port), "OMP_NUM_THREADS": "1"}
    return lambda: serving([sys.executable, "-m", "screens"], port, **settings)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page over the fake house: every state of it can be brought about by a word."""
    port, folder = free_port(), tmp_path_factory.mktemp("stage")
    with serving([sys.executable, "-m", "tests.journeys.stage", str(port), str(folder)], port) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or a developer's own Chrome."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = f"no browser: looked for {', '.join(BROWSERS)} (on Debian: apt-get install chromium)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address as a new visitor: `visit(address, width=360, scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def opened(address: str, *, width: int = 1280, scheme: str = "light", locale: str = "en-US") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800 if width > 700 else 740},
            color_scheme=scheme,  # type: ignore[arg-type]
            locale=locale,
            has_touch=width < 700,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(40_000)
        page.goto(address)
        page.wait_for_selector(INPUT)
        return page

    yield opened
    for context in contexts:
        context.close()


def ask(page: Page, text: str) -> None:
    """Type and send; returns when the answer to this message stands on the page."""
    number = page.locator('[class*="st-key-turn-"]').count() + 1
    page.fill(INPUT, text)
    page.press(INPUT, "Enter")
    page.wait_for_selector(f".st-key-turn-{number}")
    page.wait_for_selector(".st-key-ask-arriving", state="detached")
