"""What is denied on one side and told on the other, and contrary words for the same thing."""

from collections.abc import Iterator

from conversation.alignment import Alignment, Pair
from conversation.clauses import Denial, Reading, Word
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon, stem
from conversation.silence import leaves_open, unsaid


def denials(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """A denying word on one side whose word is affirmed on the other."""
    claim, passage = alignment.claim, alignment.passage
    by_claim = {claim.words.index(pair.word): pair for pair in alignment.answered}
    by_place: dict[int, list[Pair]] = {}
    for pair in alignment.answered:
        by_place.setdefault(pair.place, []).append(pair)
    for place, pairs in by_place.items():  # of two words that answer to one, first the one that is denied alike
        pairs.sort(key=lambda pair: pair.word.denied != passage.words[place].denied)
    if _denied_alike(alignment, by_claim) or _unsaid_alike(alignment, lexicon):
        return
    for denial in claim.denials:
        contrast = claim.text[: claim.words[denial.at].start].rstrip().endswith(",")
        if denial.focus or claim.words[denial.at].plain in passage.plains & lexicon.without:
            continue
        told = [by_claim[place] for place in denial.reach if place in by_claim]
        if contrast:  # ", not the paper": the paper may well be spoken of elsewhere
            told = [pair for pair in told if passage.words[pair.place].sentence == alignment.best]
        if apart := _first_apart(denial, told, alignment, lexicon):
            words = _around(claim, denial.at, claim.words.index(apart.word))
            yield Finding(Change.NEGATION, words, passage.words[apart.place].text)
            return
    for denial in passage.denials:
        if passage.words[denial.at].sentence not in alignment.chosen:
            continue
        first = denial.reach[:1] if _is_phrase(passage.words[denial.at], lexicon) else denial.reach
        held = [pair for place in first for pair in by_place.get(place, ())]
        if denial.focus:
            limited = {word.plain for word in claim.words if not word.denied} & lexicon.focus
            taken_back = any(d.focus for d in claim.denials) or "more" in claim.plains
            if limited and any(pair.word.plain not in lexicon.focus for pair in held) and not taken_back:
                yield Finding(Change.NEGATION, " ".join(sorted(limited)), _around(passage, denial.at, denial.reach[0]))
                return
        elif apart := _first_apart(denial, held, alignment, lexicon):
            yield Finding(Change.NEGATION, apart.word.text, _around(passage, denial.at, apart.place))
            return


def taken_back(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """The claim says of something that it is not the case, and the passage says so of nothing."""
    claim, passage = alignment.claim.text.lower(), alignment.passage.text.lower()
    if not any(phrase in passage for phrase in lexicon.taken_back):
        yield from (Finding(Change.NEGATION, phrase) for phrase in lexicon.taken_back if phrase in claim)


def _denied_alike(alignment: Alignment, by_claim: dict[int, Pair]) -> bool:
    """Some word is denied on both sides: the denials answer to each other."""
    far = {place for denial in alignment.passage.denials for place in denial.far if place != denial.at}
    mine = (place for denial in alignment.claim.denials for place in denial.far if place != denial.at)
    told = [by_claim[place] for place in mine if place in by_claim and not by_claim[place].word.is_little]
    held = alignment.passage.words
    return any(
        pair.place in far or any(stem(held[place].plain) == stem(pair.word.plain) for place in far) for pair in told
    )


def _unsaid_alike(alignment: Alignment, lexicon: Lexicon) -> bool:
    """Both only tell that a document does not hold a thing, in whichever words."""
    claim, passage = alignment.claim, alignment.passage
    mine = all(leaves_open(one, claim, lexicon) for one in claim.denials) and unsaid(claim, lexicon)
    theirs = [one for one in passage.denials if passage.words[one.at].sentence == alignment.best]
    return bool(mine and theirs) and all(leaves_open(one, passage, lexicon) for one in theirs)


def _first_apart(denial: Denial, held: list[Pair], alignment: Alignment, lexicon: Lexicon) -> Pair | None:
    """The pair that the denial sets apart, if it is not made good by a contrary word or by another denial."""
    told = [pair for pair in held if not pair.word.is_capital or stem(pair.word.plain) in lexicon.same]
    told = [pair for pair in told if not pair.word.is_little] or told
    if denial.subject:
        told = told[1:]
        return told[0] if told and all(_apart(pair, alignment, lexicon) for pair in told) else None
    return told[0] if told and _apart(told[0], alignment, lexicon) and _uneven(told[0], alignment) else None


def _is_phrase(word: Word, lexicon: Lexicon) -> bool:
    """ "Rather than" and its like set one thing aside, not all that follows."""
    return word.plain not in lexicon.deny | lexicon.deny_nouns and not word.plain.endswith("n't")


def _uneven(pair: Pair, alignment: Alignment) -> bool:
    """Where they stand, the two do not hold the same number of denials, even or odd."""
    other = alignment.passage.words[pair.place]
    mine = sum(alignment.claim.words[d.at].segment == pair.word.segment for d in alignment.claim.denials)
    theirs = sum(alignment.passage.words[d.at].segment == other.segment for d in alignment.passage.denials)
    return mine % 2 != theirs % 2


def _apart(pair: Pair, alignment: Alignment, lexicon: Lexicon) -> bool:
    """One side denies the word, or says its contrary, and the other does not."""
    other = alignment.passage.words[pair.place]
    return pair.word.denied ^ other.denied ^ lexicon.opposes(pair.word.plain, other.plain)


def _around(reading: Reading, one: int, other: int) -> str:
    low, high = min(one, other), max(one, other)
    return reading.text[reading.words[low].start : reading.words[high].end]


def directions(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """A contrary word for the same thing: fewer for more, raises for lowers, presence for absence."""
    yield from _turned_round(alignment)
    claim, passage = alignment.claim, alignment.passage
    matched = {pair.word.start: pair.place for pair in alignment.answered}
    for at, word in enumerate(claim.words):
        if word.is_function and word.plain not in _ORDER:
            continue
        for place, other in enumerate(passage.words):
            if other.sentence not in alignment.chosen or not lexicon.opposes(word.plain, other.plain):
                continue
            if word.denied != other.denied or _said_as_is(word, alignment, lexicon):
                continue
            if word.plain in _ORDER:
                same = _next(claim, at) & _next(passage, place)
            else:
                near = [claim.words[i] for i in range(max(at - 4, 0), min(at + 5, len(claim.words))) if i != at]
                reach = _FAR if other.sentence == alignment.best else _CLOSE
                same = {w.plain for w in near if w.start in matched and abs(matched[w.start] - place) <= reach}
                same -= lexicon.little
            if same:
                yield Finding(Change.DIRECTION, word.text, other.text)
                return


def _turned_round(alignment: Alignment) -> Iterator[Finding]:
    """ "Harder than sadness" told of emptiness, where the passage tells it the other way."""
    mine = _compared(alignment.claim, frozenset(range(len(alignment.claim.sentences))))
    theirs = _compared(alignment.passage, alignment.chosen)
    if mine and theirs:
        (left, right), (other_left, other_right) = mine, theirs
        if stem(right.plain) in other_left and stem(other_right.plain) in left and right.plain != other_right.plain:
            yield Finding(Change.DIRECTION, f"than {right.text}", f"than {other_right.text}")


def _compared(reading: Reading, chosen: frozenset[int]) -> tuple[set[str], Word] | None:
    """The stems before "than" in its sentence, and the first content word after it."""
    for at, word in enumerate(reading.words):
        if word.plain == "than" and word.sentence in chosen:
            right = [w for w in reading.words[at + 1 :] if w.sentence == word.sentence and w.is_content]
            left = {stem(w.plain) for w in reading.words[:at] if w.sentence == word.sentence and w.is_content}
            return (left, right[0]) if right else None
    return None


_ORDER = frozenset({"before", "after"})
_CLOSE, _FAR = 4, 12  # words between a contrary word and what it is said of


def _next(reading: Reading, at: int) -> set[str]:
    """The stem of the next content word."""
    return {stem(word.plain) for word in [w for w in reading.words[at + 1 :] if w.is_content][:1]}


def _said_as_is(word: Word, alignment: Alignment, lexicon: Lexicon) -> bool:
    """The chosen sentences hold the word itself, or one that means the same."""
    held = alignment.passage.in_sentences(alignment.chosen)
    return any(
        lexicon.alike(word.plain, other.plain) >= 0.85 and not lexicon.opposes(word.plain, other.plain)
        for other in held
    )
