"""`python -m evals ground`: claims against passages, without a language model."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conversation.comparison import Comparer, Comparison, load_comparer
from conversation.premise import Premise, Premises
from errors import BadInput
from evals.items import Item, read_lines, write_results
from evals.library import library_of
from evals.measures import Rate
from knowledge.library import Library
from knowledge.source import Passage, Source
from retrieval.embedding import load_embedder, load_entailment
from retrieval.lexical import content_stems
from settings import load_settings

# How sets of other people's name it; what is borne out in part is not borne out.
_LABELS = {"supported": True, "partial": False, "not": False, "yes": True, "no": False, "maybe": False}
_QUOTES = str.maketrans("’‘“”–—", "''\"\"--")


def ground(items: Path, out: Path, sources: Path | None = None) -> str:
    """Compare every item, write `out`, and say how it went where the items tell. Raises ForeroomError."""
    claims = read_claims(items)
    library = library_of(sources)
    settings = load_settings()
    entails = load_entailment(settings.entailment_model) if settings.entailment_model else None
    comparer = load_comparer(load_embedder(settings.embedding_model).embed, entails)
    compared = list(comparisons(comparer, claims, library))
    for _ in write_results(out, (as_result(item, one) for item, one in compared)):
        pass
    texts = [premise_for(item, library).text for item in claims]
    return "\n".join([report(compared), *overlap_baseline(claims, texts)])


def read_claims(path: Path) -> list[Item]:
    """The items of a JSON lines file. Raises BadInput, naming the line or the item."""
    items = read_lines(path, {"id", "claim"})
    for item in items:
        if item.get("passage") is None and not {"passage_source", "evidence"} <= item.keys():
            raise BadInput(f"{path}, {item['id']}: an item needs a passage, or passage_source and evidence.")
    return items


def comparisons(comparer: Comparer, claims: list[Item], library: Library) -> Iterator[tuple[Item, Comparison]]:
    """Each item with what came of it. Raises BadInput for a fragment that no paragraph holds."""
    for item in claims:
        yield item, comparer(str(item["claim"]), premise_for(item, library))


def premise_for(item: Item, library: Library) -> Premise:
    """The passage an item names: by text, or by a fragment of one paragraph of a source."""
    if item.get("passage") is not None:
        clinic = str(item.get("clinic") or "")
        premise = Premise(str(item["passage"]), clinic)
        return replace(premise, others=tuple(name for name in library.clinics if name != clinic)) if clinic else premise
    source = library.sources.get(str(item["passage_source"]))
    if source is None:
        raise BadInput(f"{item['id']}: there is no source {item['passage_source']!r}. Name its folder with --sources.")
    return Premises.over(library).of(_holding(source, str(item["evidence"]), str(item["id"])))


def _holding(source: Source, fragment: str, item: str) -> Passage:
    wanted = fragment.translate(_QUOTES)
    for passage in source.passages:
        if wanted in passage.text.translate(_QUOTES):
            return passage
    raise BadInput(f"{item}: no paragraph of {source.id} holds {fragment!r}.")


def as_result(item: Item, compared: Comparison) -> Item:
    """The line that is written for an item."""
    return {
        "id": item["id"],
        "supported": compared.supported,
        "score": compared.score,
        "findings": [
            {"kind": found.kind.value, "claim_words": found.claim_words, "passage_words": found.passage_words}
            for found in compared.findings
        ],
    }


def overlap_baseline(claims: list[Item], passages: list[str]) -> list[str]:
    """What counting shared words would reach, at the threshold that suits these very items best; one line or none."""
    truths = [_truth(item) for item in claims]
    known = [place for place, truth in enumerate(truths) if truth is not None]
    shares = {place: _overlap(str(claims[place]["claim"]), passages[place]) for place in known}
    yes = [shares[place] for place in known if truths[place]]
    no = [shares[place] for place in known if not truths[place]]
    if not yes or not no:
        return []
    reached = [
        (sum(share >= line for share in yes) / len(yes) + sum(share < line for share in no) / len(no)) / 2
        for line in sorted(set(shares.values()))
    ]
    return [f"word overlap, with the line where it suits these items best: {max(reached):.3f}"]


def _overlap(claim: str, passage: str) -> float:
    asked = set(content_stems(claim))
    return len(asked & set(content_stems(passage))) / len(asked) if asked else 0.0


def _truth(item: Item) -> bool | None:
    truth = item.get("supported", _LABELS.get(str(item.get("label"))))
    return None if truth is None else bool(truth)


def report(compared: list[tuple[Item, Comparison]]) -> str:
    """Rates by class of change, and balanced accuracy, for items that say whether they are supported."""
    passed, found = Rate("supported, passed"), Rate("not supported, found")
    by_class: dict[str, Rate] = defaultdict(lambda: Rate(""))
    for item, one in compared:
        truth = _truth(item)
        if truth is None:
            continue
        name = str(item["id"])
        if truth:
            passed.count(one.supported, name)
            continue
        found.count(not one.supported, name)
        change = str(item.get("error") or "any")
        by_class[change].name = f"  {change}"
        by_class[change].count(not one.supported, name)
    lines = [f"{len(compared)} claims compared"]
    if passed.of and found.of:
        lines += [str(passed), str(found), *(str(by_class[name]) for name in sorted(by_class))]
        lines.append(f"balanced accuracy: {(passed.share + found.share) / 2:.3f}")
    return "\n".join(lines)
