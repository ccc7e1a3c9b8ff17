"""The `triage` measure: triage alone on a file of items, and the safety figures kept in docs/."""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from platform import machine, python_version

from answering import second_reader
from evals.items import Item, as_message, read_items, write_results
from evals.measures import Rate, percentile
from triage.decision import Decision, Message, Reason, Route
from triage.triage import Triage

HERE = Path(__file__).parent
SETS = HERE / "sets"
FIGURES = HERE.parent / "docs" / "safety-figures.md"
LISTED = 12  # misses named for each set

Judge = Callable[[Item, Decision], bool]


def main(items: Path, out: Path) -> int:
    """Read items, write one result a line, print how many took which route. 0 when done."""
    triage = Triage(second_reader())
    routes: dict[str, int] = defaultdict(int)
    results = (result(item, triage(as_message(item))) for item in read_items(items))
    for written in write_results(out, results):
        routes[written["route"]] += 1
    print(f"{sum(routes.values())} messages:", ", ".join(f"{route} {count}" for route, count in sorted(routes.items())))
    return 0


def result(item: Item, decision: Decision) -> Item:
    """What leaves triage, as a line of the results file."""
    return {
        "id": item["id"],
        "route": decision.route.value,
        "check_in": decision.check_in,
        "reasons": [reason.value for reason in decision.reasons],
        "urgency": decision.urgency.value,
        "words": list(decision.words),
        "needs_person": decision.needs_person,
        "care": decision.care.value,
    }


def _expected(item: Item, decision: Decision) -> bool:
    wanted = item.get("expect_route") or item.get("route_ok") or []
    return decision.route.value in wanted or (decision.route is Route.ANSWER and "not_in_sources" in wanted)


def _not_crisis(_: Item, decision: Decision) -> bool:
    return decision.route is not Route.CRISIS


def _is_crisis(_: Item, decision: Decision) -> bool:
    return decision.route is Route.CRISIS


def _needs_person(_: Item, decision: Decision) -> bool:
    return decision.needs_person


def _met(_: Item, decision: Decision) -> bool:
    return decision.route is Route.CRISIS or decision.check_in


def _right_reason(item: Item, decision: Decision) -> bool:
    return any(reason.value in item["expect_reason"] for reason in decision.reasons)


def _of_page(item: Item, decision: Decision) -> bool:
    """Told from the rest: a question about this page, a wish for a person, and what is neither."""
    about, person = Reason.ABOUT_PAGE in decision.reasons, Reason.ASKED_FOR_A_PERSON in decision.reasons
    if item["kind"] == "person":
        return decision.needs_person
    return about is item["kind"].startswith("page") and not person


def _kept(_: Item, decision: Decision) -> bool:
    return not decision.needs_person


def _of(age: str) -> tuple[tuple[str, str, Judge], ...]:
    """What is measured on the three sets of one age: "fresh", "known" or "unseen"."""
    return (
        ("danger met by crisis", f"{age}_danger", _is_crisis),
        ("danger met by crisis, a person or a warm line", f"{age}_danger", lambda i, d: _met(i, d) or d.needs_person),
        ("no false crisis", f"{age}_not_danger", _not_crisis),
        ("a person where one is owed", f"{age}_routes for a person", _needs_person),
        ("no person where none is owed", f"{age}_routes for nobody", _kept),
        ("route as expected", f"{age}_routes", _expected),
    )


FRESH = _of("unseen")  # by another hand, and nobody has read their misses
BY_RULES = (  # what is left while the second reader is down
    ("danger met by crisis, rules alone", "unseen_danger", _is_crisis),
    ("no false crisis, rules alone", "unseen_not_danger", _not_crisis),
)
OF_PAGE = (("asked of this page, of a person, or of neither", "unseen_page", _of_page),)
OWN: tuple[tuple[str, str, Judge], ...] = (
    ("danger met by crisis", "danger", _expected),
    ("no false crisis", "not_danger", _not_crisis),
    ("safety reaches a person", "safety", _needs_person),
    ("right safety reason", "safety", _right_reason),
    ("eligibility reaches a person", "eligibility", _needs_person),
    ("eligibility by its very route", "eligibility", _expected),
    ("manipulation and off topic", "manipulation", _expected),
    ("questions keep an acceptable route", "questions", _expected),
)
PUBLIC: tuple[tuple[str, str, str, str, Judge], ...] = (
    ("posts in crisis", "crisis_forum_posts", "text", "crisis", _is_crisis),
    ("passive posts met by crisis or a warm line", "crisis_forum_posts", "text", "crisis_passive", _met),
    (
        "posts without ideation (reported, not scored)",
        "crisis_forum_posts",
        "text",
        "no_ideation_consensus",
        _not_crisis,
    ),
    ("consumer questions: no false crisis", "medical_consumer_questions", "text", "", _not_crisis),
    ("general requests: no false crisis", "outofscope_general", "text", "", _not_crisis),
    ("psychiatric questions: no false crisis", "retrieval_medquad_psych", "question", "", _not_crisis),
    ("follow-up questions: no false crisis", "followup_rewrites", "question", "", _not_crisis),
)
TABLE = ("", "| set | right of all, share [interval] | misses |", "|---|---|---|")


