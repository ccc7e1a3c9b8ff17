"""What triage found in an answer or a file for a person to take up, as it is kept."""

from dataclasses import dataclass
from typing import Any

from triage.decision import Reason, Route


@dataclass(frozen=True, slots=True)
class Topic:
    """What triage read: something for a person."""

    route: Route
    reasons: tuple[Reason, ...]
    words: tuple[str, ...]  # that decided, as typed


def held_of(topic: Topic | None) -> dict[str, Any]:
    """As plain values, ready to be sealed; empty where there was nothing."""
    if topic is None:
        return {}
    reasons = [reason.value for reason in topic.reasons]
    return {"route": topic.route.value, "reasons": reasons, "words": topic.words}


def topic_of(held: dict[str, Any] | None) -> Topic | None:
    """The finding again; None where there was nothing, or nobody has read it."""
    if not held or "route" not in held:
        return None
    reasons = tuple(Reason(reason) for reason in held["reasons"])
    return Topic(Route(held["route"]), reasons, tuple(held["words"]))
