"""What surrounds the page: headers, the cookie, private links, logs."""

import asyncio
import json
import logging
import re
import signal
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

import server
import wiring
from errors import BadSettings
from prompts.resources import resources
from screens import private_link
from screens.visitor import COOKIE, TOKEN
from settings import Settings
from tests.screens.fakes import FakeHouse, fake_house

PAGE = {"accept": "text/html"}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHouse:
    house = fake_house(tmp_path / "data")
    monkeypatch.setattr(wiring, "services", lambda: house)
    return house


@pytest.fixture
def client(house: FakeHouse) -> TestClient:
    async def page(_request: object) -> Response:
        return HTMLResponse("the page")

    routes = [
        Route("/", page),
        *private_link.ROUTES,
        Route("/notes", server.neutral),
        Route("/first", server.first_page),
        Route("/readyz", server.readiness),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(server.Guarded)]), follow_redirects=False)


def begun(house: FakeHouse, token: str) -> str:
    house.ask(token, "is there parking", clinic=None, language=None)
    return token


@pytest.mark.parametrize("path", ["/", "/first", "/notes", "/readyz", "/c/nobodys", "/not-there"])
def test_every_response_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path, headers=PAGE).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"] == "noindex"
    assert "camera=()" in headers["permissions-policy"]
    for part in ("default-src", "connect-src", "base-uri", "form-action", "frame-ancestors"):
        assert policy[part] == "'self'"
    assert policy["object-src"] == "'none'"
    assert not re.search(r"'unsafe-|https?:|\*", policy["script-src"])


def test_the_first_page_sets_an_unguessable_cookie_that_scripts_cannot_read(client: TestClient) -> None:
    cookie = client.get("/", headers=PAGE).headers["set-cookie"]

    assert TOKEN.fullmatch(cookie.split("=", 1)[1].split(";")[0])
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_secure(client: TestClient) -> None:
    client.base_url = client.base_url.copy_with(scheme="https")

    assert "Secure" in client.get("/", headers=PAGE).headers["set-cookie"]


@pytest.mark.parametrize(("peer", "secure"), [("10.1.2.3", True), ("192.0.2.7", False)])
def test_only_a_proxy_of_ours_is_believed_that_the_visitor_came_by_https(
    house: FakeHouse, monkeypatch: pytest.MonkeyPatch, peer: str, secure: bool
) -> None:
    monkeypatch.setattr(server, "load_settings", lambda: Settings(_env_file=None, trusted_proxies="10.0.0.0/8"))
    routes = [Route("/first", server.first_page), *private_link.ROUTES]
    app = Starlette(routes=routes, middleware=[Middleware(server.Guarded)])
    visitor = TestClient(app, client=(peer, 5), headers=PAGE | {"x-forwarded-proto": "https"}, follow_redirects=False)

    for answer in (visitor.get("/first"), visitor.get(f"/c/{begun(house, 'a' * 43)}")):
        assert ("Secure" in answer.headers["set-cookie"]) is secure
    assert "Secure" not in TestClient(app, client=(peer, 5), headers=PAGE).get("/first").headers["set-cookie"]


