"""From evidence to an answer without a model: which sentences, how many, in what order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from conversation.answer import Span, Statement
from conversation.gate import Coverage
from conversation.understanding import Question
from knowledge.library import Library
from knowledge.source import Kind, Passage, Sentence, Source
from retrieval.evidence import Evidence, Findings
from triage.decision import Decision, Route

MOST = 6  # statements in an answer
BEHIND = 1.6  # a passage this far behind the best one still speaks to the question
BEHIND_CLINIC = 2.4  # the other clinic's best passage may stand this far behind
LONG = 4  # a passage of more sentences is quoted in part
BELOW_HANDOVER = 2  # statements under an eligibility hand-over
HANDOVER_KINDS = frozenset({Kind.CLINIC_FACT, Kind.CLINIC_PRACTICE, Kind.GAP})

Gate = Callable[[Findings, str], Coverage]


@dataclass(frozen=True, slots=True)
class Composition:
    """What is shown for a question, and the route it ends in."""

    route: Route
    statements: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()
    looked_in: tuple[str, ...] = ()

    def with_statements(self, statements: tuple[Statement, ...]) -> "Composition":
        """The same answer with other statements; without any, or with gaps alone, it is not in the sources."""
        return replace(self, statements=statements, route=_route(self.route, statements))


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes from one library; `gate` says whether the documents answer at all."""

    library: Library
    gate: Gate
    most: int = MOST

    def __call__(self, decision: Decision, question: Question, findings: Findings) -> Composition:
        """At most `most` statements, each clinic's together, best passage first."""
        clinics = question.query.clinics or findings.named or frozenset(self.library.clinics)
        looked_in = tuple(_label(s) for s in self.library.sources.values() if s.clinic in clinics)
        found = [one for one in findings.evidence if _may_show(one.passage, question)]
        findings = replace(findings, evidence=tuple(found))
        if decision.route is Route.ELIGIBILITY:
            beside = [one for one in found[:3] if one.passage.kind in HANDOVER_KINDS]
            return Composition(Route.ELIGIBILITY, self._statements(beside[:2], BELOW_HANDOVER), looked_in=looked_in)

        coverage = self.gate(findings, question.text)
        if coverage is Coverage.OFF_TOPIC or not found:
            route = Route.OUT_OF_SCOPE if coverage is Coverage.OFF_TOPIC else Route.NOT_IN_SOURCES
            return Composition(route, looked_in=looked_in)
        if coverage is Coverage.SILENT:
            gaps = [one for one in found if one.passage.is_gap]
            chosen = self._choose(gaps, clinics, question)
            return Composition(Route.NOT_IN_SOURCES, self._statements(chosen, self.most), looked_in=looked_in)
        statements = self._statements(self._choose(found, clinics, question), self.most)
        return Composition(_route(Route.ANSWER, statements), statements, looked_in=looked_in)

    def _choose(self, found: list[Evidence], clinics: frozenset[str], question: Question) -> list[Evidence]:
        """The passages worth showing, each clinic's best first, then the next best of any."""
        if not found:
            return []
        best = found[0]
        near = [one for one in found if one.score >= best.score - BEHIND]
        chosen = [best]
        for clinic in sorted(clinics - {best.passage.clinic}):
            own = [one for one in found if one.passage.clinic == clinic]
            twin = [one for one in own if one.passage.topic and one.passage.topic == best.passage.topic]
            other = twin[:1] or [one for one in own[:1] if one.score >= best.score - BEHIND_CLINIC]
            chosen += other
        chosen += [one for one in near if one not in chosen]
        return chosen

    def _statements(self, chosen: Iterable[Evidence], most: int) -> tuple[Statement, ...]:
        """Whole passages while there is room, else their best sentences; then grouped by clinic."""
        taken: dict[str, Statement] = {}  # by sentence id, in the order they were chosen
        first: dict[str, int] = {}  # clinic -> when it first spoke
        for one in chosen:
            room = most - len(taken)
            if room <= 0:
                break
            source = self.library.sources[one.passage.source]
            for sentence in _best(one, min(room, LONG)):
                group = self._with_companions(source, one.passage, sentence, taken)
                if len(taken) + len(group) <= most:
                    taken |= group
                    first.setdefault(one.passage.clinic, len(first))
        return tuple(sorted(taken.values(), key=lambda statement: first.get(statement.clinic, 0)))

    def _with_companions(
        self, source: Source, passage: Passage, sentence: Sentence, taken: dict[str, Statement]
    ) -> dict[str, Statement]:
        """The sentence and, by id, every sentence that must stand beside it, as far as not taken already."""
        group = {sentence.id: _statement(source, passage, sentence)} if sentence.id not in taken else {}
        for companion in sentence.companions:
            if companion.sentence:
                beside, mate = _find(source, companion.sentence)
                if mate.id not in taken:
                    group[mate.id] = _statement(source, beside, mate)
        return group


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


def _statement(source: Source, passage: Passage, sentence: Sentence) -> Statement:
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

