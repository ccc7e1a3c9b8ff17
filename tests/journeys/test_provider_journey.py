"""Staff come in through the operator's own login provider; here one on this machine plays it."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import ROOT, free_port, serving
from tests.journeys.provider import CLIENT, CLIENT_SECRET, providing


@pytest.mark.parametrize("verified", [True, False])
def test_a_verified_address_opens_the_desk_and_another_does_not(
    browser: Browser, tmp_path: Path, verified: bool
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "desk", "--data", str(tmp_path), "staff", "invite", "Priya Nair"]
    more = ["--role", "clinician", "--email", "priya@example.org"]
    subprocess.run([*command, *more], cwd=ROOT, check=True, capture_output=True)
    with providing(free_port(), "priya@example.org", verified=verified) as provider:
        secrets = tmp_path / "secrets.toml"
        secrets.write_text(
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{"s" * 40}"\n'
            f'client_id = "{CLIENT}"\nclient_secret = "{CLIENT_SECRET}"\n'
            f'server_metadata_url = "{provider}/.well-known/openid-configuration"\n',
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "screens", "--secrets.files", str(secrets)]
        settings = {"FOREROOM_DATA": str(tmp_path), "FOREROOM_PORT": str(port), "OMP_NUM_THREADS": "1"}
        with serving(command, port, **settings) as address:
            context = browser.new_context()
            page = context.new_page()
            page.set_default_timeout(20_000)
            page.goto(f"{address}/desk")
            page.click(".st-key-desk_provider_in button")
            # by way of the provider, which knows who it is, and back to the desk
            if verified:
                expect(page.locator(".st-key-desk-queue")).to_contain_text("Nothing is waiting.")
                expect(page.locator(".st-key-desk-head")).to_contain_text("Priya Nair, clinician")
            else:
                expect(page.locator(".st-key-desk-out")).to_contain_text("it is not verified")
            context.close()
