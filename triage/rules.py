"""The first reader: reviewed phrases, read before anything else and whatever else is down."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from triage.about_page import AboutPage
from triage.cues import Pattern, compile_all, compile_cue, load, word_lists
from triage.decision import Reason, Route, Verdict
from triage.general import General, Within, without
from triage.normalise import Sentence, Spelling, sentences, spelling

READER = "rules"
SURE = 0.99  # a chance from which another reader is heard whatever the rules think is meant

DANGER = tuple(Reason(name) for name in (
    "suicide", "self_harm", "harm_to_others", "being_harmed", "medical_emergency", "voices", "third_person",
    "minor_in_danger",
))  # fmt: skip
_FILES = {
    "danger": Route.CRISIS,
    "safety": Route.SAFETY,
    "eligibility": Route.ELIGIBILITY,
    "scope": Route.OUT_OF_SCOPE,
}
_NAMES = {"a_person": Reason.ASKED_FOR_A_PERSON}

_NEGATORS = frozenset("not never no zero without nor neither nunca ni ninguna ningun sin hardly isn".split())
_CLAUSE_BREAKS = frozenset(
    "i but and because so if or that he she they who when though although while "
    "pero y porque si que yo cuando nada".split()
)
# To stop is no negation of what is stopped: "i cannot stop cutting".
_CEASE = frozenset("stop stopped quit help resist shut parar dejar dejo".split())
_LOOK_BACK, _LOOK_ACROSS = 4, 8  # words before a match; more where each of them must let a "no" through
_WRITER = re.compile(
    r" (?:i|me|my|mine|myself|we|us|our|yo|mi|mis|me|nosotros|patient|caller|client|he|she|her|his|him) "
)
_LONG_AGO = re.compile(
    r" (?:years ago|long ago|decades ago|as a (?:child|kid|teen|teenager|girl|boy|student)|back then|hace anos"
    r"|(?:\d+|\w+) years (?:behind|free|since|clean|to the day)|in high school|hace (?:\S+ ){1,3}anos"
    r"|(?<!like )in (?:19\d\d|20[01]\d)|in the (?:seventies|eighties|nineties)|en (?:19\d\d|20[01]\d)"
    r"|de (?:chav|jov|nin)\w+) "
)
# An age makes an old story where a life since then is told too.
_AGE = re.compile(
    r" (?:at|was|in middle|in high) (?:[12]\d|thirteen"
    r"|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|school) "
)
# What is said of today is no old story, whatever else the message tells.
_PRESENT = re.compile(
    r" (?:want|wants|wish|wishes|am|is|are|feel|need|going|will|can|do|does|keep|think|hope|quiero|quiere|voy|va|estoy"
    r"|esta|tengo|puedo|puede|ojala) "
)
# What brings an old story back, however well its date is known.
_RETURNS = re.compile(
    r" (?:again|tonight|lately|back|relapsed|last (?:night|week|month)|yesterday|ayer|anoche|right now|rn"
    r"|just (?:took|did|now)|this (?:morning|evening|afternoon|week|month)|otra vez|de nuevo|ahorita|tomorrow|ready"
    r"|still (?:want|wish|think|feel|do|does|have|has|is|keep|keeps|cut|hear)|(?:hour|hours|minutes|days|weeks) ago"
    r"|since then i) "
)
_NEVER_AGAIN = re.compile(r" (?:never|not) (?:\S+ ){0,4}again(?= )")
_TITLE = re.compile(
    r"\b(?:titled|called|title|named|song|book|novel|film|movie|episode|podcast|series|show|word|words|phrase|term|lyric|lyrics"
    r"|chorus|canción|película|libro)\b[^\"“”\n]{0,30}"
    r"([\"“][^\"“”\n]{2,80}[\"”]|(?<![^\s:,])['‘][^'‘’\n]{2,60}['’](?!\w))",
    re.IGNORECASE,
)
_QUOTING = re.compile(
    r" (?:(?:called|titled|named|says|goes|dice|llama|title|lyrics?|chorus|cancion)(?: \S+){0,2}"
    r"|(?:sings|sang|canta)(?: \S+){0,5}) $"
)
# Somebody else is said to do it, and not this program: "does it act like a reset", "do they promise a cure".
_OF_ANOTHER = re.compile(
    r" (?:they|which|who|(?:do|does|did|(?:can|could|would|will|might|may)(?! (?:this|it) ))"
    r"(?: (?!(?:you|u|your|i|we|bot|ai|assistant|chatbot|program|model|please|and|then|now) )\S+){1,4}) $"
)
_FIRST = re.compile(r" (?:i|me|my|myself|us|yo|mi|mis|quiero|voy|estoy) ")


@dataclass(frozen=True, slots=True)
class Cue:
    """One reviewed phrase and what it means."""

    pattern: Pattern
    route: Route
    reason: Reason
    kind: str  # "cues", "firm", "past", "names", "topics", "risk_topics" or "of_you"


# A question, or a wish to be told something.
_ASKS = re.compile(
    r"\?|\b(?:what|how|when|where|who|why|which|tell me|want to know|wondering|like to know|qu[eé]|c[oó]mo|cu[aá]nt\w+"
    r"|cu[aá]ndo|d[oó]nde|qui[eé]n|d[ií]game|quiero saber|quisiera saber)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that the rules see in a text."""

    verdicts: tuple[Verdict, ...] = ()  # most careful first; each reason at most once
    check_in: Verdict | None = None
    is_safe: bool = False  # a clear statement of being safe, nothing said against it
    beside_safe: str = ""  # what is asked beside it; "" where nothing is, or where nothing was said of being safe
    well_now: bool = False
    meant: str | None = None  # the text without sentences that hold a figure of speech; None if none does
    not_meant: frozenset[Reason] = frozenset()  # what an order or other business in it only sounds like
    only_a_person: bool = False  # it asks for a person, and not a word more
    beside_page: str | None = None  # what else is asked, "" if nothing, where it asks about this page; None elsewhere
    general: Within | None = field(default=None, compare=False, repr=False)  # who is meant by the whole of it

    @property
    def route(self) -> Route | None:
        """The most careful route found, or None."""
        return self.verdicts[0].route if self.verdicts else None

    def counts(self, guess: Verdict) -> bool:
        """Whether another reader's guess becomes a verdict. Danger always does, and what it is all but sure of; any
        other guess does not where the message only mentions it, asks for a person or of this page, or has another
        business."""
        if guess.route is Route.CRISIS or guess.reason is None or self.general is None:
            return True
        if self.only_a_person or self.beside_page == "":
            return False
        if guess.route is Route.ANSWER or guess.score is None or guess.score >= SURE:
            return True
        if guess.route is Route.OUT_OF_SCOPE:
            return not self.general.only_mentions(guess.reason)
        elsewhere = any(v.reason is Reason.OFF_TOPIC for v in self.verdicts) and not self.general.is_on_subject
        return not (elsewhere or guess.reason in self.not_meant or self.general.only_mentions(guess.reason))


