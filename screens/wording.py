"""The fixed wording for a decision: care, why a person answers, what is declined; all of it from reviewed files."""

from collections.abc import Iterable

from conversation.answer import Turn
from desk.shown import Shown
from prompts.resources import resources
from prompts.wording import wording
from screens.danger_line import link
from screens.markup import shown
from triage.care_words import CareBlock, care_block
from triage.care_words import care_steps as step_of_each
from triage.decision import Decision, Language, Reason, Route
from triage.reasons import reasons


def care_steps(turns: Iterable[Shown]) -> dict[int, int]:
    """Which step of care each turn in danger is, by message id; the first is 0."""
    in_danger = [
        (turn.id, turn.turn.decision) for turn in turns if turn.turn and turn.turn.decision.route is Route.CRISIS
    ]
    steps = step_of_each(decision for _, decision in in_danger)
    return {message: step for (message, _), step in zip(in_danger, steps, strict=True)}


def care(made: Turn, language: str, step: int) -> CareBlock:
    """The block for one turn in danger."""
    return care_block(made.decision, language, step, made.message.text)


def why(decision: Decision, language: str) -> str:
    """One sentence: why a person answers."""
    return reasons()[decision.why].visitor[Language(language)] if decision.why else ""


def medicine(language: str) -> str:
    """What stands under every question of safety."""
    return " ".join(wording("safety", language).paragraphs[1:])


def in_general(language: str) -> str:
    """What stands between a handover and the sentences below it."""
    return wording("eligibility", language).paragraphs[-1]


def declined(decision: Decision, language: str) -> str:
    """Kindly, what this page is not for."""
    name = "manipulation" if Reason.MANIPULATION in decision.reasons else "off_topic"
    return wording(name, language).text


def about_page(language: str) -> str:
    """What the page says of itself (HTML)."""
    return "".join(f'<p class="card-text">{shown(part)}</p>' for part in wording("about_page", language).paragraphs)


def check_in(language: str) -> str:
    """One warm line, and the ways to reach the lifeline (HTML)."""
    return _with_ways(wording("check_in", language).text, language)


def standing(language: str) -> str:
    """The standing line after danger, and the ways to reach the lifeline (HTML)."""
    return _with_ways(wording("standing", language).text, language)


def _with_ways(text: str, language: str) -> str:
    known = resources(language)["lifeline"]
    labels = wording("care-links", language).paragraphs[:2]
    return f"<p>{shown(text)}</p>{ways(zip(labels, (known.call_link, known.text_link), strict=True))}"


def ways(links: Iterable[tuple[str, str]]) -> str:
    """Ways to reach help, (label, href) each, side by side where there is room (HTML)."""
    return f'<p class="ways">{"".join(link(href, label) for label, href in links)}</p>'
