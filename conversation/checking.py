"""Check as you edit: what became of the evidence of each sentence of a draft, in words."""

import math
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import StrEnum
from threading import Lock

from conversation.answer import Span
from conversation.certainty import STRONG
from conversation.clauses import Reading, read
from conversation.comparison import Comparer, Comparison
from conversation.figures import figures
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon, stem
from conversation.premise import Premise, Premises, clinic_of
from conversation.silence import unsaid
from knowledge.library import Library
from knowledge.source import Passage, Sentence, Source

CANDIDATES = 4  # passages a new sentence is held against
NEAR = 0.45  # share of its words a span must hold to be what a sentence was changed from
WHOLLY = 0.8  # share of its words a span must hold for a sentence that did not come from it
SAME = 2  # words it must have in common with what it was changed from
ENOUGH = 3  # words of weight it must share with it
EDIT = 0.6  # likeness from which a sentence counts as an edit of its span, word by word
REMEMBERED = 2000  # sentences
OPENS = "[…"  # a marked blank of a draft begins with this and ends with "]"
NAMED = 2  # words a greeting may hold that are nobody's courtesy: a name
_OPENING = re.compile(r"(?:In|For|Among|With|After|During|Within) (?:[^\s,]+ ){0,9}[^\s,]+,")
_QUOTES = str.maketrans("’‘“”", "''\"\"")


class Verdict(StrEnum):
    """What the check says of one sentence."""

    SUPPORTED = "supported"
    CHANGED = "changed"
    NOT_CHECKED = "not checked"
    FIXED = "fixed wording"  # a greeting, a signature, a word of courtesy: says nothing of the treatment
    BLANK = "left blank"  # a place that a person must fill; a draft is not sent while it has one

    @property
    def is_open(self) -> bool:
        """Somebody has to look before it is sent."""
        return self in (Verdict.CHANGED, Verdict.NOT_CHECKED)


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence of a draft, and the span it was put in as; none for a sentence somebody typed."""

    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One sentence with its verdict, the span it rests on or was changed from, and why."""

    text: str
    verdict: Verdict
    span: Span | None = None
    findings: tuple[Finding, ...] = ()
    why: str = ""  # for staff, in a sentence or two


@dataclass(frozen=True, slots=True)
class _Place:
    source: Source
    passage: Passage
    sentence: Sentence

    @property
    def span(self) -> Span:
        return Span(self.source.id, self.source.version, self.passage.id, self.sentence.start, self.sentence.end)

    @property
    def text(self) -> str:
        return self.source.sentence(self.passage, self.sentence)