class Rules:
    """The reviewed phrases, compiled once. Calling it reads a text of any length and never raises on text."""

    def __init__(self) -> None:
        cues = tuple(_all_cues())
        self._known = cue_spelling()
        self._finder = _Finder(cues)
        self._orders = _Finder(tuple(c for c in cues if c.reason is Reason.MANIPULATION and c.kind == "firm"))
        self._check_in = _Finder(tuple(_simple("check_in", "check_in", Route.ANSWER)))
        self._safe = _Finder(tuple(_simple("safe", "safe", Route.ANSWER)))
        self._spoils = compile_cue("(" + "|".join(load("safe")["safe"]["spoils"]) + ")").regex
        self._idioms = _Finder(tuple(_simple("idioms", "idioms", Route.ANSWER)))
        self._sounds = _Finder(tuple(_simple("idioms", "sounds_like", Route.ANSWER)))
        self._fiction = _Finder(tuple(_simple("idioms", "fiction", Route.ANSWER)))
        self._data = _Finder(tuple(_simple("idioms", "data", Route.ANSWER)))
        self._general = General()
        self._person = tuple(cue.pattern for cue in cues if cue.reason is Reason.ASKED_FOR_A_PERSON)
        self._courtesy = frozenset(word_lists()["courtesy"])
        self._page = AboutPage(self._courtesy)
        self._across = frozenset(word_lists()["no_reaches_across"])
        self._well = compile_cue("{well_now}").regex
        self._since = compile_cue("{since_then}").regex
        self._personal = compile_cue("{personal}").regex
        self._risk = compile_cue("{risk}").regex

    def __call__(self, text: str) -> Reading:
        text = _TITLE.sub(lambda match: match.group().replace(match.group(1), "~" * len(match.group(1))), text)
        read = sentences(text, self._known)
        whole = " ".join(sentence.text for sentence in read)
        well_now = self._well.search(whole) is not None
        old = _Old.of(whole, is_well=well_now, has_lived_on=self._since.search(whole) is not None)
        general = self._general.within(whole)
        found: dict[Reason, Verdict] = {}
        check_in: Verdict | None = None
        says_safe = False
        not_meant: set[Reason] = set()
        beside: list[str] = []
        beside_page: list[str] = []
        meant: list[str] = []
        has_more = sum(not self._page.is_courtesy(sentence.text) for sentence in read) > 1
        for sentence in read:
            plain, was_masked = self._without_idioms(sentence)
            if not was_masked:
                meant.append(text[sentence.start : sentence.end])
            told = self._fiction.any(plain) or self._data.any(plain)
            as_meant: str | None = None
            long_ago = old.within(plain)
            here: dict[Reason, Verdict] = {}
            part_of_it: set[Reason] = set()
            of_page = self._page.within(plain, has_more=has_more)
            if of_page:
                start, end = of_page.spans[0]
                words = sentence.typed(text, start, end)
                found.setdefault(Reason.ABOUT_PAGE, Verdict(READER, Route.ANSWER, Reason.ABOUT_PAGE, words))
            if of_page.asks_more if of_page else not self._page.is_courtesy(plain):
                beside_page.append(text[sentence.start : sentence.end])
            for cue, match in self._finder.all(plain):
                if (
                    cue.reason in found
                    or cue.reason in here
                    or not self._counts(cue, match, plain, told=told, well_now=well_now, long_ago=long_ago)
                ):
                    continue
                if cue.route is not Route.CRISIS:
                    if of_page and of_page.covers(match):
                        continue
                    as_meant = self._general.as_meant(plain) if as_meant is None else as_meant
                    left = as_meant[match.start() : match.end()]
                if cue.route in (Route.SAFETY, Route.ELIGIBILITY):
                    if left != match.group() or general.lifts(cue.reason, plain, is_name=cue.kind == "names"):
                        continue
                elif cue.route is Route.OUT_OF_SCOPE:
                    is_ours = cue.reason is Reason.OFF_TOPIC and cue.kind != "firm" and general.is_on_subject
                    if is_ours or not left.strip(" ~"):
                        continue
                words = sentence.typed(text, match.start(), match.end())
                here[cue.reason] = Verdict(READER, cue.route, cue.reason, words)
            if Reason.OFF_TOPIC in here:
                part_of_it |= self._general.everyday_reasons
            if Reason.MANIPULATION in here | found and self._orders.any(plain):
                part_of_it |= self._general.ordered_reasons
            found |= {reason: verdict for reason, verdict in here.items() if reason not in part_of_it}
            not_meant |= part_of_it
            if check_in is None:
                hit = next(self._check_in.all(plain), None)
                if hit is not None and _FIRST.search(plain):
                    check_in = Verdict(READER, Route.ANSWER, None, sentence.typed(text, hit[1].start(), hit[1].end()))
            safe = next(self._safe.all(sentence.text), None)
            if safe is not None and not _is_negated(safe[1], sentence.text):
                says_safe = True
                beside.append(f"{sentence.text[: safe[1].start()]} {sentence.text[safe[1].end() :]}")
            else:
                beside.append(text[sentence.start : sentence.end])
        if Reason.MINOR in found and any(verdict.route is Route.CRISIS for verdict in found.values()):
            found[Reason.MINOR_IN_DANGER] = Verdict(
                READER, Route.CRISIS, Reason.MINOR_IN_DANGER, found[Reason.MINOR].words
            )
        order = list(Route)
        verdicts = tuple(sorted(found.values(), key=lambda verdict: order.index(verdict.route)))
        in_danger = any(verdict.route is Route.CRISIS for verdict in verdicts)
        is_safe = says_safe and not in_danger and self._spoils.search(whole) is None
        asked = " ".join(" ".join(beside).split()) if is_safe else ""
        return Reading(
            verdicts,
            check_in,
            is_safe,
            what_asks(asked),
            well_now,
            " ".join(meant) if len(meant) < len(read) else None,
            frozenset(not_meant),
            set(found) == {Reason.ASKED_FOR_A_PERSON} and self._asks_no_more(whole),
            what_asks(" ".join(beside_page)) if Reason.ABOUT_PAGE in found else None,
            general,
        )

    def _asks_no_more(self, whole: str) -> bool:
        """Nothing but courtesy stands beside the words that ask for a person."""
        return self._courtesy.issuperset(without(self._person, whole).replace("~", "").split())

    def _without_idioms(self, sentence: Sentence) -> tuple[str, bool]:
        """The sentence with figures of speech blanked out, every character still at its place, and whether it holds an
        idiom, for which no other reader reads it. What only sounds like danger is blanked for the rules alone."""
        plain = sentence.text
        masked = False
        for _, match in self._sounds.all(plain):
            plain = _blanked(plain, match)
        for _, match in self._idioms.all(plain):
            masked = True
            plain = _blanked(plain, match)
        return plain, masked

    def _counts(
        self, cue: Cue, match: re.Match[str], plain: str, *, told: bool, well_now: bool, long_ago: bool
    ) -> bool:
        if cue.route is Route.CRISIS:
            if cue.kind == "past" and (well_now or long_ago):
                return False
            if long_ago and cue.kind != "firm" and not _PRESENT.search(f" {match.group()}"):
                return False
            if told and (not _FIRST.search(f" {match.group()}") or _QUOTING.search(plain[: match.start()])):
                return False
            return cue.kind == "firm" or not _is_negated(match, plain, self._across)
        if cue.kind == "of_you":
            return _OF_ANOTHER.search(plain[: match.start()]) is None
        if cue.route is Route.OUT_OF_SCOPE or cue.kind == "names":
            return True
        if told and not _WRITER.search(plain):
            return False
        if cue.kind == "topics":
            return self._personal.search(plain) is not None or self._risk.search(plain) is not None
        if cue.kind == "risk_topics":
            return self._risk.search(plain) is not None
        return True


