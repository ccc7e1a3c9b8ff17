"""What a language model may do for a visitor: choose among sentences by number, and say a follow-up in full."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from conversation.calls import Call, Outcome, Purpose
from conversation.compose import Composer, Composition
from conversation.concealing import Concealment
from conversation.model import Model
from conversation.understanding import Question
from knowledge.source import Passage, Sentence
from retrieval.evidence import Findings, Query
from retrieval.lexical import stems, words
from triage.decision import Care, Decision, Message, Route, Said, Speaker

MOST_SEEN = 12  # sentences a model is shown
TOO_FEW = 2  # sentences among which there is nothing to choose
STRANGERS = 2  # sentences that answer nothing, put among the others
STAND = 2  # sentences of each clinic that no choice takes away
LONGEST_SEEN = 1_500  # characters of a message
LONGEST_QUESTION = 40  # words
BEFORE = 2  # a visitor's messages a follow-up may lean on
_LITTLE = frozenset(
    """a about an and any are as at be been by can could did do does for from get given had has have how i if in is it
    its many me much my of on or please should so than that the their them then there they this to too was we were what
    when where which who why will with would you your al con cuando cual cuales como cuanto cuanta cuantos cuantas de
    del donde el en es esta estan hay la las lo los me mi o para pero por que quien se si son su sus un una y""".split()
)


class Helper(Protocol):
    """What stands beside one turn; without a model it changes nothing."""

    def rewrite(self, question: Question) -> Question:
        """The question, a follow-up said in full."""

    def choose(self, question: Question, findings: Sequence[Findings], composed: Composition) -> Composition:
        """The same answer with other sentences of the same passages, or as it was."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """What was asked of a model so far."""


class Alone:
    """No model: the turn goes on as it is."""

    calls: tuple[Call, ...] = ()

    def rewrite(self, question: Question) -> Question:
        """As it was."""
        return question

    def choose(self, question: Question, findings: Sequence[Findings], composed: Composition) -> Composition:
        """As it was."""
        return composed


def may_help(decision: Decision) -> bool:
    """A model may see this message: the program answers it, no person is owed, and no danger was read before."""
    calm = decision.care is Care.NONE and not decision.check_in
    return decision.route is Route.ANSWER and not decision.needs_person and calm


@dataclass(frozen=True, slots=True)
class Assistant:
    """Puts a model beside each turn that it may see."""

    model: Model
    composer: Composer
    triage: Callable[[Message], Decision]

    def __call__(self, message: Message, decision: Decision) -> Helper:
        """The helper of one turn; nobody where the message, or one it leans on, is a person's."""
        if message.care is not Care.NONE or not may_help(decision):
            return Alone()
        clinics = frozenset(word for clinic in self.composer.library.clinics for word in words(clinic))
        said = [line for line in message.history if line.speaker is Speaker.VISITOR]
        leaned_on = tuple(line.text for line in said[-BEFORE:])
        if not all(self._is_for_the_program(message, line) for line in said[-BEFORE:]):
            leaned_on = ()
        cover = Concealment(message.names, clinics).look(*(line.text for line in said), message.text)
        until = self.model.clock() + self.model.seconds
        return _Beside(self, message, leaned_on, cover, until)

    def _is_for_the_program(self, message: Message, line: Said) -> bool:
        before = message.history[: message.history.index(line)]
        return not line.for_person and may_help(self.triage(replace(message, text=line.text, history=before)))


