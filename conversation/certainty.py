"""A claim surer than its passage: proof, promise and totality added, a hedge left out, a cause made of a link."""

from collections import Counter
from collections.abc import Iterator

from conversation.alignment import Alignment
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon, stem

STRONG = ("total", "sure", "promised", "most", "best")  # lists of words that make a sentence surer
_NO_HEDGE = frozenset({"May", "can"})  # the month; an ability


def certainty(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """Surer than the passage: a word of totality, proof or promise it lacks, or its hedge left out."""
    claim = alignment.claim
    chosen = alignment.passage.in_sentences(alignment.chosen)
    told = Counter(alignment.passage.words[pair.place].segment for pair in alignment.answered)
    main = {segment for segment, count in told.items() if count * 3 >= max(told.values())}
    best = [word for word in chosen if word.sentence == alignment.best and word.segment in main]
    sure = lexicon.certainty
    soft = sure["maybe"] | sure["some"]
    held = {word.plain for word in chosen if not word.denied}
    near = {word.plain for word in best}
    taken_back = {place for denial in claim.denials for place in denial.far}
    for name in STRONG:
        strong = [
            w for at, w in enumerate(claim.words) if w.plain in sure[name] and not w.denied and at not in taken_back
        ]
        strong = [
            word for word in strong if word.plain != "most" or not claim.text[: word.start].lower().endswith("at ")
        ]
        known = sure[name] | (sure["total"] if name == "most" else frozenset())
        if not strong:
            continue
        how_many = name in ("total", "most")
        raised = how_many and bool(near & sure["some"]) and not near & known
        forms = {stem(plain) for plain in held}
        told_so = not how_many and any(stem(word.plain) in forms for word in strong)
        if raised or not (told_so or held & known):
            beside = [word.text for word in chosen if word.plain in soft]
            yield Finding(Change.CERTAINTY, strong[0].text, beside[0] if beside else "")
    plains = claim.plains
    hedges = [word for word in best if word.plain in sure["maybe"] and word.text not in _NO_HEDGE]
    phrases = [phrase for phrase in lexicon.maybe_phrases if phrase in " ".join(word.plain for word in best)]
    softened = plains & (sure["maybe"] | sure["some"]) or any(p in claim.text.lower() for p in lexicon.maybe_phrases)
    if (hedges or phrases) and not softened and not any(word.denied for word in claim.words):
        yield Finding(Change.HEDGE, "", hedges[0].text if hedges else phrases[0])
    some = [word for word in best if word.plain in sure["some"]]
    if some and not plains & (sure["some"] | sure["maybe"]):
        yield Finding(Change.AMOUNT, "", some[0].text)


def amounts(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """Many where the passage has some, often where it has sometimes, exactly where it has roughly."""
    held = {word.plain for word in alignment.passage.in_sentences(alignment.chosen)}
    for more, less in (("many", "few"), ("often", "seldom"), ("exact", "rough")):
        told = [word for word in alignment.claim.words if word.plain in lexicon.certainty[more] and not word.denied]
        only = sorted(held & lexicon.certainty[less])
        if told and only and not held & (lexicon.certainty[more] | lexicon.certainty["most"]):
            yield Finding(Change.AMOUNT, told[0].text, only[0])


def causes(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """A cause where the passage has two things together."""
    causal = [word for word in alignment.claim.words if word.plain in lexicon.causal and not word.denied]
    if not causal:
        return
    words = alignment.passage.words
    told = {words[pair.place].clause for pair in alignment.answered if not pair.word.is_little}
    for word in alignment.passage.in_sentences(alignment.chosen):
        beside = {other.plain for other in words if other.clause == word.clause}
        if word.plain in lexicon.association and word.clause in told and not beside & lexicon.causal:
            yield Finding(Change.CAUSE, causal[0].text, word.text)
            return
