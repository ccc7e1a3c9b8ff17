"""From evidence to an answer without a model: which sentences, how many, in what order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from conversation.answer import Span, Statement
from conversation.gate import Coverage
from conversation.understanding import Question
from knowledge.library import Library
from knowledge.source import Kind, Passage, Sentence, Source
from retrieval.evidence import Evidence, Findings
from triage.decision import Decision, Route

MOST = 6  # statements in an answer
BEHIND = 5.0  # a passage this far behind the best one (log-odds) still speaks to the question
BEHIND_GAP = 3.0  # where the best one says that the document is silent: this far
BEHIND_CLINIC = 4.0  # the other clinic's best passage may stand this far behind
WHOLE = 4  # sentences of the best passage that are shown; of a longer one, those that fit best
BESIDE = 2  # sentences of every other passage
BELOW_HANDOVER = 2  # statements under an eligibility hand-over
HANDOVER_KINDS = frozenset({Kind.CLINIC_FACT, Kind.CLINIC_PRACTICE, Kind.GAP})

Gate = Callable[[Findings, str, Iterable[str]], Coverage]


@dataclass(frozen=True, slots=True)
class Composition:
    """What is shown for a question, and the route it ends in."""

    route: Route
    statements: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()
    looked_in: tuple[str, ...] = ()
    chosen: tuple[Evidence, ...] = ()  # the passages the answer may be made of, best first; none below a hand-over

    def with_choice(self, statements: tuple[Statement, ...]) -> "Composition":
        """The same answer, its route too, with other sentences of the same passages."""
        return replace(self, statements=statements)

    def with_statements(self, statements: tuple[Statement, ...]) -> "Composition":
        """The same answer with other statements; without any, or with gaps alone, it is not in the sources."""
        return replace(self, statements=statements, route=_route(self.route, statements))


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes from one library; `gate` says whether the documents answer at all."""

    library: Library
    gate: Gate
    most: int = MOST

    def __call__(self, decision: Decision, question: Question, findings: Sequence[Findings]) -> Composition:
        """At most `most` statements, each clinic's together, best passage first; `findings` has one entry a part."""
        named = frozenset[str]().union(*(found.named for found in findings))
        clinics = question.clinics or named or frozenset(self.library.clinics)
        looked_in = tuple(_label(source) for source in self.library.sources.values() if source.clinic in clinics)
        findings = [
            replace(part, evidence=tuple(one for one in part.evidence if _may_show(one.passage, question)))
            for part in findings
        ]
        if decision.route is Route.ELIGIBILITY:
            beside = [one for one in findings[0].evidence[:3] if one.passage.kind in HANDOVER_KINDS]
            return Composition(Route.ELIGIBILITY, self._statements(beside[:2], BELOW_HANDOVER), looked_in=looked_in)

        covers = [self.gate(found, part.text, clinics) for found, part in zip(findings, question.parts, strict=True)]
        if all(cover.is_off_topic for cover in covers):
            return Composition(Route.OUT_OF_SCOPE, looked_in=looked_in)
        chosen = [_choose(found, cover, clinics) for found, cover in zip(findings, covers, strict=True)]
        passages = tuple(_in_turn(chosen))
        statements = self._statements(passages, self.most)
        missing = tuple(
            part.text for part, cover in zip(question.parts, covers, strict=True) if cover.is_silent and len(covers) > 1
        )
        return Composition(_route(Route.ANSWER, statements), statements, missing, looked_in, passages)

    def of_choice(self, picked: Iterable[tuple[Passage, Sentence]]) -> tuple[Statement, ...]:
        """These sentences in this order, each with its companions, each clinic's together, at most `most`."""
        taken: dict[str, Statement] = {}
        for passage, sentence in picked:
            group = self._with_companions(self.library.sources[passage.source], passage, sentence, taken)
            if len(taken) + len(group) <= self.most:
                taken |= group
        clinics = list(dict.fromkeys(one.clinic for one in taken.values()))
        return tuple(sorted(taken.values(), key=lambda one: clinics.index(one.clinic)))

    def _statements(self, chosen: Sequence[Evidence], most: int) -> tuple[Statement, ...]:
        """The best passage whole (and the best that is not a gap), the best sentences of others while there is room."""
        taken: dict[str, Statement] = {}  # by sentence id
        clinics: dict[str, int] = {}  # clinic -> when it first spoke
        passages: dict[str, int] = {}  # passage -> when its first sentence was chosen
        whole = {one.passage.id for one in (*chosen[:1], *[one for one in chosen if not one.passage.is_gap][:1])}
        for one in chosen:
            room = most - len(taken)
            if room <= 0:
                break
            source = self.library.sources[one.passage.source]
            for sentence in _best(one, min(room, WHOLE if one.passage.id in whole else BESIDE)):
                group = self._with_companions(source, one.passage, sentence, taken)
                if len(taken) + len(group) <= most:
                    taken |= group
                    clinics.setdefault(one.passage.clinic, len(clinics))
                    for statement in group.values():
                        passages.setdefault(statement.span.passage, len(passages))

        def place(one: Statement) -> tuple[int, int, int]:
            return clinics[one.clinic], passages[one.span.passage], one.span.start

        return tuple(sorted(taken.values(), key=place))

    def _with_companions(
        self, source: Source, passage: Passage, sentence: Sentence, taken: dict[str, Statement]
    ) -> dict[str, Statement]:
        """The sentence and, by id, every sentence that must stand beside it, as far as not taken already."""
        group = {sentence.id: statement_of(source, passage, sentence)} if sentence.id not in taken else {}
        for companion in sentence.companions:
            if companion.sentence:
                beside, mate = _find(source, companion.sentence)
                if mate.id not in taken:
                    group[mate.id] = statement_of(source, beside, mate)
        return group


