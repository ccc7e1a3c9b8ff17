"""What the program shows for one message: statements with their spans, and the turn that holds them."""

from dataclasses import dataclass, field

from conversation.calls import Call
from knowledge.source import Kind
from triage.decision import Decision, Message


@dataclass(frozen=True, slots=True)
class Span:
    """The characters [start, end) of one version of a source."""

    source: str
    version: int
    passage: str  # passage id
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One shown sentence and its span."""

    text: str
    span: Span
    clinic: str
    kind: Kind
    is_digest: bool
    study: str = ""
    notes: tuple[str, ...] = ()  # keys of fixed wordings that must stand beside it (prompts/companions.toml)

    @property
    def is_gap(self) -> bool:
        """The statement says what its source does not cover."""
        return self.kind is Kind.GAP


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage that was found, for staff: its id, score and each feature's share of it."""

    passage: str
    score: float
    shares: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and everything that came of it."""

    message: Message
    decision: Decision
    statements: tuple[Statement, ...] = ()
    evidence: tuple[Scored, ...] = ()
    understood_as: str = ""  # a follow-up, as a full question; "" when the message stands alone
    missing: tuple[str, ...] = ()  # parts of the question no statement covers, in the visitor's words
    by_words_alone: bool = False  # the model was not there; lexical search answered
    looked_in: tuple[str, ...] = ()  # source labels, for "the documents do not say this"
    wording: str = ""  # fingerprint of the fixed wording and weights that made the turn
    worded_with: str = ""  # the language model that chose or rewrote something of it
    calls: tuple[Call, ...] = field(default=(), compare=False)  # of a language model, where one is on
