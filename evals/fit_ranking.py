"""Fitting the ranking: weights that put a question's passages before the others, from the project's own questions."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from conversation.understanding import understand
from evals.items import Item, as_message, read_items
from evals.leaflets import Leaflets
from evals.measures import Rate
from knowledge.library import Library
from retrieval.evidence import Evidence
from retrieval.ranking import FEATURES, KINDS, LEXICAL_FEATURES, WEIGHTS
from retrieval.search import Search

TRAINING = Path(__file__).parent / "training" / "questions.jsonl"
FOLDS = 5
NEAREST = 40  # candidates a question is fitted against, by the plain sum of their features
# What comes with `asked as` lines, gaps and declared facts alone.
OF_HELP = ("dense_asked", "dense_asked_3", "words", "words_asked", "gap", "route")
RIDGE = 0.3  # pull of the weights towards zero, per weight


@dataclass(frozen=True, slots=True)
class Example:
    """One question: its candidates' features, which of them answer it, which are counted neither way."""

    id: str
    passages: tuple[str, ...]
    features: NDArray[np.float64]  # (candidates, features)
    right: NDArray[np.bool_]
    counts: NDArray[np.bool_]  # False for a twin topic of a right passage: not wrong, not asked for
    weight: float = 1.0


def unversioned(passage_id: str) -> str:
    """ "mck@1#monitoring.1" as "mck#monitoring.1", the way question sets name it."""
    source, _, place = passage_id.partition("#")
    return f"{source.split('@')[0]}#{place}"


def examples(search: Search, library: Library, items: list[Item]) -> list[Example]:
    """Every question that some passage answers, its candidates as search sees them."""
    topic = {unversioned(key): passage.topic for key, passage in library.passages.items()}
    made = []
    for item in items:
        wanted = set(item.get("passages") or ())
        if not wanted:
            continue
        question = understand(as_message(item), clinics=library.clinics, named=search.named)
        topics = {topic.get(name, "") for name in wanted} - {""}
        found: dict[str, Evidence] = {}
        for part in question.parts:
            for one in search.candidates(part):
                kept = found.get(one.passage.id)
                if kept is None or one.score > kept.score:
                    found[one.passage.id] = one
        names = [unversioned(key) for key in found]
        right = np.array([name in wanted for name in names])
        if right.any() and not right.all():
            features = np.array([[one.features.get(name, 0.0) for name in FEATURES] for one in found.values()])
            twin = np.array([one.passage.topic in topics for one in found.values()])
            made.append(Example(item["id"], tuple(names), features, right, right | ~twin))
    return made


def fit(made: list[Example], names: list[str]) -> dict[str, float]:
    """Weights that maximise the probability of the right passages under a softmax over the candidates."""
    columns = [list(FEATURES).index(name) for name in names]
    nearest = [_nearest(example) for example in made]
    held = np.concatenate([example.features[rows][:, columns] for example, rows in zip(made, nearest, strict=True)])
    right = np.concatenate([example.right[rows] for example, rows in zip(made, nearest, strict=True)])
    sizes = [len(rows) for rows in nearest]
    first, of = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(made)), sizes)
    weight = np.array([example.weight for example in made])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = held @ weights
        raised = np.exp(score - np.maximum.reduceat(score, first)[of])
        every = np.add.reduceat(raised, first)
        good = np.maximum(np.add.reduceat(raised * right, first), 1e-12 * every)
        slope = held.T @ ((raised / every[of] - raised * right / good[of]) * weight[of])
        total = float(weight @ np.log(every / good)) + RIDGE * float(weights @ weights)
        return total, np.asarray(slope + 2 * RIDGE * weights, np.float64)

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B")
    return {name: round(float(weight), 4) for name, weight in zip(names, found.x, strict=True)}


