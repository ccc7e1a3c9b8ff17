"""Whole journeys through the Ask page in a real browser."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FloatRect, Page, expect

from tests.journeys.conftest import INPUT, ask, until

Visit = Callable[..., Page]
Start = Callable[[], AbstractContextManager[str]]

SIZES = pytest.mark.parametrize("width", [1280, 360])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


def box(page: Page, selector: str) -> FloatRect:
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return found


def focused(page: Page) -> str:
    return str(
        page.evaluate(
            "document.activeElement.closest('[class*=st-key-]')?.className + document.activeElement.className"
        )
    )


@SIZES
def test_a_question_is_answered_and_a_chip_opens_the_source_at_the_very_sentence(
    stage: str, visit: Visit, width: int
) -> None:
    page = visit(stage, width=width)
    ask(page, "how many times would i go")
    sentence = page.locator(".st-key-stmt-1-1 .document").inner_text()
    page.click(".st-key-chip_1_1 button")
    mark = page.locator(".st-key-reader mark")
    expect(mark).to_be_visible()

    assert mark.inner_text() in sentence
    assert mark.evaluate("mark => getComputedStyle(mark).backgroundColor") == "rgb(255, 231, 166)"
    reader, said = box(page, ".st-key-reader"), box(page, ".st-key-stmt-1-1")
    if width == 1280:  # beside the answer, in room that was already there
        assert reader["x"] >= said["x"] + said["width"]
        assert box(page, ".st-key-card-1")["width"] == pytest.approx(720, abs=2)
    else:  # under the tapped sentence, which stands just under the head
        head = box(page, ".st-key-ask-head")
        assert reader["y"] == pytest.approx(said["y"] + said["height"], abs=40)
        assert said["y"] == pytest.approx(head["y"] + head["height"], abs=30)


def test_what_stands_is_never_taken_away_while_the_next_answer_is_on_its_way(stage: str, visit: Visit) -> None:
    page = visit(stage)
    ask(page, "how many times would i go")
    page.evaluate(
        "() => { window.gone = 0; new MutationObserver(() => {"
        " if (!document.querySelector('.st-key-stmt-1-1 .document')) window.gone += 1"
        " }).observe(document.body, { childList: true, subtree: true }) }"
    )
    ask(page, "is there parking")

    assert page.locator(".st-key-stmt-1-1 .document").is_visible()
    assert page.evaluate("window.gone") == 0


def test_the_keyboard_alone_opens_the_reader_and_escape_returns_to_the_chip(stage: str, visit: Visit) -> None:
    page = visit(stage)
    ways = []
    for _ in range(4):  # streamlit's own skip link and its scroller come first
        page.keyboard.press("Tab")
        ways.append(page.evaluate("document.activeElement.textContent"))
    assert "Skip to the conversation" in ways
    page.focus(INPUT)
    page.keyboard.type("how many times would i go")
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-chip_1_4 button")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if "st-key-chip_1_1" in focused(page):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-reader mark")
    until(page, "document.activeElement.className.includes('reader-text')")

    page.keyboard.press("Escape")
    page.wait_for_selector(".st-key-reader", state="detached")
    until(page, "document.activeElement.closest('.st-key-chip_1_1') !== null")


def test_a_reload_keeps_the_conversation_and_another_visitor_does_not_see_it(stage: str, visit: Visit) -> None:
    page = visit(stage)
    ask(page, "is there parking")
    page.reload()
    expect(page.locator(".said-by-you")).to_contain_text("is there parking")

    stranger = visit(stage)
    expect(stranger.locator(".start")).to_be_visible()
    assert stranger.locator(".said-by-you").count() == 0


def test_the_private_link_opens_the_conversation_elsewhere_at_the_bare_address(stage: str, visit: Visit) -> None:
    page = visit(stage)
    ask(page, "is there parking")
    token = next(cookie for cookie in page.context.cookies() if cookie["name"] == "foreroom_conversation")
    assert token["httpOnly"]
    assert token["sameSite"] == "Lax"

    elsewhere = visit(f"{stage}/c/{token['value']}")
    assert elsewhere.url == f"{stage}/"
    expect(elsewhere.locator(".said-by-you")).to_contain_text("is there parking")

    forged = visit(stage)
    answer = forged.goto(f"{stage}/c/{'A' * 43}")
    assert answer is not None
    assert answer.status == 404


def test_leaving_goes_at_once_to_a_page_that_says_nothing(stage: str, visit: Visit) -> None:
    page = visit(stage)
    ask(page, "is there parking")
    page.click(".leave")
    page.wait_for_url(f"{stage}/notes")
    assert page.title() == "Notes"
    assert "parking" not in page.content()
    page.go_back()
    assert page.locator(".said-by-you").count() == 0


def test_html_in_a_message_is_shown_as_text(stage: str, visit: Visit) -> None:
    page = visit(stage)
    text = "<img src=x onerror=\"document.title='owned'\"><b>parking</b>"
    ask(page, text)

    expect(page.locator(".said-by-you")).to_contain_text(text)
    assert page.locator(".said-by-you img, .said-by-you b").count() == 0
    assert page.title() != "owned"


@SIZES
def test_in_danger_the_care_block_comes_to_the_top_of_the_screen(stage: str, visit: Visit, width: int) -> None:
    page = visit(stage, width=width)
    ask(page, "how many times would i go")
    ask(page, "i dont want to be here anymore")
    until(page, "document.querySelector('.st-key-care-block-2').getBoundingClientRect().top < 160")
    head, care = box(page, ".st-key-ask-head"), box(page, ".st-key-care-block-2")

    assert 0 <= care["y"] - head["y"] - head["height"] < 30
    assert page.locator(".danger-line").count() == 0
    for link in page.locator(".care-links a").all():
        assert (link.get_attribute("href") or "").startswith(("tel:", "sms:"))
        shape = link.bounding_box()
        assert shape is not None
        assert shape["height"] >= 44


@SIZES
def test_head_chip_and_input_stand_where_they_should(stage: str, visit: Visit, width: int) -> None:
    page = visit(stage, width=width)
    for question in ("how many times would i go", "is there parking", "what happens"):
        ask(page, question)
    page.wait_for_timeout(300)
    assert box(page, ".st-key-ask-head")["y"] == pytest.approx(0, abs=2)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") > 100
    room = page.viewport_size
    assert room is not None
    field = box(page, INPUT)
    assert field["y"] + field["height"] <= room["height"]
    assert box(page, ".danger-line")["y"] < room["height"]
    line = page.locator(".st-key-stmt-1-1 .document").evaluate("one => [...one.getClientRects()].at(-1).bottom")
    assert box(page, ".st-key-chip_1_1 button")["y"] < line  # in line with the last word
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@SIZES
@SCHEMES
def test_axe_finds_nothing_on_the_page_in_any_state(stage: str, visit: Visit, width: int, scheme: str) -> None:
    page = visit(stage, width=width, scheme=scheme)
    states: dict[str, str] = {}

    def look(state: str) -> None:
        page.wait_for_timeout(300)
        found = Axe().run(page)
        if found.violations_count:
            states[state] = found.generate_report()

    look("empty")
    ask(page, "how many times would i go, and how long is that")
    page.click(".st-key-chip_1_1 button")
    page.wait_for_selector(".st-key-reader mark")
    look("answer and reader")
    ask(page, "is there parking")
    look("not in the documents")
    ask(page, "i take lamictal, could i still do this?")
    look("handover")
    page.click(".st-key-ask_options button")
    page.wait_for_selector('[data-testid="stPopoverBody"]')
    look("options")
    page.keyboard.press("Escape")
    ask(page, "i dont want to be here anymore")
    look("care")
    assert not states, "\n".join(f"{state}:\n{report}" for state, report in states.items())


@SCHEMES
def test_the_colours_follow_the_device(stage: str, visit: Visit, scheme: str) -> None:
    page = visit(stage, scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert ground == ("rgb(246, 246, 242)" if scheme == "light" else "rgb(19, 26, 25)")


def test_a_spanish_browser_gets_a_spanish_frame(stage: str, visit: Visit) -> None:
    page = visit(stage, locale="es-US", width=360)
    expect(page.locator(".leave")).to_have_text("Salir de esta página")
    until(page, "document.documentElement.lang === 'es'")
    name, options = box(page, ".brand h1"), box(page, ".st-key-ask_options button")
    assert name["x"] + name["width"] <= options["x"]


def test_the_real_house_answers_asks_no_other_host_and_keeps_the_conversation_over_a_restart(
    real: Start, visit: Visit
) -> None:
    with real() as address:
        page = visit(address)
        hosts: set[str] = set()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
        page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).hostname or ""))
        page.reload()
        page.wait_for_selector(INPUT)
        ask(page, "How many infusions are in the first series?")
        page.wait_for_selector('[class*="st-key-chip_1_"] button')
        page.click(".st-key-chip_1_1 button")
        page.wait_for_selector(".st-key-reader mark")
        assert hosts <= {"127.0.0.1", ""}
    with real():
        page.reload()
        expect(page.locator(".said-by-you")).to_contain_text("How many infusions")
        page.wait_for_selector('[class*="st-key-chip_1_"] button')
