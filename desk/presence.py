"""Who is looking at a ticket right now; kept in memory, since nobody needs it a minute later."""

from datetime import datetime, timedelta
from threading import Lock

from desk.staff import Staff

FADES = timedelta(seconds=20)  # after the last sign of an open page


class Presence:
    """Signs of open pages, by ticket."""

    def __init__(self) -> None:
        self._signs: dict[int, dict[int, tuple[str, datetime]]] = {}
        self._lock = Lock()

    def look(self, ticket: int, person: Staff, now: datetime) -> tuple[str, ...]:
        """This person has the ticket open; returns the names of the others who do."""
        with self._lock:
            fresh = {who: sign for who, sign in self._signs.get(ticket, {}).items() if now - sign[1] < FADES}
            self._signs[ticket] = fresh | {person.id: (person.name, now)}
            return tuple(sorted(name for who, (name, _) in fresh.items() if who != person.id))
