"""One change that a comparison names: its class, and the words on either side."""

from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """The classes of change a comparison can name."""

    FIGURE = "figure"
    UNIT = "unit"
    CLINIC = "clinic"
    NAME = "name"
    ENTITY = "entity"
    SPECIES = "species"
    NEGATION = "negation"
    DIRECTION = "direction"
    CERTAINTY = "certainty"
    HEDGE = "hedge"
    AMOUNT = "amount"
    CAUSE = "cause"
    CONDITION = "condition"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class Finding:
    """One change: its class, the claim's words, and the passage's words they stand against ("" for none)."""

    kind: Change
    claim_words: str
    passage_words: str = ""
