"""People where the passage has animals, or animals where it has none."""

from collections.abc import Iterator

from conversation.alignment import Alignment
from conversation.clauses import Word
from conversation.finding import Change, Finding
from conversation.lexicon import Lexicon
from conversation.premise import Premise


def species(alignment: Alignment, premise: Premise, lexicon: Lexicon) -> Iterator[Finding]:
    """People where the sentence has animals, or animals where there are none."""
    claim, passage = alignment.claim, alignment.passage
    people = [word for word in claim.words if word.plain in lexicon.human]
    beasts = [word for word in claim.words if word.plain in lexicon.animal]
    chosen = passage.in_sentences(alignment.chosen)
    best = [word for word in passage.words if word.sentence == alignment.best]
    beasts_held = [word for word in chosen if word.plain in lexicon.animal]
    people_held = [word for word in chosen if word.plain in lexicon.human or word.plain in _YOU]
    in_text = any(word.plain in lexicon.human or word.plain in _YOU for word in passage.words)
    only_beasts = [w.text for w in passage.words if w.plain in lexicon.animal] if not in_text else []
    if beasts and not any(word.plain in lexicon.animal for word in passage.words) and "dogs" not in passage.plains:
        yield Finding(Change.SPECIES, beasts[0].text, people_held[0].text if people_held else "")
    strangers = [word for word in beasts if all(lexicon.alike(word.plain, w.plain) == 0 for w in passage.words)]
    rivals = [w.text for w in passage.words if any(lexicon.of_one_kind(word.plain, w.plain) for word in strangers)]
    if strangers and rivals:
        yield Finding(Change.SPECIES, strangers[0].text, rivals[0])
    if not people or beasts:
        return
    best_beasts = [word for word in best if word.plain in lexicon.animal]
    best_people = [word for word in best if word.plain in lexicon.human]
    if (best_beasts and not best_people) or (beasts_held and not people_held):
        yield Finding(Change.SPECIES, people[0].text, (best_beasts or beasts_held)[0].text)
    elif only_beasts:
        yield Finding(Change.SPECIES, people[0].text, only_beasts[0])
    elif not in_text and _about_animals(premise.near, lexicon):
        yield Finding(Change.SPECIES, people[0].text, _about_animals(premise.near, lexicon))
    elif best_beasts and best_people:
        yield from _crossed(alignment, people[0], lexicon)


_YOU = frozenset("you your yourself".split())


def _about_animals(text: str, lexicon: Lexicon) -> str:
    """The first animal a text names, if it names one."""
    return next(
        (word for word in text.lower().replace(",", " ").replace("—", " ").split() if word in lexicon.animal), ""
    )


def _crossed(alignment: Alignment, person: Word, lexicon: Lexicon) -> Iterator[Finding]:
    """The sentence has both: what stands nearest to the claim's other words decides."""
    words = alignment.passage.words
    places = [p.place for p in alignment.answered if p.word.plain not in lexicon.human and not p.word.is_little]
    near: dict[bool, float] = {True: 0.0, False: 0.0}
    for place in places:
        if words[place].sentence != alignment.best:
            continue
        for at, other in enumerate(words):
            if other.sentence == alignment.best and (other.plain in lexicon.animal or other.plain in lexicon.human):
                near[other.plain in lexicon.animal] += 1 / (1 + abs(at - place))
    if near[True] > 1.5 * near[False]:
        beast = next(w for w in words if w.sentence == alignment.best and w.plain in lexicon.animal)
        yield Finding(Change.SPECIES, person.text, beast.text)
