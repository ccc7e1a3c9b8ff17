"""Private links: opened into a cookie, protected by a passphrase; plain pages, since a response sets the cookie."""

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from desk.conversation import UNLOCKED
from desk.pace import Wait
from errors import BadInput, ForeroomError
from prompts.page import PageWords, page_words
from screens.desk_login import STYLE, address_of_request, read_form
from screens.markup import shown
from screens.opening import language_of
from screens.visitor import COOKIE, TOKEN, cookie_for

if TYPE_CHECKING:
    from wiring import Services


def _house() -> "Services":
    import wiring

    return wiring.services()


async def open_link(request: Request) -> Response:
    """`/c/TOKEN`: token into the cookie, on to the bare address; a link that opens nothing changes nothing."""
    token, words = request.path_params["token"], _words(request)
    try:
        if not TOKEN.fullmatch(token):
            return _page(words, shown(words("link.gone")), 404)
        reception = _house().reception
        if await run_in_threadpool(reception.wants_passphrase, token):
            return await _unlock(request, token, words)
        found = await run_in_threadpool(reception.open, token)
        mine = request.cookies.get(COOKIE, "")
        leaves_mine = mine != token and bool(TOKEN.fullmatch(mine)) and reception.open(mine) is not None
    except ForeroomError:
        return _page(words, shown(words("link.not_now")), 503)
    if found is None:
        return _page(words, shown(words("link.gone")), 404)
    meant = request.method == "POST" and request.headers.get("sec-fetch-site") == "same-origin"
    if leaves_mine and not meant:  # nobody is moved into another conversation by a link alone
        way = f'<form method="post" action="/c/{token}"><button>{shown(words("link.open"))}</button></form>'
        return _page(words, f"{shown(words('link.other'))}</p>{way}<p>")
    return _with_cookie(RedirectResponse("/", status_code=303), token, request)


async def protect(request: Request) -> Response:
    """`/protect`: a passphrase on the conversation of this device; its link is shown once more, to be kept."""
    words, token = _words(request), request.cookies.get(COOKIE, "")
    try:
        found = await run_in_threadpool(_house().reception.open, token) if TOKEN.fullmatch(token) else None
        if found is None:
            return _page(words, shown(words("link.gone")), 404)
        if found.is_protected:
            return _page(words, shown(words("link.is_protected")))
        if request.method == "GET":
            return _protect_page(words)
        given = await read_form(request)
        if given is None:
            return _protect_page(words, words("link.not_now"), 403)
        if given.get("passphrase") != given.get("again"):
            return _protect_page(words, words("link.differ"), 400)
        fresh = await run_in_threadpool(_house().reception.protect, token, given.get("passphrase", ""))
    except BadInput:
        return _protect_page(words, words("link.short"), 400)
    except ForeroomError:
        return _page(words, shown(words("link.not_now")), 503)
    if fresh is None:
        return _page(words, shown(words("link.gone")), 404)
    base = (_house().settings.public_url or str(request.base_url)).rstrip("/")
    hours = f"{UNLOCKED.total_seconds() / 3600:.0f}"
    kept = f"{shown(words('link.protected', hours=hours))}</p><p><code>{shown(base)}/c/{token}</code>"
    return _with_cookie(_page(words, kept), fresh, request)


ROUTES = [
    Route("/c/{token}", open_link, methods=["GET", "POST"]),
    Route("/protect", protect, methods=["GET", "POST"]),
]


async def _unlock(request: Request, token: str, words: PageWords) -> Response:
    if request.method == "GET":
        return _passphrase_page(words, token)
    given = await read_form(request)
    if given is None:
        return _passphrase_page(words, token, words("link.not_now"), 403)
    passphrase, address = given.get("passphrase", ""), address_of_request(request)
    fresh = await run_in_threadpool(lambda: _house().unlock(token, passphrase, address))
    if isinstance(fresh, Wait):
        return _passphrase_page(words, token, words(f"slow.{fresh.line}", seconds=fresh.seconds), 429)
    if fresh is None:
        return _passphrase_page(words, token, words("link.wrong"), 403)
    return _with_cookie(RedirectResponse("/", status_code=303), fresh, request)


def _words(request: Request) -> PageWords:
    return page_words(language_of(request.headers.get("accept-language", "")))


def _with_cookie(answer: Response, token: str, request: Request) -> Response:
    answer.headers.append("Set-Cookie", cookie_for(token, https=request.url.scheme == "https"))
    return answer


def _passphrase_page(words: PageWords, token: str, said: str = "", status: int = 200) -> Response:
    form = (
        f'<form method="post" action="/c/{token}">{_field(words("link.passphrase"), "passphrase", "current-password")}'
        f"<button>{shown(words('link.open'))}</button></form>"
    )
    return _page(words, f"{shown(said or words('link.asks'))}</p>{form}<p>", status)


def _protect_page(words: PageWords, said: str = "", status: int = 200) -> Response:
    form = (
        f'<form method="post" action="/protect">{_field(words("link.passphrase"), "passphrase", "new-password")}'
        f"{_field(words('link.again'), 'again', 'new-password')}<button>{shown(words('link.protect'))}</button></form>"
    )
    return _page(words, f"{shown(said or words('link.about'))}</p>{form}<p>", status)


def _field(label: str, name: str, kind: str) -> str:
    field = f'<input name="{name}" type="password" autocomplete="{kind}" required>'
    return f"<label>{shown(label)}{field}</label>"


def _page(words: PageWords, body: str, status: int = 200) -> Response:
    """A plain page: one paragraph (HTML), and the way to the page itself."""
    html = (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>Foreroom</title><style>{STYLE}</style></head>'
        '<body><main style="overflow-wrap: anywhere"><h1>Foreroom</h1>'
        f'<p>{body}</p><p><a href="/">{shown(words("link.to_the_page"))}</a></p></main></body></html>'
    )
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})