def _choose(findings: Findings, cover: Coverage, clinics: frozenset[str]) -> list[Evidence]:
    """The best passage, the other clinics' on the same topic or close behind, then whatever is close behind.

    Of a clinic whose document does not answer, only what says so.
    """
    found = [one for one in findings.evidence if one.passage.clinic in cover.clinics or one.passage.is_gap]
    if not found or cover.is_off_topic:
        return []
    best = found[0]
    chosen = [best]
    for clinic in sorted(clinics - {best.passage.clinic}):
        own = [one for one in found if one.passage.clinic == clinic]
        twin = [one for one in own if one.passage.topic and one.passage.topic == best.passage.topic]
        chosen += twin[:1] or [one for one in own[:1] if one.score >= best.score - BEHIND_CLINIC]
    least = best.score - (BEHIND_GAP if best.passage.is_gap else BEHIND)
    return chosen + [one for one in found if one.score >= least and one not in chosen]


def _in_turn(lists: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """The first of each list, then the second of each, and so on, each passage once."""
    merged: dict[str, Evidence] = {}
    for row in zip_longest(*lists):
        for one in row:
            if one is not None:
                merged.setdefault(one.passage.id, one)
    return list(merged.values())


def _may_show(passage: Passage, question: Question) -> bool:
    """A guarded passage is shown only to a question about it, never to one about the visitor's own case."""
    if not passage.only_for:
        return True
    asked = question.text.lower()
    return not question.is_personal and any(word in asked for word in passage.only_for)


def _best(one: Evidence, most: int) -> list[Sentence]:
    """The passage's sentences in reading order; of a longer one, those that fit best."""
    sentences = list(one.passage.sentences)
    if len(sentences) <= most:
        return sentences
    by_fit = sorted(range(len(sentences)), key=lambda i: -one.sentences[i])
    return [sentences[i] for i in sorted(by_fit[:most])]


def statement_of(source: Source, passage: Passage, sentence: Sentence) -> Statement:
    """The sentence as it is cited, with its span."""
    return Statement(
        text=source.sentence(passage, sentence),
        span=Span(source.id, source.version, passage.id, sentence.start, sentence.end),
        clinic=source.clinic,
        kind=passage.kind,
        is_digest=source.is_digest,
        study=passage.study,
        notes=tuple(companion.wording for companion in sentence.companions if companion.wording),
    )


def _find(source: Source, reference: str) -> tuple[Passage, Sentence]:
    """A sentence of a source by "#section.1:2". Raises KeyError; `python -m knowledge check` finds it first."""
    wanted = f"{source.id}@{source.version}{reference}"
    for passage in source.passages:
        for sentence in passage.sentences:
            if sentence.id == wanted:
                return passage, sentence
    raise KeyError(f"{source.id} has no sentence {reference}")


def _route(route: Route, statements: tuple[Statement, ...]) -> Route:
    if route is not Route.ANSWER:
        return route
    return Route.ANSWER if any(not statement.is_gap for statement in statements) else Route.NOT_IN_SOURCES


def _label(source: Source) -> str:
    sort = "digest" if source.is_digest else "document"
    return f"{source.clinic} ({sort} {source.version})"
