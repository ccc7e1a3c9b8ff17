"""What was asked of a language model, and what came of it: plain values."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Purpose(StrEnum):
    """What a language model may be asked for; the prompt of each is prompts/model/NAME.md."""

    CHOOSE = "choose"  # which of the sentences found are shown, by their numbers
    REWRITE = "rewrite"  # a follow-up as a full question
    PHRASE = "phrase"  # sentences of a draft for staff
    ASK = "ask"  # questions that a passage answers, for an operator to accept


class Outcome(StrEnum):
    """What came of one call. Only USED reaches anybody; in every other case the program goes on without the model."""

    USED = "used"
    SET_ASIDE = "set aside"  # it answered, and the answer did not pass our checks
    EMPTY = "empty"
    MALFORMED = "malformed"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    RATE_LIMITED = "rate limited"
    GONE = "gone"  # not reached, or cut off in the middle
    BROKEN = "broken"  # anything else its library raised
    BUSY = "busy"  # not asked: too many calls were under way
    RESTING = "resting"  # not asked: it failed several times in a row a moment ago

    @property
    def is_trouble(self) -> bool:
        """The model or the way to it is at fault; after several in a row it is left alone for a while."""
        return self in (Outcome.TIMED_OUT, Outcome.RATE_LIMITED, Outcome.GONE, Outcome.BROKEN)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: counted whatever came of it, and kept without a word of what was asked."""

    purpose: Purpose
    model: str  # as the settings name it
    prompt: str  # the prompt's fingerprint
    outcome: Outcome
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0  # by the prices in the settings
    ms: int = 0

    def ended(self, outcome: Outcome) -> "Call":
        """The same call under another outcome."""
        return replace(self, outcome=outcome)
