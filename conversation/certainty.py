"""A claim surer than its passage: proof, promise and totality added, a hedge left out, a cause made of a link."""

import re
from collections import Counter
from collections.abc import Iterator

from conversation.alignment import Alignment
from conversation.clauses import Reading, Word, read
from conversation.figures import figures
from conversation.finding import Change, Finding
from conversation.lexicon import SAME, Lexicon, stem

STRONG = ("total", "sure", "promised", "most", "best")  # lists of words that make a sentence surer
_EACH = re.compile(r"\b(\w+) by \1\b|\bindividual")
_ONE_OF = re.compile(
    r"\bone of (?:the |its |our )?(?:\d+|two|three|four|five|six|several|many|some) (?:\w+ )??(\w+?)s\b"
)
_NOT_ALONE = r"(?:other|first|second|third|last|same|one|next)\b"
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
        strong = [word for word in strong if not _limited(word, claim)]
        known = sure[name] | (sure["total"] if name == "most" else frozenset())
        if not strong:
            continue
        how_many = name in ("total", "most")
        if how_many and _EACH.search(" ".join(word.plain for word in chosen)):
            known |= {"each", "every"}  # person by person, set individually
        raised = how_many and bool(near & sure["some"]) and not near & known
        forms = {stem(plain) for plain in held}
        told_so = not how_many and any(stem(word.plain) in forms for word in strong)
        told_so = told_so or all(word.plain in ("each", "every") and word.plain in known for word in strong)
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
    in_form = any(lexicon.alike(one.plain, plain) >= SAME for one in some[:1] for plain in plains)  # mainly, the main
    if some and not in_form and not plains & (sure["some"] | sure["maybe"]):
        yield Finding(Change.AMOUNT, "", some[0].text)


def _limited(word: Word, claim: Reading) -> bool:
    """ "At most" and "across seven visits" claim no totality."""
    before, after = claim.text[: word.start].lower(), claim.text[word.end :].lstrip().lower()
    if word.plain == "most":
        return before.endswith("at ")
    return word.plain == "across" and bool(figures(read(after)) and figures(read(after))[0].start == 0)


def amounts(alignment: Alignment, lexicon: Lexicon) -> Iterator[Finding]:
    """Many where the passage has some, often where it has sometimes, exactly where it has roughly."""
    held = {word.plain for word in alignment.passage.in_sentences(alignment.chosen)}
    for more, less in (("many", "few"), ("often", "seldom"), ("exact", "rough")):
        told = [word for word in alignment.claim.words if word.plain in lexicon.certainty[more] and not word.denied]
        only = sorted(held & lexicon.certainty[less])
        if told and only and not held & (lexicon.certainty[more] | lexicon.certainty["most"]):
            yield Finding(Change.AMOUNT, told[0].text, only[0])


def alone(alignment: Alignment) -> Iterator[Finding]:
    """The symptom, where the passage has one of two symptoms."""
    start, end = alignment.passage.sentences[alignment.best] if alignment.passage.sentences else (0, 0)
    for several in _ONE_OF.finditer(alignment.passage.text[start:end].lower()):
        one = re.search(rf"\bthe (?!{_NOT_ALONE})(?:\w+ )?{several[1]}\b", alignment.claim.text.lower())
        if one and "one of" not in alignment.claim.text.lower():
            yield Finding(Change.AMOUNT, one[0], several[0])


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
