"""The first conversation in real browsers: left, found again, corrected, handed over, read by staff on one page."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ask
from tests.journeys.test_desk_journey import Start, hire, start

__all__ = ["hire", "start"]  # fixtures

OWN = {"en": "Everything is grey since the winter.", "es": "Todo está gris desde el invierno."}
CORRECTED = {"en": "Since 2023", "es": "Desde 2023"}
AXE = {"en": ("question", "all on one page", "clinician's page"), "es": ("notice", "question", "review", "handed over")}
SMALL = """() => [...document.querySelectorAll(".st-key-intake-place button, .st-key-intake-place label:has(input)")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5).map((one) => one.innerText)"""


def question(page: Page, key: str) -> None:
    """Waits until it is asked and has the focus."""
    expect(page.locator(f"#intake-question-{key}")).to_be_focused()


def option(page: Page, place: int) -> None:
    page.locator(".st-key-intake-place [data-testid=stRadioOption]").nth(place).click()


def write(page: Page, text: str) -> None:
    page.locator(".st-key-intake-place").locator("textarea, input[type=text]").first.fill(text)


def following(page: Page, key: str) -> None:
    page.click(".st-key-intake_next button")
    question(page, key)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("es", 360)])
def test_a_first_conversation_is_left_found_again_corrected_and_handed_over_and_staff_read_one_page(
    start: Start, hire: Callable[..., Page], visit: Callable[..., Page], tmp_path: Path, language: str, width: int
) -> None:
    found: dict[str, str] = {}
    hosts: set[str] = set()

    def look(page: Page, state: str) -> None:
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state
        assert page.evaluate(SMALL) == [], state
        if state in AXE[language]:
            result = Axe().run(page)
            if result.violations_count:
                found[state] = result.generate_report()

    with start() as address:
        page = visit(address, width=width, locale="es-ES" if language == "es" else "en-US")
        page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
        page.click(".st-key-intake_offer_first-conversation button")
        look(page, "notice")
        page.click(".st-key-intake_begin button")
        question(page, "who")
        look(page, "question")
        option(page, 0)
        following(page, "adult")
        option(page, 0)
        following(page, "brings")
        write(page, OWN[language])
        following(page, "pleasure")
        option(page, 1)
        following(page, "drive")
        page.click(".st-key-intake_skip button")
        question(page, "mood")
        if language == "en":  # a question of theirs; the intake stands where it was
            ask(page, "how many infusions are in the series")
            assert page.locator(".st-key-turn-1 .document").count() > 0
            assert page.locator("#intake-question-mood").count() == 1

        page.click(".st-key-intake_leave button")
        page.wait_for_selector('[class*="st-key-intake_resume_"]')
        page.reload()
        page.click('[class*="st-key-intake_resume_"] button')
        question(page, "mood")
        page.click(".st-key-intake_person button")
        question(page, "since")
        write(page, "2024")
        page.keyboard.press("Enter")  # the box keeps the focus
        question(page, "tried-what-0-")

        page.click(".st-key-intake_all_on button")
        page.wait_for_selector(".st-key-intake_all_off")
        look(page, "all on one page")
        page.click(".st-key-intake_all_off button")
        question(page, "tried-what-0-")
        page.click(".st-key-intake_review button")
        question(page, "review")
        page.click(".st-key-intake_change_since button")
        question(page, "since")
        write(page, CORRECTED[language])
        following(page, "review")
        look(page, "review")
        page.locator(".st-key-intake-consent [data-testid=stCheckbox] label").click()
        page.click(".st-key-intake_hand_over button")
        page.wait_for_selector(".st-key-intake_take_back")
        look(page, "handed over")

        staff = hire(address, "Priya", "clinician")
        staff.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
        staff.goto(f"{address}/desk?ticket=1")
        staff.click('[class*="st-key-desk_intake_open_"] button')
        staff.wait_for_selector(".page-head")
        shown = staff.inner_text(".st-key-desk-intake")
        assert OWN[language] in shown
        assert CORRECTED[language] in shown
        assert "2024" not in shown.replace("2024-", "")
        look(staff, "clinician's page")
        staff.evaluate("window.print = () => { window.printed = true }")
        staff.click('.st-key-desk-intake a[data-does="print"]')
        assert staff.evaluate("window.printed")
        with staff.expect_download() as got:
            staff.click(".st-key-desk_intake_pdf button")
        got.value.save_as(tmp_path / "page.pdf")
        pdf = (tmp_path / "page.pdf").read_bytes()
        assert pdf.startswith(b"%PDF")
        assert 1 <= pdf.count(b"/Type /Page\n") <= 2

    assert hosts - {""} == {urlsplit(address).netloc}  # nothing is fetched from anywhere else
    assert not found, "\n".join(f"{state}:\n{report}" for state, report in found.items())