@dataclass(frozen=True, slots=True)
class _Old:
    """Whether a message tells of long ago: all of it, or the sentences that hold a date."""

    all_of_it: bool
    where_dated: bool

    @classmethod
    def of(cls, whole: str, *, is_well: bool, has_lived_on: bool) -> "_Old":
        whole = _NEVER_AGAIN.sub(" ", f" {whole.strip()} ")
        has_date = _LONG_AGO.search(whole) is not None
        is_over = _RETURNS.search(whole) is None
        has_age = (is_well or has_lived_on) and _AGE.search(whole) is not None
        is_past = has_age or (has_date and has_lived_on)
        return cls((has_date and is_well) or (is_past and is_over), has_date and is_over)

    def within(self, sentence: str) -> bool:
        return self.all_of_it or (self.where_dated and _LONG_AGO.search(sentence) is not None)


class _Finder:
    """Finds cues in folded sentences; a cue is tried only where one of the words it needs stands."""

    def __init__(self, cues: tuple[Cue, ...]) -> None:
        self._always = tuple(cue for cue in cues if not cue.pattern.needs)
        self._by_word: dict[str, list[Cue]] = {}
        for cue in cues:
            for word in cue.pattern.needs:
                self._by_word.setdefault(word, []).append(cue)

    def all(self, plain: str) -> Iterator[tuple[Cue, re.Match[str]]]:
        """Every match of every cue, a cue at a time."""
        candidates = {id(cue): cue for cue in self._always}
        for word in dict.fromkeys(word[:4] for word in plain.split()):
            for cue in self._by_word.get(word, ()):
                candidates[id(cue)] = cue
        for cue in candidates.values():
            for match in cue.pattern.regex.finditer(plain):
                yield cue, match

    def any(self, plain: str) -> bool:
        return next(iter(self.all(plain)), None) is not None


