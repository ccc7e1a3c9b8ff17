"""Who should answer a message: several readers, the most careful verdict wins, and care is a state."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from triage import care as care_states
from triage import conversation
from triage.care import Heard
from triage.classifier import OF_THE_PAGE, Classifier, load_classifier
from triage.decision import Care, Decision, Message, Reason, Route, Speaker, Verdict
from triage.language import language_of
from triage.reasons import most_urgent
from triage.rules import Reading, Rules, what_asks

log = logging.getLogger(__name__)

Embed = Callable[[Sequence[str]], NDArray[np.float32]]  # (n, 384) rows of length one

Guessed = tuple[tuple[Verdict, ...], bool]  # what the second reader found, and whether a warm line is asked for
NOTHING: Guessed = ((), False)
Earlier = tuple[Heard, tuple[Reason, ...]]  # what an earlier line means for care, and the danger read in it
REMEMBERED = 4096  # earlier lines whose meaning for care is kept, each under a hash of its words


class Triage:
    """Decides on a message. Hand in the embedder, which may remember texts so that search embeds nothing twice;
    without one, or when it breaks, the rules decide alone and `by_rules_alone` says so."""

    def __init__(self, embed: Embed | None = None, *, classifier: Classifier | None = None) -> None:
        self._rules = rules()
        self._embed = embed
        self._classifier = classifier
        if embed is not None and classifier is None:
            self._classifier = load_classifier()
            if self._classifier is None:
                log.warning("Triage reads by its rules alone: its fitted files are missing or not of one fit")
        self.by_rules_alone = embed is None or self._classifier is None
        self._heard_before: dict[bytes, Earlier] = {}

    def __call__(self, message: Message) -> Decision:
        reading = self._rules(message.text)
        verdicts, warm = list(reading.verdicts), reading.check_in is not None
        added, gives_up = conversation.read(message, self._rules)
        verdicts += added
        before = message.care if message.care is not Care.NONE else self._replayed(message)
        answers_care = before is not Care.NONE and reading.is_safe
        guessed, warm_too = self._classified(message.text, reading) or NOTHING
        if answers_care:  # it names the danger it denies, and only sounds like it
            guessed = tuple(v for v in guessed if v.route is not Route.CRISIS and reading.beside_safe)
        verdicts += guessed
        warm = warm or warm_too or gives_up

        heard = Heard.DANGER if any(v.route is Route.CRISIS for v in verdicts) else Heard.OTHER
        if heard is Heard.OTHER and reading.is_safe:
            heard = Heard.SAFE
        now = care_states.after(before, heard)
        if care_states.keeps_crisis(now):
            earlier = self._earlier_danger(message, is_new=heard is Heard.DANGER)
            verdicts += [Verdict("care", Route.CRISIS, reason, "") for reason in earlier]
        decision = _decide(message, verdicts, warm, now, reading)
        if answers_care:
            return replace(decision, asks=reading.beside_safe)
        if decision.route is not Route.ANSWER:
            return decision
        return replace(decision, asks="" if reading.only_a_person else self._beside(message.text, reading, guessed))

    def _classified(self, text: str, reading: Reading) -> Guessed | None:
        """What the second reader adds; None where it is not there or broke."""
        if self._embed is None or self._classifier is None:
            return None
        try:
            meant = text if reading.meant is None else reading.meant
            guessed, warm = self._classifier.read(meant, self._embed, is_well=reading.well_now)
            found = tuple(guess for guess in guessed if reading.counts(guess)), warm
        except Exception as error:  # a broken model takes no reader away: the rules have spoken
            if not self.by_rules_alone:
                log.warning("Triage reads by its rules alone: its second reader broke (%s)", type(error).__name__)
            self.by_rules_alone = True
            return None
        self.by_rules_alone = False
        return found

    def _beside(self, text: str, reading: Reading, guessed: tuple[Verdict, ...]) -> str | None:
        """What is asked beside a wish for a person or a question about this page; None where neither was read."""
        if reading.beside_page is not None or not any(guess.reason in OF_THE_PAGE for guess in guessed):
            return reading.beside_page
        if self._embed is None or self._classifier is None:
            return None
        return what_asks(self._classifier.beside(text, self._embed))

    def _replayed(self, message: Message) -> Care:
        """The care state the visitor's earlier lines lead to, where no stored state was handed in."""
        return care_states.replay([self._heard(text)[0] for text in reversed(_said_before(message))])

    def _heard(self, text: str) -> Earlier:
        """What an earlier line means for care; read once, and again only if a reader was missing."""
        mark = sha256(text.encode(errors="surrogatepass")).digest()
        if (known := self._heard_before.get(mark)) is not None:
            return known
        reading = self._rules(text)
        guessed = None if reading.route is Route.CRISIS else self._classified(text, reading)
        verdicts, _ = guessed or NOTHING
        danger = [v.reason for v in (*reading.verdicts, *verdicts) if v.route is Route.CRISIS and v.reason is not None]
        earlier: Earlier = (Heard.SAFE if reading.is_safe else Heard.OTHER, ())
        if danger and (reading.route is Route.CRISIS or not reading.is_safe):
            earlier = (Heard.DANGER, tuple(dict.fromkeys(danger)))
        if reading.route is Route.CRISIS or guessed is not None:
            if len(self._heard_before) >= REMEMBERED:
                self._heard_before.clear()
            self._heard_before[mark] = earlier
        return earlier

    def _earlier_danger(self, message: Message, *, is_new: bool) -> tuple[Reason, ...]:
        """Of which kind the danger was that keeps this message in care; beside danger that `is_new`, only whose."""
        dangers = [found for text in _said_before(message) if (found := self._heard(text)[1])]
        young = (Reason.MINOR_IN_DANGER,) if any(Reason.MINOR_IN_DANGER in found for found in dangers) else ()
        if is_new:
            return young
        return tuple(dict.fromkeys((*dangers[0], *young))) if dangers else (Reason.SUICIDE,)


