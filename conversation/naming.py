"""Who and what a claim names against its passage: clinics, people, places, things of one kind."""

from collections.abc import Iterator, Sequence

from conversation.alignment import CLOSE, Alignment
from conversation.clauses import Reading, Word
from conversation.finding import Change, Finding
from conversation.lexicon import SAME, Lexicon, stem
from conversation.premise import Premise, short_names


def clinics(alignment: Alignment, premise: Premise) -> Iterator[Finding]:
    text = f" {alignment.claim.text.lower()} "
    held = premise.text.lower()
    for other in premise.others:
        for name in short_names(other, (premise.clinic,)):
            if name and _names_it(name.lower(), text) and not _names_it(name.lower(), held):
                yield Finding(Change.CLINIC, name, premise.clinic)
                break


def _names_it(name: str, text: str) -> bool:
    at = text.find(name)
    return at >= 0 and not (text[at - 1 : at].isalpha() or text[at + len(name) : at + len(name) + 1].isalpha())


def names(alignment: Alignment, premise: Premise, lexicon: Lexicon) -> Iterator[Finding]:
    held = {stem(word.plain) for word in alignment.passage.words}
    held |= {stem(part.lower().strip(".,:;\"'")) for part in f"{premise.clinic} {premise.subject}".split()}
    others = {part.lower() for name in premise.others for part in name.split()}
    answered = {pair.word.start for pair in alignment.answered if pair.score >= 1}
    first = {sentence[0] for sentence in alignment.claim.sentences}
    for word in alignment.claim.words:
        if not word.is_capital or word.plain in lexicon.function or word.plain in _TITLES or word.plain in others:
            continue
        opens = word.start in first and not any(letter.isupper() for letter in word.text[1:])
        if opens and word.plain not in premise.names:
            continue
        known = stem(word.plain) in held or word.start in answered or word.plain in _DATES or word.text[0].isdigit()
        if not known and (word.plain not in lexicon.kinds or word.plain in premise.names):
            yield Finding(Change.NAME, word.text)


_TITLES = frozenset("dr mr mrs ms prof professor i".split())
_DATES = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)


def entities(alignment: Alignment, premise: Premise, lexicon: Lexicon) -> Iterator[Finding]:
    """A thing of a known kind that the passage does not have, or that stands where its sibling did."""
    passage = alignment.passage
    chosen = passage.in_sentences(alignment.chosen)
    siblings = _siblings(passage)
    for pair in alignment.pairs:
        word = pair.word.plain
        if word in lexicon.human or word in lexicon.animal or word in _TITLES:
            continue
        if not pair.is_answered:
            if word in lexicon.kinds and word not in premise.common:
                beside = [other.text for other in chosen if lexicon.of_one_kind(word, other.plain)]
                yield Finding(Change.ENTITY, pair.word.text, beside[0] if beside else "")
            continue
        if passage.words[pair.place].sentence in alignment.chosen and len(alignment.chosen) < 2:
            continue
        rivals = siblings.get(stem(word), frozenset())
        in_best = [other for other in passage.words if other.sentence == alignment.best]
        if any(lexicon.alike(word, other.plain) >= CLOSE for other in in_best):
            continue
        for other in in_best:
            of_kind = lexicon.of_one_kind(word, other.plain)
            if (stem(other.plain) in rivals or of_kind) and other.plain not in alignment.claim.plains:
                yield Finding(Change.ENTITY, pair.word.text, other.text)
                break


def crossed_over(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """Two words together in the claim; in the passage one of them stands only with the other's sibling."""
    claim, words = alignment.claim, alignment.passage.words
    for pair in alignment.answered:
        if pair.word.plain not in lexicon.kinds:
            continue
        own = [at for at, other in enumerate(words) if lexicon.alike(pair.word.plain, other.plain) >= SAME]
        rivals = [at for at, other in enumerate(words) if lexicon.of_one_kind(pair.word.plain, other.plain)]
        if any(_listed(words, at, rival) for at in own for rival in rivals):
            continue  # named side by side: what is said of one may be said of the other
        held = {lexicon.kinds.get(word.plain) for word in claim.words if word.clause == pair.word.clause}
        rivals = [at for at in rivals if lexicon.kinds[words[at].plain] not in held]
        for mate in alignment.answered:
            if mate.word.clause != pair.word.clause or mate.word.is_little or mate.word.plain == pair.word.plain:
                continue
            theirs = {w.clause for w in words if w.is_content and lexicon.alike(mate.word.plain, w.plain) >= SAME}
            beside = [words[at] for at in rivals if words[at].clause in theirs]
            if beside and not any(words[at].clause in theirs for at in own):
                yield Finding(Change.ENTITY, pair.word.text, beside[0].text)
                return


_BESIDE = 6  # words between two things that are listed together


def _listed(words: Sequence[Word], one: int, other: int) -> bool:
    return abs(one - other) <= _BESIDE and words[one].clause == words[other].clause


def _siblings(passage: Reading) -> dict[str, frozenset[str]]:
    """Stems that stand before one and the same noun: consummatory and motivational anhedonia."""
    before: dict[str, set[str]] = {}
    for first, second in zip(passage.words, passage.words[1:], strict=False):
        if first.is_content and second.is_content and first.clause == second.clause and not first.is_little:
            before.setdefault(stem(second.plain), set()).add(stem(first.plain))
    found: dict[str, frozenset[str]] = {}
    for group in before.values():
        for one in group:
            found[one] = found.get(one, frozenset()) | frozenset(group - {one})
    return found
