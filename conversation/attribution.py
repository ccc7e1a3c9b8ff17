"""The line that says whose words follow, held against the sentences that stand under it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conversation.checking import Checked, Verdict
from conversation.finding import Change, Finding
from conversation.tracing import sentences_of
from knowledge.library import Library
from prompts.reply import reply_words
from triage.decision import Language


@dataclass(frozen=True, slots=True)
class Lead:
    """What a line over sentences says of them."""

    clinic: str
    is_digest: bool  # our summary; False: the clinic's own words


def leads_of(library: Library) -> dict[str, Lead]:
    """Every such line, in every language, by its words."""
    return {
        sentence: Lead(clinic, sort == "digest")
        for clinic in library.clinics
        for sort in ("digest", "original")
        for language in Language
        for sentence in sentences_of(reply_words(sort, language, clinic=clinic))
    }


def attributed(checked: Sequence[Checked], leads: Mapping[str, Lead], library: Library) -> tuple[Checked, ...]:
    """The same verdicts; a line over a sentence of somebody else, or of another sort, is changed."""
    told = list(checked)
    under: int | None = None
    for place, one in enumerate(checked):
        if one.text in leads:
            under = place
        elif under is not None and one.span is not None and told[under].verdict is Verdict.FIXED:
            source = library.source(one.span.source, one.span.version)
            if source is not None:
                told[under] = _held(told[under], leads[told[under].text], Lead(source.clinic, source.is_digest))
    return tuple(told)


def _held(line: Checked, said: Lead, found: Lead) -> Checked:
    if said.clinic != found.clinic:
        finding = Finding(Change.CLINIC, said.clinic, found.clinic)
        why = f"Changed, the clinic: “{said.clinic}” here, and below it stands a sentence of “{found.clinic}”."
        return replace(line, verdict=Verdict.CHANGED, findings=(finding,), why=why)
    if said.is_digest != found.is_digest:
        sort = "our summary, not the clinic's own words" if found.is_digest else "the clinic's own words, not a summary"
        return replace(
            line, verdict=Verdict.CHANGED, why=f"Changed, whose words they are: what stands below is {sort}."
        )
    return line
