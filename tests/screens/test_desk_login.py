"""Logging in and out, and invitations: what the forms answer, and the cookie they set."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient

import wiring
from desk import staff
from desk.roles import Role
from knowledge.library import SHIPPED, read_folder
from screens.desk_login import ROUTES, STAFF_COOKIE
from settings import Settings
from store.engine import connect
from store.keys import Keys
from store.schema import upgrade

PASSWORD = "correct horse battery"  # pragma: allowlist secret
DANA = {"name": "Dana Whitfield", "password": PASSWORD}


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An invitation, at a fresh house."""
    monkeypatch.setattr(staff, "_passwords", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    store = connect(f"sqlite:///{tmp_path / 'foreroom.db'}")
    upgrade(store)
    settings = Settings(_env_file=None, data=tmp_path)
    house = wiring.Services(settings, store, Keys.from_file(tmp_path / "master.key"), read_folder(SHIPPED))
    monkeypatch.setattr(wiring, "services", lambda: house)
    with store.writing() as connection:
        return staff.invite(connection, "Dana Whitfield", Role.COORDINATOR, datetime.now(UTC))[1]


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=ROUTES), follow_redirects=False)


def joined(client: TestClient, secret: str) -> None:
    answer = client.post(f"/invite/{secret}", data={"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 200


def test_an_invitation_is_opened_as_often_as_one_likes_and_used_once(client: TestClient, secret: str) -> None:
    assert "Choose a password" in client.get(f"/invite/{secret}").text
    assert "Choose a password" in client.get(f"/invite/{secret}").text
    joined(client, secret)
    again = client.post(f"/invite/{secret}", data={"password": PASSWORD, "again": PASSWORD})

    assert again.status_code == 404
    assert "was used or has ended" in again.text


@pytest.mark.parametrize(("password", "said"), [("short", "at least 12"), ("another one entirely", "differ")])
def test_a_password_that_cannot_be_kept_is_refused_and_the_link_still_works(
    client: TestClient, secret: str, password: str, said: str
) -> None:
    again = "short" if password == "short" else PASSWORD  # pragma: allowlist secret
    assert said in client.post(f"/invite/{secret}", data={"password": password, "again": again}).text
    joined(client, secret)


def test_logging_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(client: TestClient, secret: str) -> None:
    joined(client, secret)
    answer = client.post("/login", data=DANA)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    session = cookie.split(f"{STAFF_COOKIE}=")[1].split(";")[0]
    assert wiring.services().door.who(session) is not None


def test_over_https_the_session_travels_only_encrypted(client: TestClient, secret: str) -> None:
    joined(client, secret)
    client.base_url = client.base_url.copy_with(scheme="https")

    assert "Secure" in client.post("/login", data=DANA).headers["set-cookie"]


def test_wrong_name_and_wrong_password_read_the_same(client: TestClient, secret: str) -> None:
    joined(client, secret)
    wrong = [client.post("/login", data=DANA | change) for change in ({"name": "Nobody"}, {"password": "x" * 14})]

    assert wrong[0].text == wrong[1].text
    assert {answer.status_code for answer in wrong} == {403}
    assert not any("set-cookie" in answer.headers for answer in wrong)


def test_after_many_tries_an_address_has_to_wait(client: TestClient, secret: str) -> None:
    answers = [client.post("/login", data=DANA) for _ in range(21)]

    assert answers[-1].status_code == 429
    assert "Wait" in answers[-1].text


def test_a_form_from_another_site_logs_nobody_in(client: TestClient, secret: str) -> None:
    joined(client, secret)
    answer = client.post("/login", data=DANA, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_logging_out_ends_the_session_itself(client: TestClient, secret: str) -> None:
    joined(client, secret)
    session = client.post("/login", data=DANA).cookies[STAFF_COOKIE]
    client.cookies.set(STAFF_COOKIE, session)
    answer = client.get("/logout")

    assert answer.headers["location"] == "/login"
    assert wiring.services().door.who(session) is None


@pytest.mark.parametrize("path", ["/invite/<b>", "/invite/x", "/invite/" + "a" * 43])
def test_a_forged_invitation_opens_nothing(client: TestClient, secret: str, path: str) -> None:
    answer = client.post(path, data={"password": PASSWORD, "again": PASSWORD})

    assert answer.status_code == 404
    assert "<b>" not in answer.text
