"""What a visitor sees before the page is there, and where scripts do not run."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import INPUT


def test_help_is_in_sight_before_the_page_is_there_and_the_opening_goes_when_it_is(
    real: Callable[[], AbstractContextManager[str]], browser: Browser
) -> None:
    with real() as address:
        without_scripts = browser.new_page(viewport={"width": 360, "height": 740}, java_script_enabled=False)
        without_scripts.goto(address)
        expect(without_scripts.get_by_role("link", name="Call 988")).to_be_in_viewport()
        expect(without_scripts.get_by_role("link", name="Leave this page")).to_be_in_viewport()
        without_scripts.close()

        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.goto(address, wait_until="commit")
        expect(page.locator("#opening")).to_be_visible()
        page.wait_for_selector(INPUT)
        expect(page.locator("#opening")).to_be_hidden()
        page.close()