def what_asks(text: str) -> str:
    """The text where it asks something, "" where it does not."""
    return text if _ASKS.search(text) else ""


def _blanked(plain: str, match: re.Match[str]) -> str:
    start, end = match.span()
    return plain[:start] + re.sub(r"\S", "~", plain[start:end]) + plain[end:]


def _is_negated(match: re.Match[str], plain: str, across: frozenset[str] | None = None) -> bool:
    """A negation just before the match, or in one of the cue's gaps, in the same clause; with `across`, only across
    these words."""
    if any(_negates(gap.split(), across) for gap in match.groups() if gap):
        return True
    look = _LOOK_BACK if across is None else _LOOK_ACROSS
    before = plain[: match.start()].replace(" any ", " ").split()[-look:]
    if match.group().startswith("i "):
        return before[-2:] == ["not", "that"] or (
            before[-3:-1] == ["do", "not"] and before[-1] in ("think", "feel", "say")
        )
    return _negates(before, across)


def _negates(words: list[str], across: frozenset[str] | None = None) -> bool:
    """The nearest negation or end of a clause is a negation, not of stopping, and what follows lets it through."""
    for place in range(len(words) - 1, -1, -1):
        if words[place] == "not" and words[place - 1 : place] in (["reason"], ["reasons"]):
            return False
        if words[place] in _NEGATORS:
            after = words[place + 1 :]
            return _CEASE.isdisjoint(after[:2]) and (across is None or across.issuperset(after))
        if words[place] in _CLAUSE_BREAKS and (across is None or words[place] != "or"):
            return False
    return False


def _all_cues() -> Iterable[Cue]:
    for file, route in _FILES.items():
        for name, table in load(file).items():
            if not isinstance(table, dict):
                continue
            reason = _NAMES.get(name) or Reason(name)
            meant = Route.ANSWER if reason is Reason.ASKED_FOR_A_PERSON else route
            for kind, sources in table.items():
                for pattern in compile_all(sources):
                    yield Cue(pattern, meant, reason, kind)


def _simple(file: str, table: str, route: Route) -> Iterable[Cue]:
    for pattern in compile_all(load(file)[table]["cues"]):
        yield Cue(pattern, route, Reason.ASKED_FOR_A_PERSON, "cues")


@cache
def cue_spelling() -> Spelling:
    """How visitors write, with the medicines of the safety cues among the words to recognise."""
    medicines = load("safety")["medicine"]["names"]
    return spelling(frozenset(word for word in medicines if word.isalpha()))