@pytest.mark.parametrize(
    ("origin", "opened"),
    [(None, True), ("https://ask.example.org", True), ("https://other.example.org", False), ("null", False)],
)
def test_no_other_sites_page_opens_a_websocket(origin: str | None, opened: bool) -> None:
    async def page(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("the page")

    app = Starlette(routes=[WebSocketRoute("/_stcore/stream", page)], middleware=[Middleware(server.Guarded)])
    headers = {"host": "ask.example.org"} | ({} if origin is None else {"origin": origin})
    if opened:
        with TestClient(app).websocket_connect("/_stcore/stream", headers=headers) as socket:
            assert socket.receive_text() == "the page"
    else:
        with pytest.raises(WebSocketDisconnect), TestClient(app).websocket_connect("/_stcore/stream", headers=headers):
            pass


def test_a_visitor_who_has_a_cookie_keeps_it(client: TestClient) -> None:
    assert "set-cookie" not in client.get("/", headers={**PAGE, "cookie": f"{COOKIE}={'a' * 43}"}).headers


def test_a_private_link_leads_to_the_bare_address(client: TestClient, house: FakeHouse) -> None:
    token = begun(house, "a" * 43)
    answer = client.get(f"/c/{token}", headers=PAGE)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert f"{COOKIE}={token}" in answer.headers["set-cookie"]


@pytest.mark.parametrize("token", ["b" * 43, "x", "a%20b", "<b>"])
def test_a_link_that_opens_nothing_sets_no_token(client: TestClient, token: str) -> None:
    answer = client.get(f"/c/{token}")

    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
    assert "<b>" not in answer.text


def test_nobody_is_moved_out_of_their_conversation_by_a_link_alone(client: TestClient, house: FakeHouse) -> None:
    mine, other = begun(house, "a" * 43), begun(house, "c" * 43)
    headers = {**PAGE, "cookie": f"{COOKIE}={mine}"}

    asked = client.get(f"/c/{other}", headers=headers)
    assert asked.status_code == 200
    assert "set-cookie" not in asked.headers
    forged = client.post(f"/c/{other}", headers={**headers, "sec-fetch-site": "cross-site"})
    assert forged.status_code == 200
    assert "set-cookie" not in forged.headers
    meant = client.post(f"/c/{other}", headers={**headers, "sec-fetch-site": "same-origin"})
    assert meant.status_code == 303


def test_the_neutral_page_says_nothing_about_where_one_was(client: TestClient) -> None:
    text = client.get("/notes").text.lower()

    for word in ("foreroom", "ketamine", "clinic", "http"):
        assert word not in text


def test_the_first_page_names_help_and_a_way_out_before_anything_has_loaded(client: TestClient) -> None:
    page = client.get("/first", headers=PAGE).text
    opening = page[page.index('<div id="opening"') :]

    assert 'href="tel:988"' in opening
    assert 'href="tel:911"' in opening
    assert 'href="notes"' in opening
    assert "Not a clinician" in opening
    assert "needs JavaScript" in opening[opening.index("<noscript>") : opening.index("</noscript>")]
    assert "<title>Foreroom</title>" in page
    assert page.index('<div id="root">') < page.index('<div id="opening"') < page.index("</body>")
    assert re.search(r"""(src|href)=["']?(https?:)?//""", opening) is None


def test_the_first_page_speaks_the_language_of_the_browser(client: TestClient) -> None:
    page = client.get("/first", headers=PAGE | {"accept-language": "es-MX,es;q=0.9,en;q=0.5"}).text

    assert '<div id="opening" lang="es">' in page


def test_who_comes_back_is_not_greeted_once_more(client: TestClient) -> None:
    first = client.get("/first", headers=PAGE)
    again = client.get("/first", headers=PAGE)

    assert "What would you like to know" in first.text
    assert "What would you like to know" not in again.text
    assert 'href="tel:988"' in again.text


def test_readiness_tells_whether_the_model_is_there(client: TestClient, house: FakeHouse) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "model": True}
    house.is_ready = False
    assert client.get("/readyz").json() == {"status": "ok", "model": False}


def test_access_logs_keep_no_query_and_no_private_link() -> None:
    for path, kept in (("/?a=b", "/"), ("/c/" + "a" * 43, "/c/…"), ("/invite/" + "a" * 43, "/invite/…")):
        args = ("127.0.0.1:1", "GET", path, "1.1", 200)
        record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', args, None)
        assert server.WithoutSecrets().filter(record)
        assert record.getMessage() == f'127.0.0.1:1 - "GET {kept} HTTP/1.1" 200'


PASSPHRASE = "three blue herons"


def protected(client: TestClient, house: FakeHouse) -> tuple[str, str]:
    """A protected link, and the one this device got in its place."""
    lasting = begun(house, "p" * 43)
    form = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    answer = client.post("/protect", data=form, headers=PAGE | {"cookie": f"{COOKIE}={lasting}"})
    assert f"/c/{lasting}" in answer.text
    return lasting, re.findall(rf"{COOKIE}=([^;]+); Path=/; .*HttpOnly; SameSite=Lax", answer.headers["set-cookie"])[0]


def test_a_protected_link_opens_only_with_its_passphrase(client: TestClient, house: FakeHouse) -> None:
    lasting, passing = protected(client, house)
    asked = client.get(f"/c/{lasting}", headers=PAGE)
    wrong = client.post(f"/c/{lasting}", data={"passphrase": "three grey herons"}, headers=PAGE)
    right = client.post(f"/c/{lasting}", data={"passphrase": PASSPHRASE}, headers=PAGE)

    assert house.reception.turns(passing)
    assert "Give its passphrase." in asked.text
    for answer in (asked, wrong):
        assert lasting not in answer.headers.get("set-cookie", "")
    assert wrong.status_code == 403
    assert (right.status_code, right.headers["location"]) == (303, "/")
    fresh = re.findall(rf"{COOKIE}=([^;]+)", right.headers["set-cookie"])[0]
    assert fresh not in (lasting, passing)
    assert house.reception.turns(fresh)


