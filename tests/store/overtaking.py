"""Two at one moment: while somebody is in the middle of a move, another makes theirs, or begins to wait for it."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

PATIENCE_SECONDS = 1.0  # where a writer waits for another, it comes after us


class Overtaking:
    """Somebody else's move, made once, at the place in our own that was chosen."""

    def __init__(self, move: Callable[[], Any]) -> None:
        self._move, self._thread = move, Thread(target=self._go)
        self.answer: Any = None
        self.error: Exception | None = None

    def _go(self) -> None:
        try:
            self.answer = self._move()
        except Exception as error:
            self.error = error

    def begin(self) -> None:
        """Make the move now, or begin to wait for us."""
        if self._thread.ident is None:
            self._thread.start()
            self._thread.join(PATIENCE_SECONDS)

    def end(self) -> None:
        """Once we are done, nobody waits any more."""
        assert self._thread.ident is not None, "nobody came to the place where the other was to overtake"
        self._thread.join()


def overtaken(monkeypatch: pytest.MonkeyPatch, home: Any, name: str, move: Callable[[], Any]) -> Overtaking:
    """Let `move` happen elsewhere as soon as `home.name` was called for the first time, before it returns."""
    other, ours = Overtaking(move), getattr(home, name)

    def call_and_be_overtaken(*given: Any, **more: Any) -> Any:
        found = ours(*given, **more)
        other.begin()
        return found

    monkeypatch.setattr(home, name, call_and_be_overtaken)
    return other
