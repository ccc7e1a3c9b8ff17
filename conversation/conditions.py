"""A claim that leaves out when, or for whom, its passage says so: "if ...", "unless ...", "patients who ..."."""

from collections.abc import Iterator

from conversation.alignment import CLOSE, Alignment
from conversation.clauses import Reading, Word
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon, stem

_MARKS = frozenset("if unless when whenever where wherever once provided providing assuming".split())
_RUNS = (("as", "long", "as"), ("so", "long", "as"), ("in", "case"), ("on", "condition"), ("only", "after"))
_LOOSE = frozenset("where wherever once".split())  # a condition only where they open a clause
_NEITHER = frozenset("even as was is were be are than just".split())  # "even if", "was when": before a mark
_WHOM = frozenset("who whose".split())
_JUDGED = frozenset("found judged deemed considered".split())  # "people found to be good candidates"
_BESIDE = 8  # words between people and the clause that says which ones
_FIRST = 3  # words of such a clause that are looked at: it may run on into the sentence
_GOVERNED = 2  # words of what the limit is put on that the claim must hold
_ABOUT = 0.75  # share of the claim's words that must be about that


def conditions(alignment: Alignment, lexicon: Lexicon, common: frozenset[str]) -> Iterator[Finding]:
    """A limit of the best sentence whose words the claim has nothing for, while it holds what the limit is put on.

    `common` are plain words that the whole document is about: they limit nothing.
    """
    passage, claim = alignment.passage, alignment.claim
    if any(limit for number in range(len(claim.sentences)) for limit in _limits(claim, number, lexicon)):
        return  # it has a limit of its own; whether it is the same one is for the other rules
    for limit in _limits(passage, alignment.best, lexicon):
        rest = _governed(passage, limit)
        stems = {stem(word.plain) for word in rest}
        heavy = [word for word in rest if not word.is_little]
        held = [word for word in claim.words if _tells(word) and any(_alike(word, one, lexicon) for one in heavy)]
        told = [word for word in claim.words if _tells(word) and word.clause in {one.clause for one in held}]
        if len(held) < _GOVERNED or len(held) < _ABOUT * len(told):
            continue
        known = stems | {stem(word) for word in common}
        of_its_own = [passage.words[at] for at in limit if passage.words[at].is_content]
        of_its_own = [word for word in of_its_own if stem(word.plain) not in known]
        limiting = [word for word in of_its_own if not word.is_little] or of_its_own
        others = [word for word in claim.words if word.is_content and stem(word.plain) not in stems]
        near = {pair.place for pair in alignment.answered if stem(pair.word.plain) not in stems}
        answered = any(_alike(word, other, lexicon) for word in limiting for other in others)
        if limiting and not answered and not any(passage.words[at] in limiting for at in near):
            yield Finding(Change.CONDITION, "", _text(passage, limit))
            return


def _governed(reading: Reading, limit: range) -> list[Word]:
    """The words a limit is put on: what follows one that opens its sentence, else its own stretch."""
    first, words = reading.words[limit[0]], reading.words
    opens = limit[0] == 0 or words[limit[0] - 1].sentence != first.sentence
    stretch = {first.segment, words[limit[0] - 1].segment if first.plain in _WHOM else first.segment}
    return [
        word
        for place, word in enumerate(words)
        if word.sentence == first.sentence
        and place not in limit
        and (word.clause == words[limit[-1]].clause if opens else word.segment in stretch)
        and word.is_content
    ]


def _tells(word: Word) -> bool:
    """It says something, and names nobody."""
    return word.is_content and not word.is_little and not word.is_capital


def _alike(one: Word, other: Word, lexicon: Lexicon) -> bool:
    return lexicon.alike(one.plain, other.plain) >= CLOSE


def _limits(reading: Reading, sentence: int, lexicon: Lexicon) -> Iterator[range]:
    """The places of the words of each limit in a sentence, its mark first."""
    own = [place for place, word in enumerate(reading.words) if word.sentence == sentence]
    for place in own:
        opens = place == own[0] or "," in reading.text[reading.words[place - 1].end : reading.words[place].start]
        if _is_mark(reading, place, opens, lexicon):
            yield range(place, _end(reading, place, own[-1]))
        elif _of_people(reading, place, lexicon):
            content = [at for at in range(place + 1, _end(reading, place, own[-1])) if reading.words[at].is_content]
            if content:
                yield range(place, content[:_FIRST][-1] + 1)


def _is_mark(reading: Reading, place: int, opens: bool, lexicon: Lexicon) -> bool:
    words = reading.words
    plains = tuple(word.plain for word in words[place : place + 3])
    if any(plains[: len(run)] == run for run in _RUNS):
        return True
    if words[place].plain not in _MARKS or (words[place].plain in _LOOSE and not opens):
        return False
    before = words[place - 1] if place else None
    asks = lexicon.saying | lexicon.unsaid  # "does not say when" asks for a time
    return before is None or opens or (before.plain not in _NEITHER and before.plain not in asks)


def _of_people(reading: Reading, place: int, lexicon: Lexicon) -> bool:
    """A clause that says which people begins here: they stand shortly before, in the same breath."""
    words = reading.words
    judged = words[place].plain in _JUDGED and place + 1 < len(words) and words[place + 1].plain == "to"
    if not judged and words[place].plain not in _WHOM:
        return False
    for at in range(place - 1, max(place - 1 - _BESIDE, -1), -1):
        if "," in reading.text[words[at].end : words[at + 1].start] or words[at].sentence != words[place].sentence:
            return False
        if words[at].plain in lexicon.human or words[at].plain == "those":
            return not judged or at == place - 1
    return False


def _end(reading: Reading, place: int, last: int) -> int:
    """The place after the clause that begins at a place: at the next comma or other cut, or behind the sentence."""
    words = reading.words
    for at in range(place + 1, last + 1):
        if words[at].clause != words[place].clause or "," in reading.text[words[at - 1].end : words[at].start]:
            return at
    return last + 1


def _text(reading: Reading, limit: range) -> str:
    return reading.text[reading.words[limit[0]].start : reading.words[limit[-1]].end]
