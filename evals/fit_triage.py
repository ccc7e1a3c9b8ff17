"""Fits triage's classifier from triage/examples: weights, calibration, and thresholds from the cost of a miss."""

import json
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage import classifier as reader
from triage.classifier import Embed
from triage.decision import Route

EXAMPLES = Path(reader.__file__).parent / "examples"
QUESTIONS = Path(__file__).parent / "training" / "questions.jsonl"  # answerable questions, the project's own words
FOLDS = 5
EVERY = 4  # of the questions, so that they do not drown the other examples
RIDGE = 0.3

# How many needless hand-overs one further miss is worth, once the rules have read the message. The thresholds follow
# from these and from nothing else: a label counts from a probability of 1 / (1 + cost) on.
COST_OF_A_MISS = {Route.CRISIS: 0.6, Route.SAFETY: 1.2, Route.ELIGIBILITY: 0.8, Route.OUT_OF_SCOPE: 0.6}
CHECK_IN_COST = 1.5  # a warm line too many costs little; it also stands where danger is only suspected
GRAVE_COST = 0.12  # a single window of a longer text; there are many of them in a message


@dataclass(frozen=True, slots=True)
class Examples:
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    fingerprint: str


def read_examples(folder: Path = EXAMPLES) -> Examples:
    """Every example with its label: the table's name, or `answer` for all tables of answer.toml."""
    texts: list[str] = []
    labels: list[str] = []
    digest = sha256()
    for file in sorted(folder.glob("*.toml")):
        digest.update(file.read_bytes())
        for name, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if isinstance(table, dict):
                for lines in table.values():
                    texts += lines
                    labels += [reader.ANSWER if file.stem == "answer" else name] * len(lines)
    digest.update(QUESTIONS.read_bytes())
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines()[::EVERY]:
        row = json.loads(line)
        if not row["history"]:
            texts.append(row["message"])
            labels.append(reader.ANSWER)
    return Examples(tuple(texts), tuple(labels), digest.hexdigest())


def main() -> None:
    """Fit and say how well it went."""
    from retrieval.embedding import load_embedder

    print(fit(load_embedder(threads=2).embed))


def fit(embed: Embed) -> str:
    """Fit, calibrate on held-out folds, write both files, and return one line of figures."""
    from safetensors.numpy import save_file

    examples = read_examples()
    table = reader.features(examples.texts, embed)
    labels = tuple(sorted(set(examples.labels)))
    target = np.array([labels.index(label) for label in examples.labels])
    groups = tuple(sorted({reader.group_of(label) for label in labels}))
    group = np.array([groups.index(reader.group_of(label)) for label in examples.labels])
    wanted = np.hstack([np.eye(len(labels))[target], np.eye(len(groups))[group]])
    near = reader.nearness(table, table, (table**2).sum(axis=1)).astype(np.float64)
    scores = np.zeros_like(wanted)
    fold = np.array([int(sha256(text.lower().encode()).hexdigest(), 16) % FOLDS for text in examples.texts])
    for number in range(FOLDS):
        kept, out = fold != number, fold == number
        scores[out] = near[np.ix_(out, kept)] @ _weights(near[np.ix_(kept, kept)], wanted[kept], group[kept])
    decided = scores[:, len(labels) :]
    temperature = _temperature(decided, group)
    held_out = _softmax(decided / temperature)
    weights = _weights(near, wanted, group)
    card = {
        "made_by": "python -m evals fit",
        "labels": labels,
        "groups": groups,
        "temperature": round(temperature, 4),
        "cost_of_a_miss": {route.value: cost for route, cost in COST_OF_A_MISS.items()},
        "thresholds": {
            **{route.value: round(1 / (1 + cost), 4) for route, cost in COST_OF_A_MISS.items()},
            reader.CHECK_IN: round(1 / (1 + CHECK_IN_COST), 4),
            "near_danger": round(1 / (1 + CHECK_IN_COST), 4),
        },
        "grave": round(1 / (1 + GRAVE_COST), 4),
        "examples": len(target),
        "examples_sha256": examples.fingerprint,
        "held_out": _figures(held_out, group, groups),
    }
    kept_as = {"landmarks": table, "weights": weights}
    save_file({name: np.ascontiguousarray(value, np.float16) for name, value in kept_as.items()}, reader.WEIGHTS)
    reader.CARD.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return f"triage: {len(target)} examples, {len(labels)} labels, held-out {card['held_out']}"


def _weights(near: NDArray[np.float64], wanted: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Regularised least squares, rare groups weighing more by the root of their rarity: (examples, columns)."""
    sizes = np.bincount(group)[group]
    return np.asarray(np.linalg.solve(near + np.diag(RIDGE * np.sqrt(sizes / sizes.mean())), wanted))


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _temperature(scores: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """The one number that makes held-out probabilities honest: least log loss on a grid."""
    rows = np.arange(len(target))
    grid = np.geomspace(0.02, 1.0, 60)
    return float(min(grid, key=lambda t: -np.log(_softmax(scores / t)[rows, target] + 1e-12).mean()))


def _figures(table: NDArray[np.float64], group: NDArray[np.int64], groups: tuple[str, ...]) -> dict[str, str]:
    """Right on held-out folds: hits of n, for each group."""
    guessed = table.argmax(axis=1)
    return {
        name: f"{int((guessed[group == number] == number).sum())}/{int((group == number).sum())}"
        for number, name in enumerate(groups)
    }
