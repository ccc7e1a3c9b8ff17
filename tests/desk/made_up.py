"""Made-up turns and a clock that a test moves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from conversation.answer import Scored, Span, Statement, Turn
from desk.transcript import Received
from knowledge.source import Kind
from triage.decision import Care, Decision, Language, Reason, Route, Urgency, Verdict

MONDAY_NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = field(default=MONDAY_NOON)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


SENTENCE = Statement(
    "Visits take place at the clinic.",
    Span("mck", 3, "mck@3#where.1", 120, 152),
    "Music City Ketamine",
    Kind.CLINIC_FACT,
    True,
    "",
    ("clinic-reading",),
)


def answered(received: Received) -> Turn:
    """The documents answered."""
    decision = Decision(
        Route.ANSWER,
        verdicts=(Verdict("rules", Route.ANSWER), Verdict("classifier", Route.ANSWER, None, "", 0.25)),
        care=received.care,
        language=Language.ENGLISH,
    )
    return Turn(
        received.message(),
        decision,
        (SENTENCE,),
        (Scored("mck@3#where.1", 0.75, {"words": 0.5, "meaning": 0.25}),),
        "where are visits held",
        ("parking",),
        True,
        ("Music City Ketamine (digest 3)",),
        "answer:1a2b",
    )


def eligible(received: Received) -> Turn:
    """The visitor asked about their own case."""
    decision = Decision(Route.ELIGIBILITY, (Reason.CANDIDATE,), Urgency.NEXT_DAY, ("for me",), care=received.care)
    return Turn(received.message(), decision)


def unsafe(received: Received) -> Turn:
    """The visitor asked about a medicine."""
    decision = Decision(Route.SAFETY, (Reason.MEDICINE,), Urgency.TODAY, ("my pills",), care=received.care)
    return Turn(received.message(), decision)


def danger(received: Received) -> Turn:
    """The visitor may be in danger."""
    decision = Decision(Route.CRISIS, (Reason.SUICIDE,), Urgency.NOW, ("not be here",), care=Care.ASKED)
    return Turn(received.message(), decision)
