"""Logging in and out of the desk, and invitations: plain forms, since only a response can set a cookie scripts miss."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from desk.pace import Wait, address_of
from errors import BadInput, ForeroomError, NotAllowed
from screens.markup import shown

if TYPE_CHECKING:
    from wiring import Services

STAFF_COOKIE = "foreroom_staff"
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
MOST_BYTES = 8_000  # of a form
STYLE = Path(__file__).with_name("desk_login.css").read_text(encoding="utf-8")


def _house() -> "Services":
    import wiring

    return wiring.services()


async def log_in(request: Request) -> Response:
    """`/login`: name and password; a session's secret goes into the cookie and nowhere else."""
    if request.method == "GET":
        return _login_page()
    given = await read_form(request)
    if given is None:
        return _login_page("That form did not come from this page. Try again.", 403)
    try:
        answer = await run_in_threadpool(
            lambda: _house().door.log_in(given.get("name", ""), given.get("password", ""), address_of_request(request))
        )
    except ForeroomError:
        return _login_page("Nobody can log in right now. Please try again.", 503)
    if isinstance(answer, Wait):
        return _login_page(f"Those were many tries. Wait {answer.seconds} seconds.", 429)
    if answer is None:
        return _login_page("Name and password do not fit. After five wrong tries an account rests for a while.", 403)
    return _with_session(RedirectResponse("/desk", status_code=303), answer, request)


async def log_out(request: Request) -> Response:
    """`/logout`: the session ends; a link from elsewhere carries no cookie, so it ends nothing."""
    session = request.cookies.get(STAFF_COOKIE, "")
    if SECRET.fullmatch(session):
        try:
            await run_in_threadpool(lambda: _house().door.log_out(session))
        except ForeroomError:
            return _login_page("You are still logged in: the desk cannot be reached. Please try again.", 503)
    return _with_session(RedirectResponse("/login", status_code=303), "", request)


async def invitation(request: Request) -> Response:
    """`/invite/SECRET`: a new colleague chooses a password; the link works once."""
    secret = request.path_params["secret"]
    if request.method == "GET":
        return _invitation_page(secret)
    given = await read_form(request)
    if given is None:
        return _invitation_page(secret, "That form did not come from this page. Try again.", 403)
    if given.get("password") != given.get("again"):
        return _invitation_page(secret, "The two passwords differ. Type them once more.", 400)
    try:
        person = await run_in_threadpool(lambda: _house().door.accept(secret, given.get("password", "")))
    except BadInput as error:
        return _invitation_page(secret, str(error), 400)
    except NotAllowed as error:
        return _page("Foreroom desk", f"<h2>Invitation</h2>{_said(str(error))}", 404)
    except ForeroomError:
        return _invitation_page(secret, "This cannot be kept right now. Please try again.", 503)
    return _login_page(f"Your password is kept, {person.name}. Log in with it.", name=person.name)


ROUTES = [
    Route("/login", log_in, methods=["GET", "POST"]),
    Route("/logout", log_out),
    Route("/invite/{secret}", invitation, methods=["GET", "POST"]),
]


async def read_form(request: Request) -> Mapping[str, str] | None:
    """What was typed; None if another site sent it, or if it is too long to be a form of ours."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return None
    body = await request.body()
    if len(body) > MOST_BYTES:
        return None
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}


def address_of_request(request: Request) -> str:
    """Whose address counts, for the limits."""
    peer = request.client.host if request.client else ""
    return address_of(peer, request.headers.get("x-forwarded-for"), _house().settings.trusted_proxies)


def _with_session(answer: Response, session: str, request: Request) -> Response:
    from desk.staff import SESSION_LASTS  # the database's library is slow to load, and the first page waits for us

    answer.set_cookie(
        STAFF_COOKIE,
        session,
        max_age=int(SESSION_LASTS.total_seconds()) if session else 0,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def _login_page(said: str = "", status: int = 200, *, name: str = "") -> Response:
    return _page(
        "Log in · Foreroom desk",
        f"<h2>Log in</h2>{_said(said) if said else '<p>For the people who answer.</p>'}"
        '<form method="post" action="/login">'
        f'<label>Name<input name="name" autocomplete="username" required value="{shown(name)}"></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required></label>'
        "<button>Log in</button></form>",
        status,
    )


def _invitation_page(secret: str, said: str = "", status: int = 200) -> Response:
    if not SECRET.fullmatch(secret):
        return _page("Foreroom desk", f"<h2>Invitation</h2>{_said('This invitation does not open anything.')}", 404)
    from desk.staff import SHORTEST_PASSWORD

    return _page(
        "Invitation · Foreroom desk",
        f"<h2>Choose a password</h2>{_said(said) if said else ''}"
        f"<p>At least {SHORTEST_PASSWORD} characters. This link works once.</p>"
        f'<form method="post" action="/invite/{secret}">'
        '<label>Password<input name="password" type="password" autocomplete="new-password" required></label>'
        '<label>Once more<input name="again" type="password" autocomplete="new-password" required></label>'
        "<button>Keep it</button></form>",
        status,
    )


def _said(text: str) -> str:
    return f'<p class="said" role="status">{shown(text)}</p>'


def _page(title: str, body: str, status: int) -> Response:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>Foreroom desk</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
