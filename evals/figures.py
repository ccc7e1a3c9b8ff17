"""`python -m evals`: answers, ranking and speed on the project's own questions, and what each lever is worth."""

import re
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from platform import machine, python_version
from tempfile import TemporaryDirectory

from conversation.parts import Parts
from conversation.reply import reply
from conversation.understanding import understand
from evals.fit_ranking import unversioned
from evals.items import Item, as_message, read_items
from evals.library import library_of, whole_parts
from evals.measures import Rate, percentile
from retrieval.glossary import Glossary
from retrieval.search import Search
from triage.decision import Decision, Message, Route

QUESTIONS = Path(__file__).parent / "sets" / "questions.jsonl"
CLAIMS = Path(__file__).parent / "claims"
PAGE = Path(__file__).parents[1] / "docs" / "figures.md"
_DASHES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


def figures(page: Path = PAGE) -> str:
    """Measure, print and write the page; returns what was written."""
    items = read_items(QUESTIONS)
    with TemporaryDirectory() as folder:
        parts = whole_parts(library_of(None), Path(folder))
        text = "\n".join(_page(parts, items))
    page.write_text(text, encoding="utf-8")
    print(text)
    return text


def _page(parts: Parts, items: list[Item]) -> Iterator[str]:
    yield "# Figures"
    yield ""
    today = datetime.now(UTC).date()
    yield f"Written by `python -m evals` on {today}, Python {python_version()}, {machine()}; 95 % Wilson intervals."
    yield "The questions are the project's own (evals/sets/questions.jsonl); their writer saw no `asked as` line and no"
    yield "training question. Their misses have been read since, so take them as development questions."
    yield ""
    yield "## Answers, the whole path"
    yield ""
    rates, took = answers(parts, items)
    yield from (f"- {rate}" for rate in rates)
    yield f"- {first_five(parts, items)}"
    yield f"- ms a turn: median {percentile(took, 0.5):.0f}, 95th {percentile(took, 0.95):.0f} ({len(took)} turns)"
    yield ""
    yield "## What each lever is worth"
    yield ""
    yield "Answerable questions whose facts stand within six sentences, triage left out, with one lever off at a time:"
    yield ""
    whole = facts(parts, items)
    yield "| without | facts shown | against all of it |"
    yield "| --- | --- | --- |"
    yield f"| nothing | {whole.good}/{whole.of} | |"
    for name, lesser in levers(parts):
        rate = facts(lesser, items)
        yield f"| {name} | {rate.good}/{rate.of} | {rate.good - whole.good:+d} |"
    yield ""


def normal(text: str) -> str:
    """Text as the sets' patterns expect it: NFKC, lower case, straight quotes, single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower().translate(_DASHES)).strip()


def holds(item: Item, text: str) -> bool:
    """Every group of the item's `must` has a match."""
    return all(any(re.search(pattern, normal(text)) for pattern in group) for group in item["must"])


def answers(parts: Parts, items: list[Item]) -> tuple[list[Rate], list[float]]:
    """Rates of the whole path on answerable, unanswerable and off-topic questions, and milliseconds a turn."""
    right, refused, beside, source = (
        Rate(name)
        for name in (
            "answerable, answered right (end to end)",
            "answerable, not refused",
            "answerable, not beside the point",
            "answers citing the right source",
        )
    )
    silent, off_topic, spans = (
        Rate("unanswerable, not answered"),
        Rate("off topic, declined"),
        Rate("statements that are their spans"),
    )
    kept = Rate("harmless, kept from a person")
    took = []
    for item in items:
        began = time.perf_counter()
        turn = parts.take(as_message(item))
        took.append((time.perf_counter() - began) * 1000)
        route, text, accepted = turn.decision.route, reply(turn), item["route_ok"]
        for statement in turn.statements:
            held = parts.library.source(statement.span.source, statement.span.version)
            spans.count(
                held is not None and held.text[statement.span.start : statement.span.end] == statement.text, item["id"]
            )
        if item.get("harmless"):
            kept.count(not route.needs_person or route in accepted, item["id"])
        if item["route"] == "answer":
            answered = route is Route.ANSWER
            right.count(answered and holds(item, text), item["id"])
            beside.count(not answered or holds(item, text), item["id"])
            if "not_in_sources" not in accepted:
                refused.count(route is not Route.NOT_IN_SOURCES, item["id"])
            if answered:
                cited, wanted = {one.span.source for one in turn.statements}, set(item["expect_sources"])
                source.count(bool(cited) if "any" in wanted else wanted <= cited, item["id"])
        elif item["route"] == "not_in_sources":
            silent.count(route is not Route.ANSWER or "answer" in accepted, item["id"])
        elif item["route"] == "out_of_scope":
            off_topic.count(route in accepted, item["id"])
    return [right, refused, beside, source, silent, off_topic, kept, spans], took


def facts(parts: Parts, items: list[Item]) -> Rate:
    """Answerable questions whose facts stand in what is shown, with triage left out."""
    rate = Rate("facts shown")
    untriaged = replace(parts, triage=_answerable)
    for item in items:
        if item["route"] == "answer":
            turn = untriaged.take(as_message(item))
            rate.count(turn.decision.route is Route.ANSWER and holds(item, reply(turn)), item["id"])
    return rate


def first_five(parts: Parts, items: list[Item]) -> Rate:
    """Questions with a passage that carries one of their claims among the first five found."""
    carried = {
        claim: {sentence.rpartition(":")[0] for sentence in entry["sentences"]}
        for file in CLAIMS.glob("*.toml")
        for claim, entry in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }
    rate = Rate("a right passage among the first five")
    for item in items:
        if wanted := set().union(*(carried[claim] for claim in item.get("claims") or ())):
            question = understand(as_message(item), clinics=parts.library.clinics, named=parts.named)
            found = [one for part in question.parts for one in parts.search(part).evidence[:5]]
            rate.count(any(unversioned(one.passage.id) in wanted for one in found), item["id"])
    return rate


def _answerable(message: Message) -> Decision:
    return Decision(Route.ANSWER)


def levers(parts: Parts) -> Iterator[tuple[str, Parts]]:
    """The parts with one lever off, by name."""
    search = parts.search
    if not isinstance(search, Search):
        return
    ranking = search.ranking
    for name in ranking.dense:
        fewer = {other: weight for other, weight in ranking.dense.items() if other != name}
        yield f"`{name}`", replace(parts, search=replace(search, ranking=replace(ranking, dense=fewer)))
    yield "the model (by words alone)", replace(parts, search=replace(search, embed=None))
    yield "glossary", replace(parts, search=replace(search, glossary=Glossary.over({}, {})))
    whole: Callable[..., frozenset[str]] = lambda text: frozenset()  # noqa: E731
    yield "clinics named", replace(parts, named=whole)
