"""What counts as found when several programs are asked the same: one judgement for whatever they return."""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.items import Item
from knowledge.library import Library
from knowledge.sentences import split

CLAIMS = Path(__file__).parent / "claims"
PLACES = (1, 5, 10)

Found = Sequence[tuple[str, str]]  # (source, text), the best first


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sentence that answers; the whole document where `text` is empty."""

    source: str
    text: str

    def stands_in(self, source: str, text: str) -> bool:
        """The returned text is from the same source and holds the sentence whole; only white space may differ."""
        return source == self.source and _plain(self.text) in _plain(text)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what has to be found for it: one of each group."""

    id: str
    question: str
    groups: tuple[tuple[Wanted, ...], ...]
    right: frozenset[str]  # the sources that an answer may be shown from


def recall(found: Found, asked: Asked, at: int) -> float:
    """The share of groups of which something stands in the first `at` returned texts."""
    return sum(rank < at for rank in _ranks(found, asked)) / len(asked.groups)


def ndcg(found: Found, asked: Asked, at: int) -> float:
    """Gain where a group is met first, discounted by its place; 1 where the groups are met one after the other."""
    gain = sum(1 / math.log2(rank + 2) for rank in _ranks(found, asked) if rank < at)
    return min(1.0, gain / sum(1 / math.log2(place + 2) for place in range(len(asked.groups))))


def _ranks(found: Found, asked: Asked) -> list[int]:
    """For each group the place, from 0, of the first text that holds one of it; groups nowhere held are left out."""
    if all(not one.text for group in asked.groups for one in group):  # whole documents: each counts once
        found = [(source, "") for source in dict.fromkeys(source for source, _ in found)]
    firsts = (
        next((at for at, (source, text) in enumerate(found) if any(one.stands_in(source, text) for one in group)), None)
        for group in asked.groups
    )
    return [first for first in firsts if first is not None]


def exact(shown: Found, asked: Asked, library: Library) -> tuple[int, int]:
    """Of the sentences shown, how many are exact spans of a right source, and how many there are."""
    said = [(source, line) for source, text in shown for line in sentences(text)]
    return sum(source in asked.right and line in library.sources[source].text for source, line in said), len(said)


def sentences(text: str) -> Iterator[str]:
    """The sentences a reader sees in a text; a line of its own, as a heading is, is one too."""
    for line in text.split("\n"):
        yield from (line[start:end] for start, end in split(line) if line[start:end].strip())


def own(items: Iterable[Item], library: Library) -> Iterator[Asked]:
    """The project's questions that stand alone and can be answered, with the sentences that carry their claims."""
    carries = {
        claim: entry["sentences"]
        for file in sorted(CLAIMS.glob("*.toml"))
        for claim, entry in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }
    text_of = {
        f"{source.id}{sentence.id.partition('@')[2].lstrip('0123456789')}": source.sentence(passage, sentence)
        for source in library.sources.values()
        for passage in source.passages
        for sentence in passage.sentences
    }
    for item in items:
        if item["route"] == "answer" and not item["history"] and item.get("claims"):
            names = [name for claim in item["claims"] for name in carries[claim]]
            wanted = [Wanted(name.partition("#")[0], text_of[name]) for name in names if name in text_of]
            if asked := _asked(item, wanted, library):
                yield asked


def given(items: Iterable[Item], library: Library) -> Iterator[Asked]:
    """Other questions: `evidence` and `evidence_more` are fragments of the paragraphs that answer."""
    for item in items:
        if item["route"] == "answer" and not item["history"]:
            fragments = [fragment for fragment in (item["evidence"], *item["evidence_more"]) if fragment]
            wanted = [
                Wanted(source.id, fragment)
                for source in library.sources.values()
                for fragment in fragments
                if _plain(fragment) in _plain(source.text)
            ]
            if asked := _asked(item, wanted, library):
                yield asked


def pairs(rows: Iterable[Item], library: Library) -> Iterator[Asked]:
    """Questions of which each has a document of its own (id, question)."""
    for row in rows:
        if (name := str(row["id"])) in library.sources:
            yield Asked(name, str(row["question"]), ((Wanted(name, ""),),), frozenset({name}))


def _asked(item: Item, wanted: list[Wanted], library: Library) -> Asked | None:
    """One group for each source that has to be cited; one in all where any will do."""
    named = [source for source in item["expect_sources"] if source in library.sources]
    groups = [[one for one in wanted if one.source == source] for source in named] or [wanted]
    right = frozenset(named) or frozenset(library.sources)
    held = tuple(tuple(group) for group in groups if group)
    return Asked(str(item["id"]), str(item["message"]), held, right) if held else None


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
