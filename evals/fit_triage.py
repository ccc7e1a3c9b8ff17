"""Fits triage's classifier from triage/examples: the encoder tuned on them, curves, and thresholds from costs."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import BadInput
from evals.tuning import Chances, Row, Singles, read_layers, tune, write_layers
from knowledge.library import SHIPPED, read_folder
from retrieval.embedding import load_tuned
from triage import classifier as reader
from triage.classifier import ANSWER, CHECK_IN, ELSEWHERE, OF_THE_PAGE, Embed, Vectors, group_of
from triage.decision import Decision, Message, Reason, Route
from triage.triage import Triage

EXAMPLES = Path(reader.__file__).parent / "examples"
QUESTIONS = Path(__file__).parent / "training" / "questions.jsonl"  # about the documents, in the project's own words
MESSAGES = Path(__file__).parent / "training"  # messages_*.jsonl: once other hands' sets to measure by, whole now
KEPT_BACK = 20  # one situation in so many is tuned on by nobody: the curves are fitted to it
ALIKE = 0.85  # cosine from which two examples count as one situation and stay on one side of the split
AT_ONCE = 2_000  # examples compared with all others in one go
NEWEST = 0.65  # of the layers just tuned, in their mean with those fitted before, which errs less than either
CALM = 0.5  # of the long harmless examples, each round, give one of their sentences to learn from as well

# Tables of the examples whose messages are nobody's danger and are not about the documents either.
APART = frozenset({"health_questions", "forum_without_danger", "customer_service"})

# What the documents are asked stands beside their passages. Of these topics they only say that they are silent, and a
# person is owed; and so it is wherever somebody asks about their own prospects.
OWED = frozenset(
    "addiction age-limits causes dose emergency medicine-changes money-details other-conditions other-medicines"
    " preparation-and-driving relatives rules-in-or-out scheduling self-help side-effects tests-before".split()
)
OWN_PROSPECTS = re.compile(
    r"\b(?:am i|are we|(?:for|fix|help|cure|change|suit) (?:me|my|us|him|her)|i (?:qualify|count|fit)"
    r"|(?:should|would) i be|me (?:va|sirve|ayud\w+|conviene)|para m[ií]|soy|califico)\b",
    re.IGNORECASE,
)

# What a miss costs, in needless hand-overs, and the share of a day's messages we expect of each kind; the examples hold
# far more danger than a day does. A kind counts where the expected cost of leaving it is the greater.
COST_OF_A_MISS = {Route.CRISIS: 15.0, Route.SAFETY: 1.6, Route.ELIGIBILITY: 0.8, Route.OUT_OF_SCOPE: 0.11}
EXPECTED = {Route.CRISIS: 0.01, Route.SAFETY: 0.15, Route.ELIGIBILITY: 0.1, Route.OUT_OF_SCOPE: 0.08}
WARM_COST, WARM_EXPECTED = 3.0, 0.05  # a warm line too many costs little
PAGE_COST, PAGE_EXPECTED = 1.0, 0.04  # of a wish for a person or a question about the page, taken for another
NEAR = 0.4  # of the odds of danger: from here on a message gets the warm line at least
LONG = 1.5  # times the odds of danger, of a text of several sentences: each of them may be mistaken
THOUGH_WELL = 12.0  # times the odds of danger, where the writer says they are well or no sentence speaks of it

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Examples:
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    fingerprint: str


def read_examples(folder: Path = EXAMPLES) -> Examples:
    """Every example with its label: the reason its table is named by, a warm line, elsewhere, or an answer. Raises
    BadInput where a line's label is not what it expects."""
    labelled: dict[str, str] = {}
    digest = sha256()
    for file in sorted(folder.glob("*.toml")):
        digest.update(file.read_bytes())
        for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if isinstance(table, dict):
                for lines in table.values():
                    labelled |= dict.fromkeys(lines, _label(name))
    digest.update(QUESTIONS.read_bytes())
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["history"]:
            labelled[row["message"]] = Reason.OFF_TOPIC.value if row["coverage"] == "off_topic" else ANSWER
    for file in sorted(MESSAGES.glob("messages_*.jsonl")):
        digest.update(file.read_bytes())
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if not row["history"]:
                label = _label((row["expect_reason"] or [row["kind"]])[0])
                expected = {Route.CRISIS} if group_of(label) == Route.CRISIS else {*Route} - {Route.CRISIS}
                if expected.isdisjoint(row["expect_route"]):
                    raise BadInput(f"{file.name}: {row['id']} is labelled {label}, and expects {row['expect_route']}.")
                labelled[row["message"]] = label
    return Examples(tuple(labelled), tuple(labelled.values()), digest.hexdigest())


def _label(table: str) -> str:
    if table in list(Reason) or table == CHECK_IN:
        return table
    return ELSEWHERE if table in APART else ANSWER


