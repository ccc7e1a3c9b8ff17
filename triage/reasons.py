"""Why a person answers: each reason's wording for visitors and staff and its urgency, from reviewed files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from triage.decision import Language, Reason, Urgency

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One reason as a clinician owns it."""

    reason: Reason
    urgency: Urgency
    visitor: Mapping[Language, str]  # one sentence: why a person answers
    staff: str
    examples: tuple[str, ...]


@cache
def reasons() -> Mapping[Reason, ReasonCode]:
    """Every reason of triage/reasons.toml; each value of Reason has one."""
    table = tomllib.loads((HERE / "reasons.toml").read_text(encoding="utf-8"))["reasons"]
    return MappingProxyType(
        {
            Reason(code): ReasonCode(
                Reason(code),
                Urgency(row["urgency"]),
                MappingProxyType({Language.ENGLISH: row["en"], Language.SPANISH: row["es"]}),
                row["staff"],
                tuple(row.get("examples", ())),
            )
            for code, row in table.items()
        }
    )


@cache
def urgency_minutes() -> Mapping[Urgency, int]:
    """Minutes until a person is owed, by urgency: by the clock for `now`, else in staffed minutes."""
    table = tomllib.loads((HERE / "urgency.toml").read_text(encoding="utf-8"))["minutes"]
    return MappingProxyType({Urgency(name): int(minutes) for name, minutes in table.items()})


def most_urgent(found: tuple[Reason, ...]) -> Urgency:
    """The soonest urgency among reasons; routine for none."""
    order = list(Urgency)
    return min((reasons()[reason].urgency for reason in found), key=order.index, default=Urgency.ROUTINE)
