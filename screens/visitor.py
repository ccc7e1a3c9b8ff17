"""Who is looking: the private link's token, the language of the frame, the clock, and what a refresh may lose."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

import streamlit as st

from desk.pace import address_of
from prompts.page import PageWords, page_words
from screens.markup import clock

COOKIE = "foreroom_conversation"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 random bits; nothing else opens or begins a conversation
DAYS = ("zero", "one", "two", "three", "four", "five", "six")
COOKIE_SECONDS = 400 * 24 * 3600  # browsers keep no cookie longer; the conversation's own days are the store's
NO_COOKIE_KEY = "ask_token"


class View(StrEnum):
    """How much the page says about where a sentence comes from."""

    PLAIN = "plain"
    CLINICIANS = "clinicians"


@dataclass(frozen=True, slots=True)
class Visitor:
    """What one run of the page knows about who is looking."""

    token: str
    keeps_cookies: bool
    language: str  # of the frame: "en" or "es"
    chosen_language: str | None  # what they chose themselves
    clinic: str | None  # what they chose; None is both
    view: View
    zone: tzinfo
    words: PageWords
    is_protected: bool = False  # their link asks for a passphrase; this device holds one that passes for some hours

    @property
    def for_clinicians(self) -> bool:
        """Kinds of evidence, study names and section ids are shown."""
        return self.view is View.CLINICIANS

    def clock(self, at: datetime) -> str:
        """A moment as their own clock shows it."""
        return clock(at, self.zone, [self.words(f"day.{day}") for day in DAYS])


def token_of_this_page() -> tuple[str, bool]:
    """The token of the cookie, and True; without cookies one that lives as long as the page, and False."""
    cookie = st.context.cookies.get(COOKIE)
    if isinstance(cookie, str) and TOKEN.fullmatch(cookie):
        return cookie, True
    return str(st.session_state.setdefault(NO_COOKIE_KEY, secrets.token_urlsafe(32))), False


def address_here(trusted: Sequence[str]) -> str:
    """The address this page is read from, for the limits; "" where it is this machine's own."""
    here = "127.0.0.1"  # streamlit names no address for it; a proxy may stand there
    address = address_of(st.context.ip_address or here, st.context.headers.get("X-Forwarded-For"), trusted)
    return "" if address == here else address


def cookie_for(token: str, *, https: bool) -> str:
    """The Set-Cookie line that keeps a private link's token where no script can read it."""
    secure = "; Secure" if https else ""
    return f"{COOKIE}={token}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{secure}"


def the_visitor(
    token: str, keeps_cookies: bool, last_language: str | None, only_clinic: str | None, *, is_protected: bool = False
) -> Visitor:
    """Their choices, or what follows from their last message and their browser."""
    chosen = st.session_state.get("ask_language")
    locale = str(st.context.locale or "")
    language = chosen or last_language or ("es" if locale.startswith("es") else "en")
    return Visitor(
        token=token,
        keeps_cookies=keeps_cookies,
        language=language,
        chosen_language=chosen,
        clinic=only_clinic or st.session_state.get("ask_clinic") or None,
        view=View(st.session_state.get("ask_view") or View.PLAIN),
        zone=_zone(st.context.timezone),
        words=page_words(language),
        is_protected=is_protected,
    )


def _zone(name: str | None) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (KeyError, ValueError, OSError):  # a zone this machine does not know
        return UTC
