"""A file as an answer in a real browser: given by keyboard, read meanwhile, its danger met, nothing typed lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from evals.steps import pdf_of
from tests.intake.files import item, source
from tests.journeys.conftest import until
from tests.journeys.test_intake_journey import question

ASKED = source(item("letter", "attachment"), item("hopes", "text"), title="With a letter")
LETTER = (
    "Dear colleague, thank you for seeing her. Last night she wrote: I want to kill myself tonight. Please call me."
)
OURS = {"rules": {"presentation-role-conflict": {"enabled": False}}}  # minor, in Streamlit's own place for files
BOX = "document.querySelector('.stApp textarea[aria-label*=\"hopes\"]')"


def test_danger_in_a_letter_is_met_at_the_next_question_and_nothing_typed_is_lost(
    real: Callable[[], AbstractContextManager[str]], visit: Callable[..., Page], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "questionnaires"
    folder.mkdir(parents=True)
    (folder / "with-a-letter.json").write_text(ASKED, encoding="utf-8")
    (tmp_path / "letter.pdf").write_bytes(pdf_of(LETTER, 1))
    with real() as address:
        page = visit(address, width=360, locale="es-ES")
        page.click(".st-key-intake_offer_with-a-letter button")
        page.click(".st-key-intake_begin button")
        question(page, "letter")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.set_input_files(".st-key-intake-place input[type=file]", tmp_path / "letter.pdf")
        page.wait_for_timeout(500)  # while a file is on its way nothing can be sent
        expect(page.locator(".st-key-intake_next button")).to_be_enabled()
        page.focus(".st-key-intake_next button")
        page.keyboard.press("Enter")
        question(page, "hopes")
        page.keyboard.press("Tab")
        page.keyboard.type("half a senten")
        page.wait_for_selector('[class*="st-key-care-block-1"]')
        assert not page.locator(".st-key-intake_next").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        page.locator('[class*="st-key-choices_"] button').first.click()
        expect(page.locator(".st-key-intake_next button")).to_be_visible()
        until(page, f"{BOX}?.value === 'half a senten'")
        page.click(".st-key-intake_next button")
        question(page, "review")
        page.reload()
        page.click('[class*="st-key-intake_resume_"] button')
        question(page, "review")
        said = page.inner_text(".st-key-intake-place")
        assert "half a senten" in said
        assert "letter.pdf: guardado. El programa lo ha leído." in said
        page.click(".st-key-intake_change_letter button")
        question(page, "letter")
        page.wait_for_selector("text=Conservar letter.pdf")
        result = Axe().run(page, options=OURS)
        assert not result.violations_count, result.generate_report()