def _nearest(example: Example) -> NDArray[np.int64]:
    """The rows of an example that the fit sees: what is right, and the nearest of what is wrong."""
    ahead = np.where(example.right, np.inf, np.where(example.counts, example.features.sum(axis=1), -np.inf))
    first = np.argsort(-ahead)[: max(NEAREST, int(example.right.sum()))]
    return np.asarray(first[example.counts[first]], np.int64)


def hits(made: list[Example], weights: dict[str, float], at: int) -> Rate:
    """Questions with a right passage among the first `at`."""
    columns = [list(FEATURES).index(name) for name in weights]
    rate = Rate(f"a right passage among the first {at}")
    for example in made:
        score = example.features[:, columns] @ np.array(list(weights.values()))
        first = [i for i in np.argsort(-score) if example.counts[i]][:at]
        rate.count(bool(example.right[first].any()), example.id)
    return rate


def held_back(made: list[Example], names: list[str]) -> list[Rate]:
    """Hits at 1 and 5 of questions the weights were not fitted to, over FOLDS folds."""
    rates = [Rate("held back, hit at 1"), Rate("held back, hit at 5")]
    for fold in range(FOLDS):
        weights = fit([one for i, one in enumerate(made) if i % FOLDS != fold], names)
        kept = [one for i, one in enumerate(made) if i % FOLDS == fold]
        for rate, at in zip(rates, (1, 5), strict=True):
            part = hits(kept, weights, at)
            rate.good += part.good
            rate.misses += part.misses
    return rates


def fit_ranking(
    search: Search, plain: Search, library: Library, small: Search, leaflets: Leaflets, path: Path = WEIGHTS
) -> dict[str, Any]:
    """Fit every set of weights, drop what does not help on held-back questions, and write the file.

    `plain` searches the same documents without their `asked as` lines and gaps, as a clinic's own would come;
    `small` searches the leaflets. Both sorts of plain documents count the same, however many questions each has.
    """
    items = read_items(TRAINING)
    helped, plainly = examples(search, library, items), examples(plain, library, items)
    of_small = examples(small, leaflets.library, leaflets.items)
    share = len(of_small) / len(plainly)
    plainly = [replace(one, weight=share) for one in plainly]
    written: dict[str, Any] = {}
    figures: dict[str, Any] = {"questions": len(helped), "folds": FOLDS, "ridge": RIDGE}
    for kind in KINDS:
        is_plain = kind.startswith("plain")
        made = plainly + of_small if is_plain else helped
        names = list(LEXICAL_FEATURES if kind.endswith("lexical") else FEATURES)
        names = _that_help(made, [name for name in names if not (is_plain and name in OF_HELP)])
        written[kind] = fit(made, names)
        rates = held_back(made, names)
        figures[kind] = [str(rate) for rate in (_among(rates, plainly) if is_plain else rates)]
        if is_plain:
            figures[f"{kind}_leaflets"] = [str(rate) for rate in _among(rates, of_small)]
    written["figures"] = figures
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return written


def _among(rates: list[Rate], made: list[Example]) -> list[Rate]:
    """The rates over these questions alone."""
    own = {one.id for one in made}
    misses = [[miss for miss in rate.misses if miss in own] for rate in rates]
    return [Rate(rate.name, len(made) - len(some), some) for rate, some in zip(rates, misses, strict=True)]


def _worth(made: list[Example], names: list[str]) -> float:
    """The weight of all held-back hits at 1 and at 5."""
    weight = {one.id: one.weight for one in made}
    return -sum(weight[miss] for rate in held_back(made, names) for miss in rate.misses)


def _that_help(made: list[Example], names: list[str]) -> list[str]:
    """The features left when each is dropped whose absence costs nothing on held-back questions, weakest first."""
    best = _worth(made, names)
    for name in sorted(names, key=lambda name: abs(fit(made, names)[name])):
        fewer = [other for other in names if other != name]
        without = _worth(made, fewer)
        if without >= best:
            names, best = fewer, without
    return names
