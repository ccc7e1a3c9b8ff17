"""What a claim changes against its passage: one rule for each class of change."""

from collections.abc import Iterator

from conversation.alignment import Alignment
from conversation.certainty import alone, amounts, causes, certainty
from conversation.conditions import conditions
from conversation.figures import Figure, Sort, figures, in_its_unit, matches
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon
from conversation.naming import clinics, crossed_over, entities, names
from conversation.polarity import denials, directions, taken_back
from conversation.premise import Premise
from conversation.silence import silences
from conversation.species import species


def differences(alignment: Alignment, premise: Premise, lexicon: Lexicon) -> Iterator[Finding]:
    """Every change that a rule finds."""
    yield from clinics(alignment, premise)
    yield from changed_figures(alignment)
    yield from names(alignment, premise, lexicon)
    yield from entities(alignment, premise, lexicon)
    yield from crossed_over(alignment, lexicon)
    yield from species(alignment, premise, lexicon)
    yield from denials(alignment, lexicon)
    yield from taken_back(alignment, lexicon)
    yield from silences(alignment, lexicon)
    yield from directions(alignment, lexicon)
    yield from certainty(alignment, lexicon)
    yield from amounts(alignment, lexicon)
    yield from alone(alignment)
    yield from causes(alignment, lexicon)
    yield from conditions(alignment, lexicon, premise.common)


def changed_figures(alignment: Alignment) -> Iterator[Finding]:
    given = figures(alignment.passage)
    for claimed in figures(alignment.claim):
        same = [figure for figure in given if matches(claimed, figure)]
        rivals = [figure for figure in given if figure.sort is claimed.sort and not matches(claimed, figure)]
        same_head = [figure for figure in rivals if _one_head(claimed, figure)]
        if same:
            in_best = any(figure.sentence in alignment.chosen for figure in same)
            swapped = [figure for figure in same_head if figure.sentence == alignment.best]
            own_head = any(_one_head(claimed, figure) or not figure.heads or not claimed.heads for figure in same)
            if claimed.sure and swapped and (not in_best or not own_head):
                yield Finding(Change.FIGURE, claimed.words, swapped[0].words)
            continue
        if not claimed.sure and not same_head:
            continue
        units = [figure for figure in given if figure.sort is Sort.TIME and in_its_unit(figure) == in_its_unit(claimed)]
        if claimed.sort is Sort.TIME and units:
            yield Finding(Change.UNIT, claimed.words, units[0].words)
            continue
        beside = same_head or [figure for figure in rivals if figure.sentence in alignment.chosen] or rivals
        if claimed.sort is Sort.ORDINAL and not beside and claimed.low <= 2:
            continue
        yield Finding(Change.FIGURE, claimed.words, beside[0].words if beside else "")


def _one_head(one: Figure, other: Figure) -> bool:
    return bool(one.heads and other.heads and set(one.heads[:2]) & set(other.heads[:2]))
