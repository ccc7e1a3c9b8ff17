"""Fits triage's classifier from triage/examples: weights, calibration, and thresholds from the cost of a miss."""

import json
import tomllib
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage import classifier as reader
from triage.classifier import ANSWER, CHECK_IN, ELSEWHERE, Embed, group_of
from triage.decision import Reason, Route

EXAMPLES = Path(reader.__file__).parent / "examples"
QUESTIONS = Path(__file__).parent / "training" / "questions.jsonl"  # about the documents, in the project's own words
FOLDS = 5
STRENGTH = 15.0  # inverse of the ridge penalty
ROUNDS = 60
WINDOW_WEIGHT = 0.3  # a sentence of a harmless story beside a whole example

# Tables of the examples whose messages are nobody's danger and are not about the documents either.
APART = frozenset({"health_questions", "forum_without_danger", "customer_service"})

# What a miss costs, in needless hand-overs, and the share of a day's messages we expect of each kind; the examples hold
# far more danger than a day does. A kind counts where the expected cost of leaving it is the greater. With these,
# held-out false danger on harmless examples stays near 1 in 100; the figure is in classifier.json.
COST_OF_A_MISS = {Route.CRISIS: 12.0, Route.SAFETY: 1.6, Route.ELIGIBILITY: 1.2, Route.OUT_OF_SCOPE: 1.0}
EXPECTED = {Route.CRISIS: 0.01, Route.SAFETY: 0.15, Route.ELIGIBILITY: 0.1, Route.OUT_OF_SCOPE: 0.08}
WARM_COST, WARM_EXPECTED = 3.0, 0.05  # a warm line too many costs little
NEAR = 0.4  # of the threshold of danger: from here on a message gets the warm line at least
FALSE_ALARMS = 0.005  # of harmless stories, from one sentence of them alone


@dataclass(frozen=True, slots=True)
class Examples:
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What is fitted on: a row for each whole example, then one for each sentence of the long ones."""

    table: NDArray[np.float32]
    example: NDArray[np.int64]  # which example a row belongs to
    wholes: int  # the first rows, in the order of the examples


def read_examples(folder: Path = EXAMPLES) -> Examples:
    """Every example with its label: the reason its table is named by, a warm line, elsewhere, or an answer."""
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
    return Examples(tuple(labelled), tuple(labelled.values()), digest.hexdigest())


def _label(table: str) -> str:
    if table in list(Reason) or table == CHECK_IN:
        return table
    return ELSEWHERE if table in APART else ANSWER


def main() -> None:
    """Fit and say how well it went."""
    from retrieval.embedding import load_embedder

    print(fit(load_embedder(threads=2).embed))


def fit(embed: Embed) -> str:
    """Fit, calibrate on held-out folds, write both files, and return one line of figures."""
    from safetensors.numpy import save_file

    examples = read_examples()
    rows = _rows(examples.texts, embed)
    labels = tuple(sorted(set(examples.labels)))
    target = np.array([labels.index(label) for label in examples.labels])
    groups = np.array([group_of(label) for label in labels])
    fold = np.array([int(sha256(text.lower().encode()).hexdigest(), 16) % FOLDS for text in examples.texts])
    scores = np.zeros((len(rows.table), len(labels)))
    for number in range(FOLDS):
        out = fold[rows.example] == number
        weights, bias = _weights(rows, target, groups, fold != number)
        scores[out] = rows.table[out] @ weights + bias
    temperature = _temperature(scores[: rows.wholes], target)
    held_out = _softmax(scores / temperature)
    weights, bias = _weights(rows, target, groups, np.ones(len(target), bool))
    thresholds, grave = _thresholds(held_out, rows, groups[target], groups)
    card = {
        "made_by": "python -m evals fit",
        "labels": labels,
        "temperature": round(temperature, 4),
        "cost_of_a_miss": {route.value: cost for route, cost in COST_OF_A_MISS.items()},
        "expected_share": {route.value: share for route, share in EXPECTED.items()},
        "thresholds": thresholds,
        "grave": grave,
        "examples": len(target),
        "examples_sha256": examples.fingerprint,
        "held_out": _figures(held_out, rows, groups[target], groups, thresholds, grave),
    }
    save_file(
        {"weights": weights.astype(np.float16), "bias": bias.astype(np.float16)},
        reader.WEIGHTS,
    )
    reader.CARD.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return f"triage: {len(target)} examples, {len(labels)} labels, held-out {card['held_out']}"


def _rows(texts: tuple[str, ...], embed: Embed) -> Rows:
    parts = [(number, part) for number, text in enumerate(texts) for part in reader.windows(text)[1:]]
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    wholes = np.zeros((len(texts), reader.DIMENSIONS + reader.HASHED), np.float32)
    wholes[order] = reader.features([texts[number] for number in order], embed)
    pieces = reader.features([part for _, part in parts], embed)
    example = np.array([*range(len(texts)), *(number for number, _ in parts)])
    return Rows(np.vstack([wholes, pieces]), example, len(texts))


Floats = NDArray[np.float64]


def _weights(
    rows: Rows, target: NDArray[np.int64], groups: NDArray[np.str_], chosen: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Fit on whole examples and the sentences of harmless ones, then again with the telling sentence of each long
    message that is not harmless: (features, labels) and (labels,)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    kept = chosen[rows.example]
    whole = np.arange(len(rows.table)) < rows.wholes
    harmless = np.isin(groups[target][rows.example], [ANSWER, ELSEWHERE])
    weight = np.where(whole, 1.0, WINDOW_WEIGHT)
    use = kept & (whole | harmless)
    for last in (False, True):
        model = LogisticRegression(C=STRENGTH, max_iter=ROUNDS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is part of the regularisation
            model.fit(rows.table[use], target[rows.example][use], sample_weight=weight[use])
        if not last:
            use = use | _telling(rows, model.predict_proba(rows.table), target, kept & ~whole & ~harmless)
            weight[use & ~whole & ~harmless] = 1.0
    count = len(groups)
    weights, bias = np.zeros((rows.table.shape[1], count)), np.full(count, -20.0)
    weights[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return weights, bias


def _telling(rows: Rows, table: Floats, target: NDArray[np.int64], candidates: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of each long example, the one sentence that speaks most for its label."""
    best: dict[int, int] = {}
    for row in np.flatnonzero(candidates):
        example = int(rows.example[row])
        label = target[example]
        if example not in best or table[row, label] > table[best[example], label]:
            best[example] = int(row)
    telling = np.zeros(len(rows.table), bool)
    telling[list(best.values())] = True
    return telling


