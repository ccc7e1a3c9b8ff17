"""Pasted mail becomes a draft in a real browser; a number is edited, flagged, and cleared by the correction."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.test_desk_journey import hire, start  # noqa: F401  (fixtures)

BOX = ".st-key-desk-writing textarea"
CHANGED = '[class*="st-key-desk-mark-"]:has(.mark.changed)'
MAIL = """Hello,

How many infusions are there at Music City Ketamine? Is there parking for two cars?

Thanks,
Sam
"""


def test_an_edited_number_is_flagged_and_the_correction_clears_it(
    start: Callable[..., AbstractContextManager[str]],  # noqa: F811
    hire: Callable[..., Any],  # noqa: F811
) -> None:
    with start() as address:
        dana: Page = hire(address, "Dana Whitfield", "coordinator")
        dana.goto(f"{address}/desk?see=mail")
        dana.wait_for_selector(".st-key-desk-pasting textarea")
        for width in (360, 1280):
            dana.set_viewport_size({"width": width, "height": 800})
            dana.wait_for_timeout(800)
            assert dana.evaluate("document.documentElement.scrollWidth <= innerWidth")
            result = Axe().run(dana)
            assert not result.violations_count, result.generate_report()
        dana.fill(".st-key-desk-pasting textarea", MAIL)
        dana.keyboard.press("Control+Enter")
        dana.click(".st-key-desk_paste_take button")
        expect(dana.locator(BOX)).to_have_value(re.compile("opens with six infusions"))
        proposed = dana.locator(BOX).input_value()
        assert "Sam" not in dana.locator(".st-key-desk-said").inner_text()
        expect(dana.locator('[class*="st-key-desk-mark-"]:has(.mark.supported)').first).to_contain_text("Supported [1]")

        dana.fill(BOX, proposed.replace("six infusions", "seven infusions", 1))  # saved and checked while it is written
        flag = dana.locator(CHANGED)
        expect(flag).to_contain_text("“seven” here, “six” in the source")
        expect(flag.locator("u.differs")).to_have_text("seven")
        expect(dana.locator(".st-key-desk-foot")).to_contain_text("Two things to settle before sending.")
        dana.fill(BOX, dana.locator(BOX).input_value().replace("seven infusions", "eight infusions", 1))
        span = dana.locator('[class*="st-key-desk_span_"] button').first
        span.click()  # one press, while the draft is still on its way and the marks are drawn anew
        source = dana.locator('[data-testid="stPopoverBody"] mark')
        expect(source).to_contain_text("opens with six infusions")
        expect(flag).to_contain_text("“eight” here, “six” in the source")
        expect(source).to_contain_text("opens with six infusions")  # it stays open
        dana.keyboard.press("Escape")
        dana.click(".st-key-desk_preview button")
        expect(dana.locator(".concern")).to_contain_text("something else than its source")
        expect(dana.locator(".st-key-desk_send button")).to_be_disabled()
        dana.click(".st-key-desk_keep_writing button")

        expect(dana.locator(BOX)).to_have_value(re.compile("eight infusions"))  # it is there again, as it was left
        dana.fill(BOX, dana.locator(BOX).input_value().replace("eight", "six"))
        expect(dana.locator(CHANGED)).to_have_count(0)
        text = dana.locator(BOX).input_value()
        blank = text[text.index("[…") : text.index("]") + 1]
        dana.fill(BOX, text.replace(blank, ""))
        expect(dana.locator(".st-key-desk-foot")).not_to_contain_text("settle")
        result = Axe().run(dana)
        assert not result.violations_count, result.generate_report()
        dana.click(".st-key-desk_preview button")
        dana.click(".st-key-desk_send button")
        expect(dana.locator(".notice.said")).to_contain_text("Kept as sent by mail.")