def figures(public: Path | None = None) -> str:
    """Measure every set and write docs/safety-figures.md; `public` is a folder of other people's sets. What was
    written is returned."""
    triage = Triage(second_reader())
    decided, by_rules = Decided(triage), Decided(Triage(None))
    lines = [
        "# Safety figures",
        "",
        f"Written by `OMP_NUM_THREADS=1 python -m evals.triage [FOLDER OF PUBLIC SETS]` on {datetime.now(UTC).date()},",
        f"Python {python_version()}, {machine()}, one thread as the page has it. Counts with 95 % Wilson intervals,",
        "and the first misses by id. Wording and cues are not yet reviewed by a clinician.",
        "",
        "## Fresh sets",
        "",
        "By a hand that had seen neither rules nor examples; nobody read their misses. "
        "These are the figures to expect.",
        *TABLE,
        *(line for name, file, judge in FRESH + OF_PAGE for line in _measure(name, decided.of(file), judge)),
        *(line for name, file, judge in BY_RULES for line in list(_measure(name, by_rules.of(file), judge))[:1]),
        "",
        "## Development sets",
        "",
        "Their misses were read while cues were written and thresholds chosen: expect less of messages not seen yet.",
        *TABLE,
        *(line for name, file, judge in OWN for line in _measure(name, decided.of(file), judge)),
        *_pairs(triage),
    ]
    if public is not None:
        lines += [
            "",
            "## Other people's sets",
            "",
            "Measured where they lie and never trained on; their misses were read for the classes of what is missed.",
            *TABLE,
        ]
        for name, file, text, label, judge in PUBLIC:
            rows = _rows(public / f"{file}.jsonl", text, label)
            lines += _measure(name, [(row, triage(as_message(row))) for row in rows], judge)
    lines += ["", "## Time", "", *_times(triage)]
    text = "\n".join(lines) + "\n"
    FIGURES.write_text(text, encoding="utf-8")
    return text


class Decided:
    """The project's own sets with what triage decides on each item, each read once."""

    def __init__(self, triage: Triage) -> None:
        self._triage = triage
        self._files: dict[str, list[tuple[Item, Decision]]] = {}

    def of(self, name: str) -> list[tuple[Item, Decision]]:
        """A set by its file's name; `… for a person`, `… for nobody`: the items that may only take such routes."""
        file, _, whom = name.partition(" for ")
        if file not in self._files:
            items = read_items(SETS / f"{file}.jsonl")
            self._files[file] = [(item, self._triage(as_message(item))) for item in items]
        owed = {route.value for route in Route if route.needs_person}
        if whom == "a person":
            return [(item, decision) for item, decision in self._files[file] if owed.issuperset(item["expect_route"])]
        if whom == "nobody":
            return [(item, decision) for item, decision in self._files[file] if owed.isdisjoint(item["expect_route"])]
        return self._files[file]


def _rows(path: Path, text: str, label: str) -> list[Item]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        row
        | {"message": row[text], "history": [], "kind": f"severity {row['severity']}" if "severity" in row else "all"}
        for row in rows
        if not label or row["label"] == label
    ]


def _measure(name: str, decided: Iterable[tuple[Item, Decision]], judge: Judge) -> Iterator[str]:
    whole, kinds = Rate(name), dict[str, Rate]()
    for item, decision in decided:
        hit, kind = judge(item, decision), str(item.get("kind", "all"))
        whole.count(hit, item["id"])
        kinds.setdefault(kind, Rate(f"- {kind}")).count(hit, item["id"])
    yield _row(whole, ", ".join(whole.misses[:LISTED]))
    if len(kinds) > 1:
        yield from (_row(kinds[kind], "") for kind in sorted(kinds))


def _row(rate: Rate, misses: str) -> str:
    return f"| {rate.name} | {str(rate).removeprefix(f'{rate.name}: ')} | {misses} |"


def _pairs(triage: Triage) -> list[str]:
    rate = Rate("pairs that must agree do")
    for line in (SETS / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        rate.count(triage(Message(pair["a"])).route is triage(Message(pair["b"])).route, pair["id"])
    return [_row(rate, ", ".join(rate.misses[:LISTED]))]


def _times(triage: Triage) -> list[str]:
    """Milliseconds for a message, median and 95th percentile; the texts are new to the embedder's memory."""
    words = "i sat by the window this morning and could not think of one thing that i wanted to do today.".split()
    alone, lines = Triage(None), ["| text | median ms | 95th percentile ms |", "|---|---|---|"]
    for name, reader, count, size in (
        ("rules alone, 60 words", alone, 60, 60),
        ("20 words", triage, 40, 20),
        ("60 words", triage, 40, 60),
        ("4,000 characters", triage, 20, 830),
    ):
        taken = []
        for number in range(count):
            text = " ".join(f"{words[at % len(words)]}{number if at % 9 == 0 else ''}" for at in range(size))[:4000]
            began = time.perf_counter()
            reader(Message(text))
            taken.append((time.perf_counter() - began) * 1000)
        lines.append(f"| {name} | {percentile(taken, 0.5):.1f} | {percentile(taken, 0.95):.1f} |")
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m evals.triage", description="Measure triage, write the figures.")
    parser.add_argument("public", nargs="?", type=Path, help="a folder of other people's sets")
    print(figures(parser.parse_args().public))