def _thresholds(
    held_out: Floats, rows: Rows, truth: NDArray[np.str_], groups: NDArray[np.str_]
) -> tuple[dict[str, float], float]:
    """The least probability that counts for each kind, and for danger in one sentence of a longer text."""
    found = {
        route.value: _threshold(COST_OF_A_MISS[route], EXPECTED[route], float((truth == route.value).mean()))
        for route in COST_OF_A_MISS
    }
    found[CHECK_IN] = _threshold(WARM_COST, WARM_EXPECTED, float((truth == CHECK_IN).mean()))
    found["near_danger"] = round(NEAR * found[Route.CRISIS.value], 4)
    danger = held_out[rows.wholes :, groups == Route.CRISIS.value].sum(axis=1)
    example = rows.example[rows.wholes :]
    highest = np.zeros(len(truth))
    np.maximum.at(highest, example, danger)
    long = np.isin(np.arange(len(truth)), example) & np.isin(truth, [ANSWER, ELSEWHERE])
    grave = float(np.quantile(highest[long], 1 - FALSE_ALARMS)) if long.any() else 1.0
    return found, round(max(grave, found[Route.CRISIS.value]), 4)


def _threshold(cost: float, expected: float, share: float) -> float:
    """From here on a miss costs more than a needless hand-over, once the odds are those of a day's messages."""
    shift = (expected / (1 - expected)) / (share / (1 - share))
    odds = 1 / (cost * shift)
    return round(odds / (1 + odds), 4)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _temperature(scores: Floats, target: NDArray[np.int64]) -> float:
    """The one number that makes held-out probabilities honest: least log loss on a grid."""
    rows = np.arange(len(target))
    grid = np.geomspace(0.3, 5.0, 60)
    return float(min(grid, key=lambda t: -np.log(_softmax(scores / t)[rows, target] + 1e-12).mean()))


def _figures(
    held_out: Floats,
    rows: Rows,
    truth: NDArray[np.str_],
    groups: NDArray[np.str_],
    thresholds: dict[str, float],
    grave: float,
) -> dict[str, str]:
    """On held-out folds and by this reader alone: for each kind how many were found, and false danger."""
    whole = held_out[: rows.wholes]
    found: dict[str, str] = {}
    for name, least in thresholds.items():
        of = truth == name
        if of.any():
            found[name] = f"{int((whole[of][:, groups == name].sum(axis=1) >= least).sum())}/{int(of.sum())}"
    danger = np.zeros(len(truth), bool)
    danger |= whole[:, groups == Route.CRISIS.value].sum(axis=1) >= thresholds[Route.CRISIS.value]
    inside = held_out[rows.wholes :, groups == Route.CRISIS.value].sum(axis=1) >= grave
    danger[rows.example[rows.wholes :][inside]] = True
    for name in (Route.CRISIS.value, ANSWER, ELSEWHERE, CHECK_IN, Route.SAFETY.value):
        key = "danger, a sentence of it too" if name == Route.CRISIS.value else f"false danger, {name}"
        found[key] = f"{int(danger[truth == name].sum())}/{int((truth == name).sum())}"
    return found