def _said_before(message: Message) -> list[str]:
    """The visitor's earlier lines, newest first."""
    return [line.text for line in reversed(message.history) if line.speaker is Speaker.VISITOR]


def _decide(message: Message, verdicts: list[Verdict], warm: bool, now: Care, reading: Reading) -> Decision:
    order = list(Route)
    careful = [verdict for verdict in verdicts if verdict.route.needs_person]
    if careful:
        route = min((verdict.route for verdict in careful), key=order.index)
    elif any(verdict.route is Route.OUT_OF_SCOPE for verdict in verdicts):
        route = Route.OUT_OF_SCOPE
    else:
        route = Route.ANSWER
    deciding = [verdict for verdict in verdicts if verdict.route is route and verdict.reason is not None]
    found = [verdict.reason for verdict in deciding if verdict.reason is not None]
    if any(verdict.reason is Reason.ASKED_FOR_A_PERSON for verdict in verdicts):
        found.append(Reason.ASKED_FOR_A_PERSON)
    if route is Route.CRISIS:  # what else the message holds, so that staff start from everything
        found += [v.reason for v in verdicts if v.route is Route.SAFETY and v.reason is not None]
    reasons = tuple(dict.fromkeys(found))
    return Decision(
        route=route,
        reasons=reasons,
        urgency=most_urgent(reasons),
        words=tuple(dict.fromkeys(verdict.words for verdict in deciding if verdict.words)),
        check_in=warm and route not in (Route.CRISIS, Route.OUT_OF_SCOPE),
        care=now,
        language=message.language or language_of(message.text, _said_before(message)),
        verdicts=(*verdicts, *([reading.check_in] if reading.check_in else ())),
    )


@cache
def rules() -> Rules:
    """The reviewed phrases, compiled once for the process."""
    return Rules()
