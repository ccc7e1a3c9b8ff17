"""How fast anybody may write, and how many at once: limits as values; danger is read regardless."""

import ipaddress
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil
from threading import BoundedSemaphore
from time import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Line(StrEnum):
    """Which limit was met; its wording has the same name, in the page's words under `slow`."""

    MESSAGES = "too_many_messages"
    FROM_HERE = "too_many_messages_from_here"
    CONVERSATIONS = "too_many_conversations"
    LOGINS = "too_many_logins"
    CROWD = "crowded"


@dataclass(frozen=True, slots=True)
class Wait:
    """Too fast; what the limit is called and when to try again. The words stay with their writer."""

    line: Line
    seconds: int


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits of one process; they start afresh with it."""

    messages: RateLimitItem = field(default_factory=lambda: parse("20/minute"))  # of one conversation
    from_here: RateLimitItem = field(default_factory=lambda: parse("60/minute"))  # of one address
    conversations: RateLimitItem = field(default_factory=lambda: parse("20/hour"))  # opened by one address
    logins: RateLimitItem = field(default_factory=lambda: parse("20/5 minutes"))  # tries of one address
    _window: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def message(self, conversation: str, address: str) -> Wait | None:
        """None: go on. A wait stops answering; the message is still read for danger and kept."""
        return self._hit(Line.MESSAGES, self.messages, conversation) or self._hit(
            Line.FROM_HERE, self.from_here, address
        )

    def conversation(self, address: str) -> Wait | None:
        """One more conversation from this address."""
        return self._hit(Line.CONVERSATIONS, self.conversations, address)

    def login(self, address: str) -> Wait | None:
        """One more try to log in, or to open a protected link, from this address."""
        return self._hit(Line.LOGINS, self.logins, address)

    def _hit(self, line: Line, limit: RateLimitItem, who: str) -> Wait | None:
        if self._window.hit(limit, line.value, who):
            return None
        free_at = self._window.get_window_stats(limit, line.value, who).reset_time
        return Wait(line, max(1, ceil(free_at - time())))


class Crowd:
    """How many messages are answered at the same time; more would only make each of them late."""

    def __init__(self, places: int = 4, patience: float = 3.0) -> None:
        """Whoever finds no place within `patience` seconds is told to wait."""
        self._places, self._patience = BoundedSemaphore(places), patience

    @contextmanager
    def place(self) -> Iterator[Wait | None]:
        """None: answer, the place is kept until the block ends."""
        if not self._places.acquire(timeout=self._patience):
            yield Wait(Line.CROWD, ceil(self._patience))
            return
        try:
            yield None
        finally:
            self._places.release()


def address_of(peer: str, forwarded: str | None, trusted: Collection[str]) -> str:
    """Whose address counts: the peer's, or the last one in X-Forwarded-For that is not a proxy of ours.

    `trusted` holds addresses and networks ("10.0.0.0/8"); the header is read only when the peer is among them.
    """
    address = peer
    for hop in reversed((forwarded or "").split(",")):
        if not is_among(address, trusted) or not hop.strip():
            break
        address = hop.strip()[:60]
    return address


def is_among(address: str, trusted: Collection[str]) -> bool:
    """The address is one of these addresses or lies in one of these networks."""
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(here in ipaddress.ip_network(one, strict=False) for one in trusted)
