"""What was typed and what came of it, as rows: messages, turns and their statements, there and back again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.answer import Scored, Span, Statement, Turn
from knowledge.source import Kind
from store.engine import METADATA, Instant
from store.keys import Seal
from triage.decision import Audience, Care, Decision, Language, Message, Reason, Route, Said, Speaker, Urgency, Verdict


class Addressee(StrEnum):
    """To whom a visitor wrote."""

    ANYONE = "anyone"  # whoever speaks now: the program, or the person who is in the conversation
    DOCUMENTS = "documents"  # the visitor chose to ask the documents while a person is writing
    PERSON = "person"  # a note for the team; the program stays silent, except in danger
    INTAKE = "intake"  # an answer of an intake that is about danger, or its handing over


MESSAGE = sa.Table(
    "message",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.ForeignKey("conversation.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # 1, 2, … in its conversation
    sa.Column("at", Instant, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),  # sealed
    sa.Column("clinic", sa.String(120)),
    sa.Column("language", sa.String(8)),  # the visitor's choice; null: read from the text
    sa.Column("addressee", sa.String(20), nullable=False),
    sa.Column("client_key", sa.String(64)),  # the sender's own mark, so that a repeated send is one message
    sa.UniqueConstraint("conversation_id", "number"),
    sa.UniqueConstraint("conversation_id", "client_key"),
)

TURN = sa.Table(
    "turn",
    METADATA,
    sa.Column("message_id", sa.ForeignKey("message.id"), primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("route", sa.String(20), nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("urgency", sa.String(20), nullable=False),
    sa.Column("care", sa.String(20), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("wording", sa.String(200), nullable=False),
    sa.Column("silent", sa.Boolean, nullable=False),  # the program said nothing: a person has the word
    sa.Column("ticket_id", sa.ForeignKey("ticket.id"), index=True),
    sa.Column("rest", sa.LargeBinary, nullable=False),  # sealed: what repeats or judges the visitor's words
)

STATEMENT = sa.Table(
    "statement",
    METADATA,
    sa.Column("message_id", sa.ForeignKey("turn.message_id"), primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),  # 0, 1, … in reading order
    sa.Column("source", sa.String(120), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("passage", sa.String(200), nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # as shown, so that a changed source is noticed
    sa.Column("clinic", sa.String(120), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("is_digest", sa.Boolean, nullable=False),
    sa.Column("study", sa.String(200), nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.ForeignKeyConstraint(["source", "version"], ["source.id", "source.version"]),
    sa.Index("ix_statement_source_version", "source", "version"),
)


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is committed; nothing else has happened to it yet."""

    id: int
    conversation: int
    number: int
    at: datetime
    text: str
    clinic: str | None
    language: Language | None
    care: Care  # where the conversation stood when the message came
    addressee: Addressee = Addressee.ANYONE

    def message(
        self, history: tuple[Said, ...] = (), audience: Audience = Audience.PATIENT, names: tuple[str, ...] = ()
    ) -> Message:
        """The value triage and the conversation work on."""
        return Message(self.text, history, self.clinic, audience, self.language, self.care, names)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A turn as it was kept, and the ticket it belongs to."""

    turn: Turn  # without statements when a person has the word
    reference: str | None = None  # "F-318"
    silent: bool = False


def write_message(
    connection: Connection,
    seal: Seal,
    conversation: int,
    text: str,
    now: datetime,
    *,
    clinic: str | None,
    language: Language | None,
    addressee: Addressee,
    client_key: str | None,
) -> tuple[int, int, bytes]:
    """Store a message; returns its id, its number and its sealed text. The conversation's row must be locked."""
    last = connection.execute(
        sa.select(sa.func.max(MESSAGE.c.number)).where(MESSAGE.c.conversation_id == conversation)
    ).scalar_one()
    number, sealed = (last or 0) + 1, seal.close(text)
    made = connection.execute(
        MESSAGE.insert().values(
            conversation_id=conversation,
            number=number,
            at=now,
            text=sealed,
            clinic=clinic,
            language=None if language is None else language.value,
            addressee=addressee.value,
            client_key=client_key,
        )
    ).inserted_primary_key
    assert made is not None
    return made[0], number, sealed