@dataclass(slots=True)
class _Beside:
    """One turn's helper: one budget of time, one set of marks for personal details."""

    _of: Assistant
    _message: Message
    _leaned_on: tuple[str, ...]  # what was said before, as far as a model may see it
    _cover: Concealment
    _until: float
    _calls: list[Call] = field(default_factory=list)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(self._calls)

    def rewrite(self, question: Question) -> Question:
        if not question.understood_as or not self._leaned_on or len(question.parts) != 1:
            return question
        before = "\n".join(self._seen(text) for text in self._leaned_on)
        values = self._ask(Purpose.REWRITE, REWRITTEN, before=before, now=self._seen(self._message.text))
        text = values.get("question")
        full = self._cover.restore(" ".join(text.split())) if isinstance(text, str) else ""
        if not self._says_the_same(full):
            self._set_aside(values)
            return question
        asked = question.parts[0]
        return Question((Query(full, asked.clinics, asked.before),), full, question.is_personal)

    def choose(self, question: Question, findings: Sequence[Findings], composed: Composition) -> Composition:
        own = _sentences(composed)
        if composed.route is not Route.ANSWER or len(own) <= TOO_FEW:
            return composed
        shown = _among(own, _strangers(findings, composed), self._message.text)
        library = self._of.composer.library
        lines = [library.sources[one.source].sentence(one, sentence) for one, sentence in shown]
        values = self._ask(
            Purpose.CHOOSE,
            CHOSEN,
            question=self._seen((question.understood_as if self._leaned_on else "") or self._message.text),
            sentences="\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)),
            most=str(self._of.composer.most),
        )
        picked = [shown[number - 1] for number in _numbers(values) if 1 <= number <= len(shown)]
        if not picked or any(one not in own for one in picked):
            self._set_aside(values)
            return composed
        always = _always(composed)
        while True:
            statements = self._of.composer.of_choice(dict.fromkeys([*picked, *always]))
            held = {(one.span.passage, one.span.start) for one in statements}
            if not picked or all((passage.id, sentence.start) in held for passage, sentence in always):
                return composed.with_choice(statements)
            picked.pop()  # there is room for six

    def _seen(self, text: str) -> str:
        return self._cover.hide(text[:LONGEST_SEEN])

    def _ask(self, purpose: Purpose, schema: dict[str, Any], **blanks: str) -> Mapping[str, Any]:
        values, call = self._of.model.ask(purpose, schema, until=self._until, **blanks)
        self._calls.append(call)
        return values

    def _set_aside(self, values: Mapping[str, Any]) -> None:
        """Count an answer that did not pass; one that never came is counted as what it was."""
        last = self._calls[-1]
        if last.outcome is Outcome.USED:
            nothing = not any(values.values())
            self._calls[-1] = last.ended(Outcome.EMPTY if nothing else Outcome.SET_ASIDE)

    def _says_the_same(self, full: str) -> bool:
        """Every word that matters is the visitor's own, none of this message is lost, and a person is not owed."""
        theirs = _content(" ".join((*self._leaned_on, self._message.text, *self._of.composer.library.clinics)))
        asked, now = _content(full), _content(self._message.text)
        if not asked or not now <= asked <= theirs or asked == now or len(full.split()) > LONGEST_QUESTION:
            return False
        return may_help(self._of.triage(replace(self._message, text=full, history=())))


CHOSEN: dict[str, Any] = {
    "title": "chosen",
    "description": "The numbers of the sentences that answer the question, the best one first.",
    "type": "object",
    "properties": {"numbers": {"type": "array", "items": {"type": "integer"}, "maxItems": 6}},
    "required": ["numbers"],
    "additionalProperties": False,
}
REWRITTEN: dict[str, Any] = {
    "title": "rewritten",
    "description": "What is asked now, as one full question.",
    "type": "object",
    "properties": {"question": {"type": "string"}},
    "required": ["question"],
    "additionalProperties": False,
}
Pick = tuple[Passage, Sentence]


def _sentences(composed: Composition) -> list[Pick]:
    """The sentences a model may choose from: those of the passages the gate let through, in reading order."""
    every = [(one.passage, sentence) for one in composed.chosen for sentence in one.passage.sentences]
    said = {(one.span.passage, one.span.start) for one in composed.statements}
    first = sorted(every, key=lambda pick: (pick[0].id, pick[1].start) not in said)[:MOST_SEEN]
    return [pick for pick in every if pick in first]


def _strangers(findings: Sequence[Findings], composed: Composition) -> list[Pick]:
    """Sentences of the passages that fit worst. Whoever picks one has not read, and nothing it picked is used."""
    known = {one.passage.topic or one.passage.id for one in composed.chosen}
    last = [one.passage for part in findings for one in part.evidence[::-1]]
    far = [one for one in last if (one.topic or one.id) not in known and not one.is_gap and not one.only_for]
    return [(one, one.sentences[0]) for one in list(dict.fromkeys(far))[:STRANGERS]]


def _among(own: list[Pick], strangers: list[Pick], seed: str) -> list[Pick]:
    """All of them; a stranger stands first, since whoever does not read takes the first, and the others anywhere."""
    shown, places = list(own), random.Random(seed)  # the same message is shown the same list
    for stranger in strangers[1:]:
        shown.insert(places.randint(1, len(shown)), stranger)
    return strangers[:1] + shown


def _numbers(values: Mapping[str, Any]) -> list[int]:
    """The numbers that were returned, each once, in order; whatever is no number is dropped."""
    given = values.get("numbers")
    held = given if isinstance(given, list) else []
    return list(dict.fromkeys(one for one in held if isinstance(one, int) and not isinstance(one, bool)))


def _always(composed: Composition) -> list[Pick]:
    """The best sentences of each clinic's best passage: chosen or not, they stand, so no choice can turn an answer."""
    said = {(one.span.passage, one.span.start) for one in composed.statements}
    best: dict[str, list[Pick]] = {}
    for one in sorted(composed.chosen, key=lambda found: found.passage.is_gap):  # what is told comes before a gap
        fits = sorted(zip(one.sentences, one.passage.sentences, strict=True), key=lambda pair: -pair[0])
        shown = [(one.passage, sentence) for _, sentence in fits if (one.passage.id, sentence.start) in said]
        if shown:
            best.setdefault(one.passage.clinic, shown[:STAND])
    return [pick for picks in best.values() for pick in picks]


def _content(text: str) -> frozenset[str]:
    """The stems of the words that carry a meaning of their own; "not" is one of them."""
    return frozenset(stems(" ".join(word for word in words(text) if word not in _LITTLE)))