def asked_of_documents() -> tuple[str, ...]:
    """What the shipped documents are asked and may answer, by their `asked as` lines: messages that need no person."""
    by_rules = Triage(None)
    return tuple(
        line
        for passage in read_folder(SHIPPED).passages.values()
        if not (passage.is_gap and passage.topic in OWED)
        for line in passage.asked_as
        if not OWN_PROSPECTS.search(line) and _is_plain(by_rules(Message(line)))
    )


def _is_plain(decision: Decision) -> bool:
    return decision.route is Route.ANSWER and not decision.reasons


def main() -> None:
    """Fit and say how well it went."""
    from retrieval.embedding import load_embedder

    print(fit(load_embedder(threads=2).embed))


def fit(packaged: Embed) -> str:
    """Tune the encoder, fit the curves to what was kept back, write the three files, and return one line of figures.
    An encoder tuned on these very examples is kept with its curves: then costs alone have changed, and the figures of
    what was kept back stay those of the tuning. `packaged` is the packaged model: what is alike by it stays on one
    side."""
    examples = _with_asked(read_examples())
    labels = tuple(sorted(set(examples.labels)))
    whole = np.array([group_of(label) for label in examples.labels])
    thresholds = _thresholds(whole)
    held = json.loads(reader.CARD.read_text(encoding="utf-8")) if reader.load_classifier() else {}
    if held.get("examples_sha256") != examples.fingerprint:
        held = _tuned(examples, labels, packaged, thresholds)
    card = {
        "made_by": "python -m evals fit triage",
        "labels": labels,
        "curves": held["curves"],
        "cost_of_a_miss": {route.value: cost for route, cost in COST_OF_A_MISS.items()},
        "expected_share": {route.value: share for route, share in EXPECTED.items()},
        "thresholds": thresholds,
        "examples": len(examples.texts),
        "examples_sha256": examples.fingerprint,
        **reader.hashes(),
        "kept_back": held["kept_back"],
    }
    reader.CARD.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return f"triage: {len(examples.texts)} examples, {len(labels)} labels, kept back {card['kept_back']}"


def _with_asked(examples: Examples) -> Examples:
    """The examples and what the documents are asked; the fingerprint is that of the examples alone."""
    known = set(examples.texts)
    asked = [line for line in dict.fromkeys(asked_of_documents()) if line not in known]
    return replace(examples, texts=(*examples.texts, *asked), labels=(*examples.labels, *[ANSWER] * len(asked)))


def _tuned(
    examples: Examples, labels: tuple[str, ...], packaged: Embed, thresholds: dict[str, float]
) -> dict[str, dict[str, dict[str, float]] | dict[str, str]]:
    """Tune the encoder and its head, and write both, mixed with those fitted before.
    Returns the curves and the figures of what was kept back, of the newly tuned alone: the others may have seen it."""
    from safetensors.numpy import load_file, save_file

    before: tuple[dict[str, Singles], dict[str, Singles]] | None = None
    if fitted := reader.load_classifier():
        before = read_layers(reader.ENCODER), load_file(reader.WEIGHTS)
    target = np.array([labels.index(label) for label in examples.labels])
    groups = np.array([group_of(label) for label in labels])
    back = _situations(packaged(examples.texts)) % KEPT_BACK == 0
    tuned = tune(partial(_rows, examples.texts, target, groups, ~back), len(labels))
    write_layers(tuned.state, reader.ENCODER)
    save_file({"head": tuned.head, "bias": tuned.bias}, reader.WEIGHTS)
    known, read = reader.Classifier(labels, tuned.head, tuned.bias, {}, {}), load_tuned(reader.ENCODER, threads=2)
    tables = [known.chances(reader.windows(examples.texts[number]), read) for number in np.flatnonzero(back).tolist()]
    truth = groups[target][back]
    curves, chances = {}, {}
    for kind in (*(route.value for route in COST_OF_A_MISS), CHECK_IN, *(reason.value for reason in OF_THE_PAGE)):
        curves[kind], chances[kind] = _curve([known.odds(table, kind) for table in tables], truth == kind)
    if before and fitted:
        write_layers(_mixed(before[0], read_layers(reader.ENCODER)), reader.ENCODER)
        newest = load_file(reader.WEIGHTS)
        save_file(_mixed(_relabelled(before[1], fitted.labels, newest, labels), newest), reader.WEIGHTS)
    return {"curves": curves, "kept_back": _figures(chances, truth, thresholds)}


def _relabelled(
    head: dict[str, Singles], had: tuple[str, ...], newest: dict[str, Singles], labels: tuple[str, ...]
) -> dict[str, Singles]:
    """A head for other labels: its own numbers where it had them, the newest where it had not."""
    known = [(labels.index(label), had.index(label)) for label in labels if label in had]
    there, here = ([pair[side] for pair in known] for side in (0, 1))
    found = {name: numbers.copy() for name, numbers in newest.items()}
    for name in found:
        found[name][..., there] = head[name][..., here]
    return found


