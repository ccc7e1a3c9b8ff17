"""What surrounds the page: warm-up, health, headers, private links; streamlit's st.App."""

import gc
import json
import logging
import os
import re
import secrets
import signal
import threading
import traceback
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.pace import is_among
from errors import BadSettings, ForeroomError
from prompts.page import page_words
from prompts.resources import resources
from screens import desk_login, opening, private_link
from screens.markup import shown
from screens.visitor import COOKIE, TOKEN, cookie_for
from settings import load_settings

if TYPE_CHECKING:
    from wiring import Services

HERE = Path(__file__).parent
ROOMS = ("foreroom", "store", "knowledge", "triage", "retrieval", "conversation", "desk", "intake")
DEEPEST = 6  # places of a broken call that are logged
PROVIDERS_ROUTES = ("/oauth2callback", "/auth/logout")  # streamlit's own; they lead to the bare address
SECONDS_BETWEEN_ROUNDS = 3.0

log = logging.getLogger("foreroom.server")
MultiPartParser.spool_max_size = 4_000_000  # bytes: a visitor's file never lies on the disk unsealed


def _house() -> "Services":
    """The wired application; imported here so that the first page is served before the rooms are loaded."""
    import wiring

    return wiring.services()


INDEX = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


def _inline_scripts() -> str:
    """Hashes of the inline scripts of Streamlit's own page, so that no other inline script may run."""
    scripts = re.findall(r"<script>(.*?)</script>", INDEX, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)


HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {_inline_scripts()}",  # components of the page arrive as blobs
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}


class Guarded:
    """Security headers on every response, and a cookie with a fresh token on the first page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to what comes back; no other site's page opens a websocket."""
        if scope["type"] == "websocket" and not _from_our_page(scope):
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        if _proxy_says_https(request):
            scope["scheme"] = "https"
        wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        needs_token = wants_page and not TOKEN.fullmatch(request.cookies.get(COOKIE, ""))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if wants_page:
                    headers["Cache-Control"] = "no-store"
                if scope["path"] in PROVIDERS_ROUTES and headers.get("location") == "/":
                    headers["location"] = "/desk"  # only staff log in, and they want the desk
                if needs_token and "set-cookie" not in headers and message["status"] == 200:
                    headers.append("Set-Cookie", cookie_for(secrets.token_urlsafe(32), https=is_https(scope)))
            await send(message)

        await self.app(scope, receive, send_guarded)


def _from_our_page(scope: Scope) -> bool:
    """A page of this address, or no browser at all.

    Streamlit looks too, but asks a machine elsewhere for our own address first, and everybody waits for it.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _proxy_says_https(request: Request) -> bool:
    """A proxy of ours had the visitor's request over https."""
    peer = request.client.host if request.client else ""
    says = request.headers.get("x-forwarded-proto", "") == "https"
    return says and is_among(peer, load_settings().trusted_proxies)


def is_https(scope: Scope) -> bool:
    """The visitor's browser speaks https with us."""
    return bool(scope.get("scheme") == "https")


async def neutral(_request: Request) -> Response:
    """Where "Leave this page" goes: a blank sheet that says nothing about where one was."""
    return HTMLResponse(NEUTRAL)


async def first_page(request: Request) -> Response:
    """Streamlit's page, with something to read while it loads and the house is made."""
    language = opening.language_of(request.headers.get("accept-language", ""))
    returning = TOKEN.fullmatch(request.cookies.get(COOKIE, "")) is not None
    return HTMLResponse(opening.with_opening(INDEX, language, returning=returning))


