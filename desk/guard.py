"""The guard every action of the desk stands behind: session and role are checked before the first line runs."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from desk.roles import Action
from desk.staff import Staff


class Guarding(Protocol):
    """Something that knows who holds a session and what they may do."""

    def allow(self, session: str, action: Action) -> Staff:
        """Who acts; NotAllowed if they may not."""


P = ParamSpec("P")
R = TypeVar("R")
D = TypeVar("D", bound=Guarding)


def guarded(
    action: Action,
) -> Callable[[Callable[Concatenate[D, Staff, P], R]], Callable[Concatenate[D, str, P], R]]:
    """Hand the method whoever holds the session, once the table of roles allows the action. NotAllowed otherwise."""

    def wrap(method: Callable[Concatenate[D, Staff, P], R]) -> Callable[Concatenate[D, str, P], R]:
        @functools.wraps(method)
        def run(desk: D, session: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return method(desk, desk.allow(session, action), *args, **kwargs)

        run.action = action  # type: ignore[attr-defined]  # read by the test that walks every action
        return run

    return wrap
