"""What a document leaves unsaid, told as if it were so or were not so."""

from collections.abc import Iterator

from conversation.alignment import Alignment
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon


def silences(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """The passage only does not say a thing, and the claim affirms or denies the thing itself."""
    claim, words = alignment.claim, alignment.passage.words
    if claim.plains & lexicon.spoken:
        return
    told = [pair for pair in alignment.answered if not pair.word.is_little]
    for denial in alignment.passage.denials:
        sentence = words[denial.at].sentence
        if sentence != alignment.best or not denial.reach or words[denial.reach[0]].plain not in lexicon.unsaid:
            continue
        held = [pair for pair in told if pair.place > denial.at and words[pair.place].sentence == sentence]
        if held and 2 * len(held) >= len(told):
            unsaid = alignment.passage.text[words[denial.at].start : words[denial.reach[0]].end]
            yield Finding(Change.NEGATION, held[0].word.text, unsaid)
            return