@dataclass(slots=True)
class Checker:
    """Checks drafts against one library; replaced with it. What was checked once is remembered."""

    library: Library
    comparer: Comparer
    fixed: frozenset[str] = frozenset()  # sentences of the clinic's own fixed wording
    _places: list[_Place] = field(default_factory=list)
    _holding: dict[str, list[int]] = field(default_factory=dict)  # stem -> the numbers of the places that hold it
    _plains: set[str] = field(default_factory=set)  # the words of all places
    _premises: Premises = field(init=False)
    _kept: OrderedDict[tuple[Written, str], Checked] = field(default_factory=OrderedDict)
    _keeping: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._premises = Premises.over(self.library)
        self._places = [
            _Place(source, passage, sentence)
            for source in self.library.sources.values()
            for passage in source.passages
            for sentence in passage.sentences
        ]
        for number, place in enumerate(self._places):
            self._plains.update(word.plain for word in read(place.text).words)
            for one in _stems(place.text):
                self._holding.setdefault(one, []).append(number)

    def __call__(self, draft: Sequence[Written], clinic: str = "", fixed: Iterable[str] = ()) -> tuple[Checked, ...]:
        """A verdict for each sentence, in order; `clinic` is whose desk writes, "" for any.

        `fixed` are sentences of this draft's own fixed wording, such as the signature of whoever writes it.
        """
        known = {_plain(one) for one in (*self.fixed, *fixed)}
        return tuple(
            Checked(one.text, Verdict.FIXED) if _plain(one.text) in known else self._remembered(one, clinic)
            for one in draft
        )

    def warm(self) -> None:
        """Make the vectors of the library's words beforehand (some seconds), so that no sentence waits for them."""
        if self.comparer.embed is not None:
            self.comparer.embed(sorted(self._plains))

    def _remembered(self, written: Written, clinic: str) -> Checked:
        key = (written, clinic)
        with self._keeping:
            checked = self._kept.pop(key, None)
        checked = checked or self._check(written, clinic)
        with self._keeping:
            self._kept[key] = checked
            if len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return checked

    def _check(self, written: Written, clinic: str) -> Checked:
        if written.text.startswith(OPENS):
            return Checked(written.text, Verdict.BLANK, why=written.text.removeprefix(OPENS).strip(" ]"))
        if written.span is None and _is_courtesy(read(written.text), self.comparer.lexicon):
            return Checked(written.text, Verdict.FIXED)
        known = self._held(written.span) if written.span else None
        if known is not None:
            return self._against(written, known)
        return self._new(written.text, clinic)

    def _held(self, span: Span) -> tuple[Span, str, Premise] | None:
        """The span's own words and premise, in the version it names; None where that is not kept."""
        source = self.library.source(span.source, span.version)
        if source is None or not 0 <= span.start < span.end <= len(source.text):
            return None
        words, passage = source.text[span.start : span.end], self.library.passages.get(span.passage)
        return span, words, self._premises.of(passage) if passage else Premise(words, clinic_of(source))

    def _against(self, written: Written, known: tuple[Span, str, Premise]) -> Checked:
        """An edited sentence and the span it came from."""
        span, original, premise = known
        if _plain(written.text) == _plain(original):
            return Checked(written.text, Verdict.SUPPORTED, span)
        premise = replace(premise, text=original)
        compared = self.comparer(written.text, premise)
        said = read(written.text)
        near, words = _is_edit(said, read(original)), 1 if unsaid(said, self.comparer.lexicon) else SAME
        edits = _edits(said, read(original), self.comparer.lexicon) if near else ()
        findings = (*compared.findings, *edits, *_left_out(said, read(original)))
        if compared.supported and not findings and (near or self._holds(written.text, premise, compared, words)):
            return Checked(written.text, Verdict.SUPPORTED, span)
        findings = _once(findings)
        return Checked(written.text, Verdict.CHANGED, span, findings, explain(findings))

    def _new(self, text: str, clinic: str) -> Checked:
        """A sentence without a span: the one it can rest on, else the one it comes near to, else none."""
        near: Checked | None = None
        for place in self._nearest(text, clinic):
            if _plain(text) == _plain(place.text):
                return Checked(text, Verdict.SUPPORTED, place.span)
            if place.passage.is_gap and not unsaid(read(text), self.comparer.lexicon):
                continue  # that a document does not speak of a thing says nothing of the thing
            premise = self._premises.of(place.passage)
            compared = self.comparer(text, premise)
            gone = tuple(_left_out(read(text), read(place.text)))
            holds = not compared.findings and self._holds(text, premise, compared, ENOUGH)
            if compared.supported and not gone and holds:
                return Checked(text, Verdict.SUPPORTED, place.span)
            alignment = self.comparer.align(text, premise)
            told = tuple(finding for finding in compared.findings if finding.kind is not Change.INVENTED) + gone
            same = len(
                _stems(text) & _stems(place.text)
            )  # a sentence about something else was not changed from this one
            if near is None and told and same >= SAME and alignment.covered_by_chosen >= NEAR:
                near = Checked(text, Verdict.CHANGED, place.span, told, explain(told))
        return near or Checked(text, Verdict.NOT_CHECKED, why="No sentence of the documents was found for this.")

    def _holds(self, text: str, premise: Premise, compared: Comparison, words: int) -> bool:
        """The premise has a counterpart for all of a sentence in words of its own, and for so many words of weight."""
        alignment = self.comparer.align(text, premise)
        shared = {stem(pair.word.plain) for pair in alignment.answered if not pair.word.is_little}
        return not compared.features["strange"] and alignment.covered_by_chosen >= WHOLLY and len(shared) >= words

    def _nearest(self, text: str, clinic: str) -> list[_Place]:
        """The best sentence of each of the passages that share most with a text, by rarity of the shared stems."""
        shared: dict[int, float] = {}
        for numbers in (self._holding.get(one, []) for one in sorted(_stems(text))):
            for number in numbers:
                shared[number] = shared.get(number, 0.0) + math.log(1 + len(self._places) / len(numbers))
        scored: dict[str, tuple[float, _Place]] = {}
        for number in sorted(shared):
            place = self._places[number]
            if clinic and place.source.clinic != clinic and not self._names(text, place.source.clinic):
                continue
            if shared[number] > scored.get(place.passage.id, (0.0, place))[0]:
                scored[place.passage.id] = (shared[number], place)
        return [place for _, place in sorted(scored.values(), key=lambda one: -one[0])[:CANDIDATES]]

    @staticmethod
    def _names(text: str, clinic: str) -> bool:
        return clinic.lower() in text.lower()


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word.plain) for word in read(text).words if word.is_content)


def _is_courtesy(said: Reading, lexicon: Lexicon) -> bool:
    """Nothing but thanks, greetings and the like. A bare "yes" is an answer, and so is "you can"."""
    if not said.words:
        return True
    if said.denials or said.plains & lexicon.answers:
        return False
    greets = said.words[0].plain in lexicon.greetings and not said.words[-1].is_function
    others = [word for word in said.words if word.is_content and word.plain not in lexicon.courtesy]
    if greets and all(word.is_capital for word in others):
        return len(others) <= NAMED
    return not others and bool(said.plains & lexicon.courtesy)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_QUOTES)).strip(" .").lower()


