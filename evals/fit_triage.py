"""Fits triage's classifier from triage/examples: what each example says, curves, and thresholds from costs."""

import json
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage import classifier as reader
from triage.classifier import ANSWER, CHECK_IN, DIMENSIONS, ELSEWHERE, Embed, group_of
from triage.decision import Reason, Route

EXAMPLES = Path(reader.__file__).parent / "examples"
QUESTIONS = Path(__file__).parent / "training" / "questions.jsonl"  # about the documents, in the project's own words
FOLDS = 4
ALIKE = 0.85  # cosine from which two examples count as one situation and stay on one side of a split
RIDGE = 0.3
LANDMARKS = 3072  # examples that meaning is compared with, half of them danger
WINDOW_WEIGHT = 0.3  # a sentence of a harmless story beside a whole example

# Tables of the examples whose messages are nobody's danger and are not about the documents either.
APART = frozenset({"health_questions", "forum_without_danger", "customer_service"})

# What a miss costs, in needless hand-overs, and the share of a day's messages we expect of each kind; the examples hold
# far more danger than a day does. A kind counts where the expected cost of leaving it is the greater.
COST_OF_A_MISS = {Route.CRISIS: 9.0, Route.SAFETY: 1.6, Route.ELIGIBILITY: 1.2, Route.OUT_OF_SCOPE: 0.85}
EXPECTED = {Route.CRISIS: 0.01, Route.SAFETY: 0.15, Route.ELIGIBILITY: 0.1, Route.OUT_OF_SCOPE: 0.08}
WARM_COST, WARM_EXPECTED = 3.0, 0.05  # a warm line too many costs little
NEAR = 0.4  # of the odds of danger: from here on a message gets the warm line at least
LONG = 1.5  # times the odds of danger, of a text of several sentences: each of them may be mistaken
THOUGH_WELL = 12.0  # times the odds of danger, where the writer says they are well or no sentence speaks of it

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Examples:
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What is fitted on: a row for each whole example, then one for each sentence of the long ones."""

    table: Singles
    example: Numbers  # which example a row belongs to
    wholes: int  # the first rows, in the order of the examples
    landmarks: Numbers  # the rows that meaning is compared with
    back: Singles  # (landmarks, landmarks): from weights of `inputs` to what nearness to a landmark says
    inputs: (
        Singles  # (rows, landmarks + hashed + 1): a row's nearness to landmarks, made independent; words; a constant
    )


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
    labels = tuple(sorted(set(examples.labels)))
    target = np.array([labels.index(label) for label in examples.labels])
    groups = np.array([group_of(label) for label in labels])
    rows = _rows(examples.texts, embed, groups[target] == Route.CRISIS.value)
    weight = _row_weights(rows, target, groups)
    side = _folds(rows)[rows.example]
    fold = np.where(weight > 0, side, -1)
    shares = [_normal(rows, target, len(labels), weight, fold == number) for number in range(FOLDS)]
    gram, wanted = shares[0][0].copy(), shares[0][1].copy()
    for more, and_more in shares[1:]:
        gram += more
        wanted += and_more
    held_out = np.zeros((len(rows.table), len(labels)), np.float32)
    for number, share in enumerate(shares):
        out = side == number
        held_out[out] = rows.inputs[out] @ _solve(gram - share[0], wanted - share[1])
    found = _solve(gram, wanted)
    kinds = [*(route.value for route in COST_OF_A_MISS), CHECK_IN]
    truth = groups[target]
    curves, chances = {}, {}
    for kind in kinds:
        curves[kind], chances[kind] = _curve(held_out[:, groups == kind].sum(axis=1), rows, truth == kind)
    thresholds = _thresholds(truth)
    scale, landmarks = reader.pack(rows.table[rows.landmarks, :DIMENSIONS])
    count = len(landmarks)
    card = {
        "made_by": "python -m evals fit",
        "labels": labels,
        "scale": scale,
        "curves": curves,
        "cost_of_a_miss": {route.value: cost for route, cost in COST_OF_A_MISS.items()},
        "expected_share": {route.value: share for route, share in EXPECTED.items()},
        "thresholds": thresholds,
        "examples": len(target),
        "examples_sha256": examples.fingerprint,
        "held_out": _figures(chances, truth, thresholds),
    }
    save_file(
        {
            "landmarks": landmarks,
            "pull": np.ascontiguousarray(rows.back @ found[:count]),
            "words": np.ascontiguousarray(found[count:-1], np.float16),
            "bias": np.ascontiguousarray(found[-1]),
        },
        reader.WEIGHTS,
    )
    reader.CARD.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return f"triage: {len(target)} examples, {len(labels)} labels, held-out {card['held_out']}"


def _rows(texts: tuple[str, ...], embed: Embed, danger: NDArray[np.bool_]) -> Rows:
    parts = [(number, part) for number, text in enumerate(texts) for part in reader.windows(text)[1:]]
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    table = np.zeros((len(texts) + len(parts), reader.FEATURES), np.float32)
    table[order] = reader.features([texts[number] for number in order], embed)
    table[len(texts) :] = reader.features([part for _, part in parts], embed)
    example = np.array([*range(len(texts)), *(number for number, _ in parts)])
    chance = np.random.default_rng(7)
    landmarks = np.concatenate(
        [
            chance.permutation(np.flatnonzero(of))[: share // 2]
            for of, share in ((danger, LANDMARKS), (~danger, LANDMARKS))
        ]
    )
    scale, whole_numbers = reader.pack(table[landmarks, :DIMENSIONS])
    marks = reader.unpack(whole_numbers, scale)  # as they will be read again
    among = reader.nearness(marks, marks)
    values, vectors = np.linalg.eigh(among.astype(np.float64))
    back = (vectors / np.sqrt(np.maximum(values, 1e-3))).astype(np.float32)
    near = reader.nearness(table[:, :DIMENSIONS], marks) @ back
    constant = np.ones((len(table), 1), np.float32)  # the bias
    inputs = np.hstack([near, table[:, DIMENSIONS:], constant])
    return Rows(table, example, len(texts), landmarks, back, inputs)


def _row_weights(rows: Rows, target: Numbers, groups: NDArray[np.str_]) -> Floats:
    """How much each row counts: whole examples; less, the sentences of harmless ones; and of each other long example
    the sentence that speaks most for its label."""
    whole = np.arange(len(rows.table)) < rows.wholes
    harmless = np.isin(groups[target][rows.example], [ANSWER, ELSEWHERE])
    weight = np.where(whole, 1.0, np.where(harmless, WINDOW_WEIGHT, 0.0))
    candidates = ~whole & ~harmless
    scores = np.zeros((len(weight), len(groups)), np.float32)
    first = _solve(*_normal(rows, target, len(groups), weight, weight > 0))
    scores[candidates] = rows.inputs[candidates] @ first
    best: dict[int, int] = {}
    for row in np.flatnonzero(candidates):
        example = int(rows.example[row])
        label = target[example]
        if example not in best or scores[row, label] > scores[best[example], label]:
            best[example] = int(row)
    weight[list(best.values())] = 1.0
    return weight


def _normal(
    rows: Rows, target: Numbers, labels: int, weight: Floats, chosen: NDArray[np.bool_]
) -> tuple[Singles, Singles]:
    """What the chosen rows add to the normal equations of a ridge regression on `inputs`: (inputs, inputs) and
    (inputs, labels). They add up, so that leaving out a fold is a subtraction."""
    table = rows.inputs[chosen] * np.sqrt(weight[chosen, None]).astype(np.float32)
    wanted = np.zeros((len(table), labels), np.float32)
    wanted[np.arange(len(table)), target[rows.example[chosen]]] = np.sqrt(weight[chosen])
    return table.T @ table, table.T @ wanted


def _solve(gram: Singles, wanted: Singles) -> Singles:
    """(inputs, labels): what each input says for each label."""
    from scipy.linalg import cho_factor, cho_solve

    ridge = gram.copy()
    ridge[np.diag_indices(len(ridge))] += RIDGE
    return np.asarray(cho_solve(cho_factor(ridge, lower=True, overwrite_a=True), wanted), np.float32)


def _folds(rows: Rows) -> Numbers:
    """The fold of each example. Examples alike in meaning, and what is alike to those, share one."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    wholes = rows.table[: rows.wholes, :DIMENSIONS]
    alike = csr_array(wholes @ wholes.T >= ALIKE)
    _, situation = connected_components(alike, directed=False)
    shuffled = np.random.default_rng(7).permutation(situation.max() + 1)
    return np.asarray(shuffled[situation] % FOLDS, np.int64)


def _curve(scores: Singles, rows: Rows, truth: NDArray[np.bool_]) -> tuple[dict[str, float], Floats]:
    """The logistic curve from held-out scores to a probability, and the probabilities of the examples."""
    from sklearn.linear_model import LogisticRegression

    whole = scores[: rows.wholes]
    best = np.full(rows.wholes, -np.inf, np.float32)
    np.maximum.at(best, rows.example[rows.wholes :], scores[rows.wholes :])
    long = np.isfinite(best)
    table = np.column_stack([whole, np.where(long, best, whole), long])
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
    """On held-out folds and by this reader alone: for each kind how many were found, and false danger."""
    found = {
        kind: f"{int((chances[kind][truth == kind] >= thresholds[kind]).sum())}/{int((truth == kind).sum())}"
        for kind in chances
    }
    danger = chances[Route.CRISIS.value] >= thresholds[Route.CRISIS.value]
    for kind in (ANSWER, ELSEWHERE, CHECK_IN, Route.SAFETY.value, Route.ELIGIBILITY.value, Route.OUT_OF_SCOPE.value):
        found[f"false danger, {kind}"] = f"{int(danger[truth == kind].sum())}/{int((truth == kind).sum())}"
    return found