def write_turn(
    connection: Connection, seal: Seal, message_id: int, turn: Turn, now: datetime, *, silent: bool, ticket: int | None
) -> None:
    """Store a turn and its statements; the sources they rest on must have their rows."""
    decision = turn.decision
    connection.execute(
        TURN.insert().values(
            message_id=message_id,
            at=now,
            route=decision.route.value,
            reasons=[reason.value for reason in decision.reasons],
            urgency=decision.urgency.value,
            care=decision.care.value,
            language=decision.language.value,
            wording=turn.wording,
            silent=silent,
            ticket_id=ticket,
            rest=seal.close_value(_rest(turn)),
        )
    )
    if turn.statements:
        connection.execute(
            STATEMENT.insert(),
            [_statement_values(message_id, place, said) for place, said in enumerate(turn.statements)],
        )


def statements_of(rows: Iterable[sa.Row[Any]]) -> dict[int, tuple[Statement, ...]]:
    """Statements by message, out of their rows in reading order."""
    found: dict[int, tuple[Statement, ...]] = {}
    for row in rows:
        found[row.message_id] = (*found.get(row.message_id, ()), _statement(row))
    return found


def read_turn(row: sa.Row[Any], text: str, seal: Seal, statements: tuple[Statement, ...]) -> Turn:
    """The very turn that was recorded, out of its row."""
    rest = seal.open_value(row.rest)
    asked = rest["message"]
    message = Message(
        text,
        tuple(Said(Speaker(speaker), said) for speaker, said in asked["history"]),
        asked["clinic"],
        Audience(asked["audience"]),
        None if asked["language"] is None else Language(asked["language"]),
        Care(asked["care"]),
    )
    decision = Decision(
        Route(row.route),
        tuple(Reason(reason) for reason in row.reasons),
        Urgency(row.urgency),
        tuple(rest["words"]),
        rest["check_in"],
        Care(row.care),
        Language(row.language),
        tuple(_verdict(values) for values in rest["verdicts"]),
    )
    return Turn(
        message,
        decision,
        statements,
        tuple(Scored(passage, score, shares) for passage, score, shares in rest["evidence"]),
        rest["understood_as"],
        tuple(rest["missing"]),
        rest["by_words_alone"],
        tuple(rest["looked_in"]),
        row.wording,
        rest.get("worded_with", ""),
    )


def _rest(turn: Turn) -> dict[str, Any]:
    message, decision = turn.message, turn.decision
    return {
        "message": {
            "history": [(said.speaker.value, said.text) for said in message.history],
            "clinic": message.clinic,
            "audience": message.audience.value,
            "language": None if message.language is None else message.language.value,
            "care": message.care.value,
        },
        "words": decision.words,
        "check_in": decision.check_in,
        "verdicts": [
            (one.reader, one.route.value, None if one.reason is None else one.reason.value, one.words, one.score)
            for one in decision.verdicts
        ],
        "evidence": [
            (found.passage, float(found.score), {name: float(share) for name, share in found.shares.items()})
            for found in turn.evidence
        ],
        "understood_as": turn.understood_as,
        "missing": turn.missing,
        "by_words_alone": turn.by_words_alone,
        "looked_in": turn.looked_in,
        "worded_with": turn.worded_with,
    }


def _verdict(values: list[Any]) -> Verdict:
    reader, route, reason, words, score = values
    return Verdict(reader, Route(route), None if reason is None else Reason(reason), words, score)


def _statement_values(message_id: int, place: int, said: Statement) -> dict[str, Any]:
    span = said.span
    return {
        "message_id": message_id,
        "place": place,
        "source": span.source,
        "version": span.version,
        "passage": span.passage,
        "start": span.start,
        "end": span.end,
        "text": said.text,
        "clinic": said.clinic,
        "kind": said.kind.value,
        "is_digest": said.is_digest,
        "study": said.study,
        "notes": list(said.notes),
    }


def _statement(row: sa.Row[Any]) -> Statement:
    return Statement(
        row.text,
        Span(row.source, row.version, row.passage, row.start, row.end),
        row.clinic,
        Kind(row.kind),
        row.is_digest,
        row.study,
        tuple(row.notes),
    )
