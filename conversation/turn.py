"""One turn: a message is triaged, searched for, answered from the sources or left for a person."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from conversation.answer import Scored, Turn
from conversation.assistance import Alone, Helper
from conversation.calls import Outcome
from conversation.compose import Composition
from conversation.grounding import SourceOf, check_spans
from conversation.understanding import Question, asks_nothing
from errors import Unavailable
from retrieval.evidence import Findings, Query
from triage.decision import Decision, Message, Reason, Route, Speaker

Triage = Callable[[Message], Decision]
Understand = Callable[[Message], Question]
Search = Callable[[Query], Findings]
Compose = Callable[[Decision, Question, Sequence[Findings]], Composition]
Assist = Callable[[Message, Decision], Helper]  # a language model where one is on, nobody else


def take_turn(
    message: Message,
    *,
    triage: Triage,
    understand: Understand,
    search: Search,
    compose: Compose,
    source_of: SourceOf,
    assist: Assist | None = None,
) -> Turn:
    """Answer from the sources, or leave the message for a person."""
    decision = triage(message)
    if not decision.route.may_quote:  # danger, safety and what is off topic: nothing is searched
        return Turn(message, decision)
    asked, promised = message, ""
    if decision.asks is not None:  # they said that they are safe: what else they asked, or asked before they said so
        has_its_answer = {Reason.ASKED_FOR_A_PERSON, Reason.ABOUT_PAGE} & set(decision.reasons)
        promised = "" if decision.asks or has_its_answer else _left_open(message, triage)
        asked = replace(message, text=decision.asks or promised, history=() if promised else message.history)
    if not asked.text or asks_nothing(asked.text):
        return Turn(message, decision)

    helper = assist(asked, decision) if assist and not decision.needs_person else Alone()
    understood = understand(asked)
    question = helper.rewrite(understood)
    try:
        findings = [search(part) for part in question.parts]
        composed = compose(decision, question, findings)
        if question is not understood:  # a model's words may find other sentences, but turn no route
            found = [search(part) for part in understood.parts]
            settled = compose(decision, understood, found)
            if settled.route is not composed.route:
                question, findings, composed = understood, found, settled
        composition = helper.choose(question, findings, composed)
    except Unavailable:  # a broken part costs the visitor a wait, never their message
        return Turn(message, decision.as_route(Route.NOT_IN_SOURCES, Reason.TROUBLE))

    statements = check_spans(composition.statements, source_of)
    if len(statements) < len(composition.statements):  # the library moved under the answer
        composition = composition.with_statements(statements)
    return Turn(
        message=message,
        decision=replace(decision, route=composition.route),
        statements=composition.statements,
        evidence=tuple(Scored(one.passage.id, one.score, one.shares) for part in findings for one in part.evidence),
        understood_as=question.understood_as or promised,
        missing=composition.missing,
        by_words_alone=any(part.by_words_alone for part in findings),
        looked_in=composition.looked_in,
        wording=" ".join(f"{call.purpose}@{call.prompt}" for call in helper.calls),
        worded_with=next((call.model for call in helper.calls if call.outcome is Outcome.USED), ""),
        calls=helper.calls,
    )


def _left_open(message: Message, triage: Triage) -> str:
    """The question put off while they were asked if they are safe, as "I will come back to it" promised."""
    for line in reversed(message.history):
        if line.speaker is Speaker.VISITOR:
            route = triage(Message(line.text)).route
            if route is Route.CRISIS:
                return ""
            if route is Route.ANSWER and "?" in line.text:
                return line.text
    return ""