@pytest.mark.parametrize(
    "form", [{"passphrase": "short", "again": "short"}, {"passphrase": PASSPHRASE, "again": "other"}]
)
def test_a_passphrase_that_cannot_be_kept_changes_nothing(client: TestClient, house: FakeHouse, form) -> None:
    token = begun(house, "p" * 43)
    answer = client.post("/protect", data=form, headers=PAGE | {"cookie": f"{COOKIE}={token}"})

    assert answer.status_code == 400
    assert house.reception.turns(token)


def test_a_form_from_another_site_protects_nothing(client: TestClient, house: FakeHouse) -> None:
    token = begun(house, "p" * 43)
    headers = PAGE | {"cookie": f"{COOKIE}={token}", "sec-fetch-site": "cross-site"}
    answer = client.post("/protect", data={"passphrase": PASSPHRASE, "again": PASSPHRASE}, headers=headers)

    assert answer.status_code == 403
    assert house.reception.turns(token)


def test_the_pages_of_a_link_speak_the_visitors_language(client: TestClient) -> None:
    shown = client.get(f"/c/{'n' * 43}", headers=PAGE | {"accept-language": "es-MX,es;q=0.9"}).text

    assert "Este enlace ya no abre ninguna conversación." in shown
    assert '<html lang="es">' in shown


def test_a_log_line_is_json_without_anybodys_words() -> None:
    try:
        raise KeyError("i take lamictal")
    except KeyError:
        record = logging.LogRecord("foreroom", logging.ERROR, "f", 1, "a turn broke", (), sys.exc_info())
    record.facts = {"message": 7}
    line = json.loads(server.Lines().format(record))

    assert (line["level"], line["what"], line["message"], line["broke"]) == ("error", "a turn broke", 7, "KeyError")
    assert "test_server.py" in line["place"]
    assert "lamictal" not in json.dumps(line)


def test_every_start_says_that_the_numbers_for_help_wait_for_the_operator(monkeypatch, caplog) -> None:
    async def start() -> None:
        async with server.lifespan(None):
            pass

    old = replace(resources(), checked_on=date(2020, 1, 1))
    monkeypatch.setattr(server, "resources", lambda: old)
    for name in ("_write_lines", "_warm_up", "_tend"):
        monkeypatch.setattr(server, name, lambda *_: None)

    asyncio.run(start())

    assert "last checked on 2020-01-01" in caplog.text


def test_a_page_whose_key_is_missing_stops_instead_of_pretending_to_be_there(monkeypatch, caplog) -> None:
    def refuse() -> None:
        raise BadSettings("The master key is missing.")

    stopped: list[int] = []
    monkeypatch.setattr(wiring, "services", refuse)
    monkeypatch.setattr(server.os, "kill", lambda _process, how: stopped.append(how))
    monkeypatch.setattr(server.gc, "freeze", lambda: None)
    server._warm_up()

    assert stopped == [signal.SIGTERM]
    assert "The master key is missing. The page stops." in caplog.text


# Whatever a link holds

TYPED = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=TYPED, cookie=st.from_regex(r"[!#-+\--:<-\[\]-~]{0,50}", fullmatch=True), passphrase=TYPED)
def test_no_link_breaks_the_page_gives_a_token_or_comes_back_as_markup(
    client: TestClient, house: FakeHouse, token: str, cookie: str, passphrase: str
) -> None:
    begun(house, "a" * 43)
    headers = PAGE | {"cookie": f"{COOKIE}={cookie}"}
    for method, path in (("GET", f"/c/{quote(token, safe='')}"), ("POST", f"/c/{quote(token, safe='')}")):
        form = {"passphrase": passphrase} if method == "POST" else None
        answer = client.request(method, path, data=form, headers=headers)

        assert answer.status_code < 500
        assert "a" * 43 not in answer.headers.get("set-cookie", "")
        led_to = urljoin("http://testserver/", answer.headers.get("location", "/"))
        assert urlsplit(led_to).netloc == "testserver"
        if "<" in token:
            assert token not in answer.text
