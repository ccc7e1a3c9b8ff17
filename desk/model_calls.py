"""Every call to a language model: what for, what came of it, tokens, cost and time; never a word of what was asked."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.calls import Call, Outcome, Purpose
from errors import Unavailable
from store.engine import METADATA, Instant, Store

log = logging.getLogger(__name__)

MODEL_CALL = sa.Table(
    "model_call",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("message_id", sa.ForeignKey("message.id"), index=True),  # null: for a draft
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("model", sa.String(120), nullable=False),
    sa.Column("prompt", sa.String(12), nullable=False),  # fingerprint
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("tokens_in", sa.Integer, nullable=False),
    sa.Column("tokens_out", sa.Integer, nullable=False),
    sa.Column("cost", sa.Float, nullable=False),
    sa.Column("ms", sa.Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How often one purpose ended in one way."""

    model: str
    purpose: Purpose
    outcome: Outcome
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float
    ms: int  # of all of them together


def write_calls(connection: Connection, calls: Iterable[Call], now: datetime, message_id: int | None = None) -> None:
    """Keep a turn's or a draft's calls."""
    rows = [
        {
            "at": now,
            "message_id": message_id,
            "purpose": call.purpose.value,
            "model": call.model[:120],
            "prompt": call.prompt,
            "outcome": call.outcome.value,
            "tokens_in": call.tokens_in,
            "tokens_out": call.tokens_out,
            "cost": call.cost,
            "ms": call.ms,
        }
        for call in calls
    ]
    if rows:
        connection.execute(MODEL_CALL.insert(), rows)


def keep_call(store: Store, clock: Callable[[], datetime], call: Call) -> None:
    """Count a draft's call in a transaction of its own; a database that is away costs nobody their draft."""
    try:
        with store.writing() as connection:
            write_calls(connection, (call,), clock())
    except Unavailable as error:
        log.warning("A call to a language model could not be counted: %s", error)


def counts(connection: Connection, since: datetime | None = None) -> tuple[Count, ...]:
    """Every purpose and outcome there was, the commonest first."""
    number = sa.func.count()
    sums = [sa.func.sum(MODEL_CALL.c[name]) for name in ("tokens_in", "tokens_out", "cost", "ms")]
    chosen = sa.select(MODEL_CALL.c.model, MODEL_CALL.c.purpose, MODEL_CALL.c.outcome, number, *sums)
    if since is not None:
        chosen = chosen.where(MODEL_CALL.c.at >= since)
    grouped = chosen.group_by(MODEL_CALL.c.model, MODEL_CALL.c.purpose, MODEL_CALL.c.outcome)
    return tuple(
        Count(model, Purpose(purpose), Outcome(outcome), calls, *rest)
        for model, purpose, outcome, calls, *rest in connection.execute(grouped.order_by(number.desc()))
    )