def _mixed(before: dict[str, Singles], newest: dict[str, Singles]) -> dict[str, Singles]:
    return {name: (1 - NEWEST) * before[name] + NEWEST * newest[name] for name in newest}


def _rows(
    texts: Sequence[str],
    target: Numbers,
    groups: NDArray[np.str_],
    chosen: NDArray[np.bool_],
    number: int,
    read: Chances,
) -> list[Row]:
    """What a round learns from: the chosen examples whole, of long harmless ones now and then a sentence as well, and,
    once the model has a first idea, of the other long ones the sentence that speaks most for their label."""
    chance = np.random.default_rng(number)
    rows = [Row(texts[example], int(target[example])) for example in np.flatnonzero(chosen).tolist()]
    parts: list[Row] = []
    for example in np.flatnonzero(chosen).tolist():
        sentences = reader.windows(texts[example])[1:]
        if not sentences:
            continue
        if groups[target[example]] in (ANSWER, ELSEWHERE):
            if chance.random() < CALM:
                rows.append(Row(str(chance.choice(sentences)), int(target[example])))
        elif number > 0:
            parts += [Row(sentence, int(example)) for sentence in sentences]
    said = read([part.text for part in parts])
    best: dict[int, tuple[float, str]] = {}
    for part, scores in zip(parts, said, strict=True):
        best[part.label] = max(best.get(part.label, (0.0, "")), (float(scores[target[part.label]]), part.text))
    return rows + [Row(text, int(target[example])) for example, (_, text) in best.items() if text]


def _situations(vectors: Vectors) -> Numbers:
    """The number of each example's situation, in chance order. Examples alike in meaning, and what is alike to those,
    share one."""
    from scipy.sparse import csr_array, vstack
    from scipy.sparse.csgraph import connected_components

    starts = range(0, len(vectors), AT_ONCE)  # the whole table would be ten gigabytes
    alike = vstack([csr_array(vectors[at : at + AT_ONCE] @ vectors.T >= ALIKE) for at in starts], format="csr")
    _, situation = connected_components(alike, directed=False)
    return np.asarray(np.random.default_rng(7).permutation(situation.max() + 1)[situation], np.int64)


def _curve(odds: Sequence[Vectors], truth: NDArray[np.bool_]) -> tuple[dict[str, float], Floats]:
    """The logistic curve from the log odds of texts and their sentences to a probability, and the probabilities."""
    from sklearn.linear_model import LogisticRegression

    table = np.array([[one[0], one[1:].max() if len(one) > 1 else one[0], len(one) > 1] for one in odds])
    model = LogisticRegression(C=100.0).fit(table, truth)
    names = ("whole", "sentence", "long", "offset")
    numbers = (*model.coef_[0], model.intercept_[0])
    return {name: round(float(value), 4) for name, value in zip(names, numbers, strict=True)}, np.asarray(
        model.predict_proba(table)[:, 1]
    )


def _thresholds(truth: NDArray[np.str_]) -> dict[str, float]:
    """The least probability that counts for each kind."""
    found = {
        route.value: _threshold(COST_OF_A_MISS[route], EXPECTED[route], float((truth == route.value).mean()))
        for route in COST_OF_A_MISS
    }
    for kind in OF_THE_PAGE:
        found[kind.value] = _threshold(PAGE_COST, PAGE_EXPECTED, float((truth == kind.value).mean()))
    found[CHECK_IN] = _threshold(WARM_COST, WARM_EXPECTED, float((truth == CHECK_IN).mean()))
    danger = found[Route.CRISIS.value] / (1 - found[Route.CRISIS.value])
    found["near_danger"] = _chance(danger * NEAR)
    found["long"] = _chance(danger * LONG)
    found["though_well"] = _chance(danger * THOUGH_WELL)
    return found


def _threshold(cost: float, expected: float, share: float) -> float:
    """From here on a miss costs more than a needless hand-over, once the odds are those of a day's messages."""
    shift = (expected / (1 - expected)) / (share / (1 - share))
    return _chance(1 / (cost * shift))


def _chance(odds: float) -> float:
    return round(odds / (1 + odds), 4)


def _figures(chances: dict[str, Floats], truth: NDArray[np.str_], thresholds: dict[str, float]) -> dict[str, str]:
    """On what was kept back and by this reader alone: for each kind how many were found, and false danger."""
    found = {
        kind: f"{int((chances[kind][truth == kind] >= thresholds[kind]).sum())}/{int((truth == kind).sum())}"
        for kind in chances
    }
    danger = chances[Route.CRISIS.value] >= thresholds[Route.CRISIS.value]
    for kind in (ANSWER, ELSEWHERE, CHECK_IN, Route.SAFETY.value, Route.ELIGIBILITY.value, Route.OUT_OF_SCOPE.value):
        found[f"false danger, {kind}"] = f"{int(danger[truth == kind].sum())}/{int((truth == kind).sum())}"
    return found