def _is_edit(now: Reading, before: Reading) -> bool:
    """The sentence is nearly its span, word by word."""
    mine, theirs = [word.plain for word in now.words], [word.plain for word in before.words]
    return SequenceMatcher(a=theirs, b=mine, autojunk=False).ratio() >= EDIT


def _edits(now: Reading, before: Reading, lexicon: Lexicon) -> Iterable[Finding]:
    """Of a sentence that is nearly its span: words put in that nothing answers to, denials put in or left out."""
    mine, theirs = [word.plain for word in now.words], [word.plain for word in before.words]
    match = SequenceMatcher(a=theirs, b=mine, autojunk=False)
    denied = [sum(not denial.focus for denial in side.denials) for side in (now, before)]
    if denied[0] % 2 != denied[1] % 2:
        yield Finding(Change.NEGATION, _denial(now, lexicon), _denial(before, lexicon))
    counted = figures(now)  # compared as figures
    for tag, low, high, start, stop in match.get_opcodes():
        if tag == "equal":
            continue
        new = [word for word in now.words[start:stop] if word.is_content and not word.is_little]
        new = [word for word in new if not any(figure.start <= word.start < figure.end for figure in counted)]
        old = " ".join(word.text for word in before.words[low:high])
        strange = [word.text for word in new if not any(_answers(one, word.plain, lexicon) for one in theirs)]
        surer = [
            word.text for word in now.words[start:stop] if _is_surer(word.plain, theirs, theirs[low:high], lexicon)
        ]
        if surer:
            yield Finding(Change.CERTAINTY, " ".join(surer), old)
        if _other_species(set(theirs[low:high]), set(mine[start:stop]), lexicon):
            yield Finding(Change.SPECIES, " ".join(mine[start:stop]), old)
        if strange:
            yield Finding(Change.INVENTED, " ".join(strange), old)


def _answers(one: str, other: str, lexicon: Lexicon) -> bool:
    """The two say the same, or soften alike: likely, probably."""
    return lexicon.alike(one, other) > 0 or {one, other} <= lexicon.certainty["maybe"]


def _is_surer(plain: str, before: Sequence[str], there: Sequence[str], lexicon: Lexicon) -> bool:
    """A word of totality, proof or promise: in no form in the sentence before, nor one of its list where it stands."""
    lists = [lexicon.certainty[name] for name in STRONG if plain in lexicon.certainty[name]]
    return stem(plain) not in {stem(one) for one in before} and any(not held & set(there) for held in lists)


def _left_out(now: Reading, before: Reading) -> Iterable[Finding]:
    """Of a source's sentence that begins with where or for whom it holds ("In bipolar depression, …"): that is gone."""
    opening = _OPENING.match(before.text)
    if opening is None:
        return
    limit = [word for word in before.words if word.end <= opening.end() and word.is_content and not word.is_little]
    if limit and not {stem(word.plain) for word in limit} & {stem(word.plain) for word in now.words}:
        yield Finding(Change.ENTITY, "", opening[0].rstrip(","))


def _other_species(before: set[str], now: set[str], lexicon: Lexicon) -> bool:
    """Animals were written over with people, or people with animals."""
    kinds = (lexicon.animal, lexicon.human)
    return any(before & one and now & other for one, other in (kinds, kinds[::-1]))


def _denial(reading: Reading, lexicon: Lexicon) -> str:
    return next((w.text for w in reading.words if w.plain in lexicon.deny or w.plain.endswith("n't")), "")


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each place once: a rule that names a change goes before the bare difference."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        kept.setdefault(finding.claim_words or finding.passage_words, finding)
    return tuple(kept.values())


_NAMED = {
    Change.FIGURE: "a figure",
    Change.UNIT: "a unit",
    Change.CLINIC: "the clinic",
    Change.NAME: "a name",
    Change.ENTITY: "what it is about",
    Change.SPECIES: "who was studied",
    Change.NEGATION: "yes and no",
    Change.DIRECTION: "the direction",
    Change.CERTAINTY: "how sure it is",
    Change.HEDGE: "how sure it is",
    Change.AMOUNT: "how many or how often",
    Change.CAUSE: "a link made into a cause",
    Change.CONDITION: "when or for whom it holds",
    Change.INVENTED: "words the source does not have",
}


def explain(findings: Sequence[Finding]) -> str:
    """Findings in words, for staff."""
    return " ".join(_one(finding) for finding in findings) or "It says something else than its source."


def _one(finding: Finding) -> str:
    mine, theirs = (f"“{words}”" if words else "nothing" for words in (finding.claim_words, finding.passage_words))
    return f"Changed, {_NAMED[finding.kind]}: {mine} here, {theirs} in the source."
