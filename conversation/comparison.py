"""A sentence held against its passage: what it changes, and how surely the passage bears it out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from conversation.alignment import Alignment, Embed, Pair, align, remembering
from conversation.clauses import read
from conversation.differences import differences
from conversation.finding import Change, Finding
from conversation.gate import Logistic
from conversation.lexicon import Lexicon, load_lexicon
from conversation.premise import Premise, short_names

WEIGHTS = Path(__file__).with_name("comparison.json")
# These alone decide: a sentence with one of them is never supported.
DECISIVE = frozenset({Change.FIGURE, Change.UNIT, Change.CLINIC, Change.NAME, Change.CONDITION})
FEATURES = {
    "strange": "share of the claim's words of weight that have no counterpart in the passage",
    "together": "0 to 1: several of them stand in a row, in a claim that is otherwise the passage's: something put in",
} | {
    change.value: "0 to 1: a change of this class was found, by how surely the sentences answer to each other"
    for change in Change
    if change not in (Change.INVENTED, Change.CONDITION)
}

# A change is a change of the sentence the claim is about. How much of the claim that sentence answers says how surely
# it is the one: below the first share a change counts for nothing, from the second on for all of itself.
_LOOSE, _CLOSE = 0.5, 0.9
_PUT_IN_LOOSE, _PUT_IN_CLOSE = 0.6, 0.8  # the same, where words were put in that nothing can answer
_SEVERAL = 2  # words in a row that are no slip of the pen
_SMOOTH = 3  # one strange word in a short claim is not yet a third of it

Entails = Callable[[str, str], float]  # passage, claim -> probability that the one bears out the other


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing one claim with one passage."""

    supported: bool
    score: float  # the probability that the passage bears the claim out
    findings: tuple[Finding, ...]
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares by word lists and fitted weights; `entails`, where an operator has a model, joins them."""

    weights: Logistic
    lexicon: Lexicon
    embed: Embed | None = None
    entails: Entails | None = None

    def __call__(self, claim: str, premise: Premise) -> Comparison:
        """Hold a claim against its premise. Without words to compare it is not supported."""
        alignment = self.align(claim, premise)
        findings = tuple(differences(alignment, premise, self.lexicon))
        held = self.features(alignment, findings)
        score = self.weights.probability(held)
        if self.entails is not None:
            score = (score + self.entails(premise.text, claim)) / 2
        decided = any(finding.kind in DECISIVE for finding in findings)
        supported = bool(alignment.pairs) and not decided and score >= self.weights.above
        if not supported and not findings:
            findings = _invented(alignment)
        return Comparison(supported, round(min(score, 0.05) if decided else score, 4), findings, held)

    def align(self, claim: str, premise: Premise) -> Alignment:
        """The claim's words beside the passage's; the clinic's own name needs no counterpart."""
        names = (name for clinic in (premise.clinic, *premise.others) if clinic for name in short_names(clinic))
        known = frozenset(part.lower() for name in names if name.lower() in claim.lower() for part in name.split())
        return align(read(claim), read(premise.text), self.lexicon, self.embed, known, premise.common)

    def features(self, alignment: Alignment, findings: tuple[Finding, ...]) -> dict[str, float]:
        """FEATURES of one comparison."""
        told = [pair for pair in alignment.pairs if not pair.word.is_little]
        strange = sum(not pair.is_answered for pair in told)
        kinds = {finding.kind for finding in findings}
        sure = _surely(alignment, _LOOSE, _CLOSE)
        weighed = {kind: 1.0 if kind in DECISIVE else sure for kind in kinds}
        return {
            "strange": strange / (len(told) + _SMOOTH),
            "together": _surely(alignment, _PUT_IN_LOOSE, _PUT_IN_CLOSE) if _in_a_row(told) >= _SEVERAL else 0.0,
        } | {change.value: weighed.get(change, 0.0) for change in Change if change.value in FEATURES}


def _surely(alignment: Alignment, loose: float, close: float) -> float:
    """0 to 1: by how much of the claim its sentences answer."""
    return min(1.0, max(0.0, (alignment.covered_by_chosen - loose) / (close - loose)))


def _in_a_row(told: Sequence[Pair]) -> int:
    """The longest run of words of weight without a counterpart."""
    return max(
        (sum(1 for _ in run) for answered, run in groupby(told, lambda pair: pair.is_answered) if not answered),
        default=0,
    )


def _invented(alignment: Alignment) -> tuple[Finding, ...]:
    words = [pair.word.text for pair in alignment.pairs if not pair.is_answered and not pair.word.is_little]
    return (Finding(Change.INVENTED, ", ".join(words)),) if words else ()


@cache
def load_weights(path: Path = WEIGHTS) -> Logistic:
    """The fitted weights in a file."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return Logistic(held["bias"], held["weights"], held["means"], held["scales"], held["above"])


def load_comparer(embed: Embed | None = None, entails: Entails | None = None) -> Comparer:
    """The comparison as fitted; `embed` makes vectors of single words."""
    return Comparer(load_weights(), load_lexicon(), remembering(embed) if embed else None, entails)