async def health(_request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


def readiness(_request: Request) -> Response:
    """The house can take a message; the model may still be loading (answers come by words alone then)."""
    try:
        house = _house()
        house.reception.open("")
    except ForeroomError:
        return JSONResponse({"status": "unavailable"}, status_code=503)
    return JSONResponse({"status": "ok", "model": house.ready()})


async def icon(_request: Request) -> Response:
    """Our own icon from the first moment on."""
    return FileResponse(HERE / "screens" / "icon.png", media_type="image/png")


NEUTRAL = (HERE / "screens" / "notes.html").read_text(encoding="utf-8")


def _warm_up() -> None:
    """Load the model, then keep what was loaded out of the garbage collector's way."""
    gc.disable()  # a collection in the midst of it halts every turn for a third of a second
    try:
        _house().warm_up()
    except BadSettings as error:  # a missing key, say: nothing can be taken in, so nothing pretends to be there
        log.critical("%s The page stops.", error)
        os.kill(os.getpid(), signal.SIGTERM)
    except ForeroomError as error:
        log.warning("Answering by words alone: %s", error)
    except Exception:  # a thread has nobody to tell but the log
        log.exception("Answering by words alone: the warm-up broke")
    gc.freeze()
    gc.enable()


def _look_at_resources() -> None:
    """Whoever starts the page hears that the numbers for help wait for them, or have grown old."""
    if trouble := resources().trouble(datetime.now(UTC).date()):
        log.warning("%s", trouble)


def _tend(stop: threading.Event) -> None:
    """Letters, claims that ran out, what is over: every few seconds until the server stops."""
    while not stop.wait(SECONDS_BETWEEN_ROUNDS):
        try:
            _house().tend()
        except ForeroomError as error:
            log.warning("the desk was not tended: %s", error)
        except Exception:  # the next round may succeed; nothing owed is lost by a broken one
            log.exception("the desk was not tended")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up beside the first visitors, not before them; tend the desk while the server runs."""
    _write_lines()
    _look_at_resources()
    stop = threading.Event()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    threading.Thread(target=_tend, args=(stop,), name="tending", daemon=True).start()
    yield
    stop.set()


def _script_broke(error: Exception) -> bool:
    """A page that breaks says so calmly, in place of Streamlit's red box."""
    log.error("a page broke: %s", type(error).__name__, exc_info=error)
    words = page_words("en")
    st.html(f'<p class="notice" role="alert">{shown(words("frame.trouble"))} {shown(words("frame.danger_none"))}</p>')
    return True


class Lines(logging.Formatter):
    """A line of JSON each: when, how grave, where, what, and the facts given with it; never what people typed."""

    def format(self, record: logging.LogRecord) -> str:
        """What broke is named by its kind and its place: the message of an error may repeat somebody's words."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, "what": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            places = traceback.extract_tb(record.exc_info[2])[-DEEPEST:]
            line["broke"] = record.exc_info[0].__name__
            line["place"] = " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(places))
        return json.dumps(line | getattr(record, "facts", {}), ensure_ascii=False)


def _write_lines() -> None:
    """Our own rooms' logs go to stderr as such lines, from "a turn was taken" on."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    for room in ROOMS:
        rooms_log = logging.getLogger(room)
        rooms_log.handlers, rooms_log.propagate = [handler], False
        rooms_log.setLevel(logging.INFO)


class WithoutSecrets(logging.Filter):
    """Access logs keep no query string, no private link and no invitation."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten uvicorn's (client, method, path, version, status)."""
        if isinstance(record.args, tuple) and len(record.args) >= 3:
            client, method, path, *rest = record.args
            path = re.sub(r"^/(c|invite)/.*", r"/\1/…", str(path).split("?")[0])
            record.args = (client, method, path, *rest)
        return True


logging.getLogger("uvicorn.access").addFilter(WithoutSecrets())

app = st.App(
    HERE / "app.py",
    lifespan=lifespan,
    routes=[
        Route("/", first_page),
        Route("/notes", neutral),
        Route("/healthz", health),
        Route("/readyz", readiness),
        Route("/favicon.png", icon),
        *private_link.ROUTES,
        *desk_login.ROUTES,
    ],
    middleware=[Middleware(Guarded)],
    on_script_error=_script_broke,
)
