"""What a visitor may be told about a ticket: saved, alerted, seen, answered, each only from its own stored row."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A member of staff opened the ticket and said so."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """Facts about one ticket; a step that has no row is None."""

    reference: str
    saved_at: datetime
    alerted_at: datetime | None = None  # a channel accepted an alert about these words
    seen: Seen | None = None
    answered: Seen | None = None  # who replied, and when
    receives: bool = False  # there is a staff account and a channel
    is_staffed: bool = False  # inside the desk's hours, now
    opens_at: datetime | None = None  # when it is staffed next
    read_by: datetime | None = None  # when an answer is due

    def lines(self) -> tuple[tuple[str, dict[str, str | datetime]], ...]:
        """Names of wordings in prompts/…/desk and their blanks, in the order a visitor reads them."""
        steps: list[tuple[str, dict[str, str | datetime]]] = [
            ("saved", {"reference": self.reference, "at": self.saved_at})
        ]
        if self.answered is not None:
            return (*steps, ("answered", {"name": self.answered.name, "at": self.answered.at}))
        if self.alerted_at is not None:
            steps.append(("alerted", {"at": self.alerted_at}))
        if self.seen is not None:
            steps.append(("seen", {"name": self.seen.name, "at": self.seen.at}))
        if not self.receives:
            steps.append(("nobody_receives", {}))
        elif not self.is_staffed and self.seen is None:
            steps.append(("out_of_hours", {} if self.opens_at is None else {"opens": self.opens_at}))
        return tuple(steps)
