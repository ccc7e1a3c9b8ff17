"""Drafts over one library: proposed, and checked while they are edited; replaced with the library."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conversation.attribution import Lead, attributed, leads_of
from conversation.checking import Checked, Checker, Written
from conversation.comparison import Comparer
from conversation.parts import Parts
from conversation.proposal import Phrase, Proposal, Tone
from conversation.proposing import Proposer, fixed_sentences
from triage.decision import Message

REMEMBERED = 200  # writers and clinics whose fixed wording is kept


@dataclass(frozen=True, slots=True)
class Drafts:
    """What the desk needs of the documents while somebody writes."""

    checker: Checker
    proposer: Proposer
    tone: Tone
    _fixed: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _leads: dict[str, Lead] = field(default_factory=dict)

    def check(self, draft: Sequence[Written], clinic: str, name: str) -> tuple[Checked, ...]:
        """A verdict for each sentence of a draft that `name` signs, for a clinic ("" for any)."""
        if len(self._fixed) > REMEMBERED:
            self._fixed.clear()
        if (name, clinic) not in self._fixed:
            self._fixed[name, clinic] = fixed_sentences(self.tone, name, clinic, self.checker.library)
        library = self.checker.library
        if not self._leads:
            self._leads.update(leads_of(library))
        return attributed(self.checker(draft, clinic, self._fixed[name, clinic]), self._leads, library)

    def propose(self, messages: Sequence[Message], name: str, clinic: str) -> Proposal:
        """A draft for the messages of one person that wait."""
        return self.proposer(messages, self.tone, name, clinic)


def drafts_over(
    parts: Parts,
    comparer: Comparer,
    tone: Tone,
    *,
    fixed: frozenset[str] = frozenset(),
    phrase: Phrase | None = None,
    phrased_by: str = "",
) -> Drafts:
    """Drafts over the parts of a moment; `fixed` sentences need no check, `phrase` words drafts where a model is on."""
    checker = Checker(parts.library, comparer, fixed)
    return Drafts(checker, Proposer(parts.library, parts.take, parts.triage, checker, phrase, phrased_by), tone)
