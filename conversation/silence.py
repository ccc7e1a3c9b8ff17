"""What a document leaves unsaid, told as if it were so or were not so."""

from collections.abc import Iterator

from conversation.alignment import Alignment, Pair
from conversation.clauses import Denial, Reading, Word
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon

_INSIDE = frozenset("in on within".split())
SEVERAL = 2  # words told as fact that are no slip of the pen


def silences(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """The passage only does not say a thing, and the claim affirms or denies the thing itself."""
    words = alignment.passage.words
    heavy = {pair.word.clause for pair in alignment.answered if not pair.word.is_little}
    told = [pair for pair in alignment.answered if not pair.word.is_little or _stands_alone(pair, heavy, lexicon)]
    left_open = unsaid(alignment.claim, lexicon)
    for denial in alignment.passage.denials:
        sentence = words[denial.at].sentence
        if sentence != alignment.best or not denial.reach or words[denial.reach[0]].plain not in lexicon.unsaid:
            continue
        held = [pair for pair in told if pair.place > denial.at and words[pair.place].sentence == sentence]
        as_fact = [pair for pair in held if pair.word not in left_open]
        mostly = len({pair.word.plain for pair in as_fact}) >= SEVERAL or 2 * len(as_fact) >= len(held)
        if as_fact and mostly and 2 * len(held) >= len(told):
            verb = alignment.passage.text[words[denial.at].start : words[denial.reach[0]].end]
            yield Finding(Change.NEGATION, as_fact[0].word.text, verb)
            return


def _stands_alone(pair: Pair, heavy: set[int], lexicon: Lexicon) -> bool:
    """A word that says little, in a clause that has no other: "it is about getting to the clinic"."""
    plain = pair.word.plain
    return pair.word.clause not in heavy and plain not in lexicon.documents | lexicon.saying | lexicon.unsaid


def unsaid(reading: Reading, lexicon: Lexicon) -> tuple[Word, ...]:
    """The words of a text that stand where it says that something is not said; none where it says nothing of the kind.

    "It does not say whether", "nothing is said of", "no price is given in the article"; "says that there is no" is
    none of these.
    """
    places = [denial for denial in reading.denials if leaves_open(denial, reading, lexicon)]
    open_words = {place for denial in places for place in (denial.at, *denial.far)}
    clauses = {reading.words[denial.at].clause for denial in places}
    clauses |= {word.clause for word in reading.words if word.plain in lexicon.silent}
    papers = {word.sentence for word in reading.words if word.plain in lexicon.documents}
    clauses |= {word.clause for word in reading.words if word.plain in lexicon.missing and word.sentence in papers}
    return tuple(word for place, word in enumerate(reading.words) if place in open_words or word.clause in clauses)


def leaves_open(denial: Denial, reading: Reading, lexicon: Lexicon) -> bool:
    """What is denied is that it is said: "does not list", "is not in the text"."""
    for place in denial.reach[:1]:
        between = {word.plain for word in reading.words[denial.at + 1 : place]}
        if reading.words[place].plain in lexicon.documents and between & _INSIDE:
            return True
    sentence = reading.words[denial.at].sentence
    of_document = any(word.plain in lexicon.documents for word in reading.words if word.sentence == sentence)
    verbs = lexicon.saying | (lexicon.giving if of_document else frozenset())
    near = {*denial.far, *denial.reach, denial.at - 1} - {-1}
    return any(reading.words[place].plain in verbs for place in near)
