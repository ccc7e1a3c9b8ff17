"""A look before a document is taken in: its passages beside the original, and what questions would be answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.findings import place
from knowledge.source import Source


@dataclass(frozen=True, slots=True)
class Said:
    """What a visitor would be shown for a question."""

    route: str
    sentences: tuple[str, ...]  # each with its place

    def __str__(self) -> str:
        return "\n".join([f"    {self.route}", *(f"      {sentence}" for sentence in self.sentences)])


def passages_beside(source: Source) -> Iterator[str]:
    """Every passage under its heading, with its place in the original and in the text that spans count in."""
    under: tuple[str, ...] = ()
    yield f"{source.id}@{source.version}  {source.clinic}  {source.title}  ({len(source.passages)} passages)"
    for passage in source.passages:
        if passage.heading != under:
            under = passage.heading
            yield "\n" + " › ".join(under)
        yield f"\n  [{place(passage) or 'text'}, characters {passage.start} to {passage.end}]  {passage.id}"
        for number, sentence in enumerate(passage.sentences, start=1):
            beside = " ".join(one.wording or f"with {one.sentence}" for one in sentence.companions)
            yield f"    {number}. {source.sentence(passage, sentence)}" + (f"  ({beside})" if beside else "")


def before_and_after(questions: Sequence[str], before: Sequence[Said], after: Sequence[Said]) -> Iterator[str]:
    """Each question with what it gets today and what it would get; what stays the same is said once."""
    changed = 0
    for question, old, new in zip(questions, before, after, strict=True):
        yield f"\n? {question}"
        if old == new:
            yield f"  the same before and after:\n{new}"
        else:
            changed += 1
            yield f"  before:\n{old}\n  after:\n{new}"
    yield f"\n{changed} of {len(questions)} questions would be answered differently."
