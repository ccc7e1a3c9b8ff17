"""Fits triage's classifier from triage/examples: weights, calibration, and thresholds from the cost of a miss."""

import json
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage import classifier as reader
from triage.classifier import Embed, Vectors
from triage.decision import Route

EXAMPLES = Path(reader.__file__).parent / "examples"
FOLDS = 5
RIDGE = 0.3

# How many needless hand-overs one miss is worth. The thresholds follow from these and from nothing else.
COST_OF_A_MISS = {Route.CRISIS: 2.0, Route.SAFETY: 1.5, Route.ELIGIBILITY: 1.0, Route.OUT_OF_SCOPE: 0.3}
CHECK_IN_COST = 1.5
GRAVE_COST = 0.35  # a single window of a longer text; there are many of them in a message


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
    return Examples(tuple(texts), tuple(labels), digest.hexdigest())


def fit(embed: Embed) -> str:
    """Fit, calibrate on held-out folds, write both files, and return one line of figures."""
    from safetensors.numpy import save_file

    examples = read_examples()
    table = reader.features(examples.texts, embed)
    labels = tuple(sorted(set(examples.labels)))
    target = np.array([labels.index(label) for label in examples.labels])
    near = reader.nearness(table, table).astype(np.float64)
    scores = np.zeros((len(target), len(labels)))
    fold = np.array([int(sha256(text.lower().encode()).hexdigest(), 16) % FOLDS for text in examples.texts])
    for number in range(FOLDS):
        kept, out = fold != number, fold == number
        scores[out] = near[np.ix_(out, kept)] @ _weights(near[np.ix_(kept, kept)], target[kept], len(labels))
    temperature = _temperature(scores, target)
    held_out = _softmax(scores / temperature)
    weights = _weights(near, target, len(labels))
    card = {
        "made_by": "python -m evals fit",
        "labels": labels,
        "temperature": round(temperature, 4),
        "cost_of_a_miss": {route.value: cost for route, cost in COST_OF_A_MISS.items()},
        "thresholds": {
            **{route.value: round(1 / (1 + cost), 4) for route, cost in COST_OF_A_MISS.items()},
            reader.CHECK_IN: round(1 / (1 + CHECK_IN_COST), 4),
        },
        "grave": round(1 / (1 + GRAVE_COST), 4),
        "examples": len(target),
        "examples_sha256": examples.fingerprint,
        "held_out": _figures(held_out, target, labels),
    }
    kept_as = {"landmarks": table, "weights": weights}
    save_file({name: np.ascontiguousarray(value, np.float16) for name, value in kept_as.items()}, reader.WEIGHTS)
    reader.CARD.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return f"triage: {len(target)} examples, {len(labels)} labels, held-out {card['held_out']}"


def _weights(near: NDArray[np.float64], target: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Regularised least squares on one column a label: (examples, labels)."""
    wanted = np.eye(count)[target]
    return np.asarray(np.linalg.solve(near + RIDGE * np.eye(len(target)), wanted))


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _temperature(scores: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """The one number that makes held-out probabilities honest: least log loss on a grid."""
    rows = np.arange(len(target))
    grid = np.geomspace(0.02, 1.0, 60)
    return float(min(grid, key=lambda t: -np.log(_softmax(scores / t)[rows, target] + 1e-12).mean()))


def _figures(table: NDArray[np.float64], target: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, str]:
    """Right on held-out folds: hits of n, by route and for the exact label."""
    routes = [reader.route_of(label) for label in labels]
    guessed = table.argmax(axis=1)
    figures = {"label": f"{int((guessed == target).sum())}/{len(target)}"}
    for route in dict.fromkeys(routes):
        rows = [number for number, label in enumerate(target) if routes[label] is route]
        right = sum(routes[guessed[number]] is route for number in rows)
        figures[route.value] = f"{right}/{len(rows)}"
    return figures
