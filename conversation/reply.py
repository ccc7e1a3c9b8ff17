"""A turn as the plain text its reader sees: fixed wording, whose words, the sentences with what stands beside them."""

from conversation.answer import Turn
from prompts.companions import companion
from prompts.page import page_words
from prompts.wording import wording
from triage.care_words import care_block
from triage.decision import Care, Language, Reason, Route
from triage.reasons import reasons


def reply(turn: Turn, step: int = 0) -> str:
    """All that is shown as one answer, without the page's standing lines; `step` counts the turns in danger."""
    language = turn.decision.language.value
    fixed = fixed_wording(turn, language, step)
    if turn.decision.route is Route.CRISIS:
        return fixed
    return "\n".join([*([fixed] if fixed else []), *_sentences(turn, language)])


def fixed_wording(turn: Turn, language: str, step: int = 0) -> str:
    """What stands above a turn's sentences, from reviewed files, in that language; "" where nothing does."""
    decision = turn.decision
    if decision.route is Route.CRISIS:
        return care_block(decision, language, step, turn.message.text).text
    words, lines = page_words(language), []
    if decision.care is Care.STANDING:
        lines.append(wording("standing", language).text)
    elif decision.check_in:
        lines.append(wording("check_in", language).text)
    if turn.understood_as:
        lines.append(words("answer.understood", question=turn.understood_as))
    if Reason.ABOUT_PAGE in decision.reasons:
        lines += wording("about_page", language).paragraphs
    if decision.needs_person and decision.why:
        lines.append(reasons()[decision.why].visitor[Language(language)])
    if decision.route is Route.SAFETY:
        lines += wording("safety", language).paragraphs[1:]
    elif decision.route is Route.OUT_OF_SCOPE:
        lines.append(wording("manipulation" if Reason.MANIPULATION in decision.reasons else "off_topic", language).text)
    elif decision.route is Route.ANSWER and not turn.statements and Reason.ABOUT_PAGE not in decision.reasons:
        lines.append(words("answer.nothing_asked"))
    elif decision.route is Route.NOT_IN_SOURCES and Reason.TROUBLE not in decision.reasons:
        lines.append(words("none.title"))
    return "\n".join(lines)


def _sentences(turn: Turn, language: str) -> list[str]:
    """Each clinic's name before its sentences, each sentence with its fixed companions."""
    lines, clinic, words = [], "", page_words(language)
    for statement in turn.statements:
        if statement.clinic != clinic:
            clinic = statement.clinic
            lines.append(words("answer.summary" if statement.is_digest else "answer.own_one", clinic=clinic))
        lines.append(" ".join([statement.text, *(companion(note, language) for note in statement.notes)]))
    if turn.missing:
        lines.append(words("answer.missing", parts="; ".join(turn.missing)))
    return lines
