"""Fitting the comparison: how much each finding and each uncovered word weighs, on pairs of the project's own."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from conversation.alignment import Embed, remembering
from conversation.comparison import FEATURES, WEIGHTS, Comparer
from conversation.gate import Logistic
from conversation.lexicon import load_lexicon
from conversation.premise import Premises
from evals.fit_ranking import unversioned
from evals.items import Item, read_lines
from evals.library import library_of
from evals.measures import Rate
from knowledge.library import Library
from knowledge.source import Passage
from retrieval.embedding import load_embedder

TRAINING = Path(__file__).parent / "training" / "claims.jsonl"
FOLDS = 10
EVEN = 0.5  # both sorts weigh the same in the fit, so that an even chance is the line between them
MADE = 30  # pairs made from our own sentences, beside those that were written
STEADY = 0.5  # inverse strength of regularisation
NOTHING = Logistic(0.0, {}, {}, {}, 0.5)


def fit_ground(embed: Embed, library: Library, path: Path = WEIGHTS) -> dict[str, Any]:
    """Fit the weights, measure them on held-back passages, and write the file."""
    comparer = Comparer(NOTHING, load_lexicon(), remembering(embed))
    passages = {unversioned(key): one for key, one in library.passages.items()}
    claims = read_lines(TRAINING, {"id", "passage", "claim", "supported"})
    written_by_us = len(claims)
    claims += list(made_claims(library, MADE))
    premises = Premises.over(library)
    compared = [comparer(one["claim"], premises.of(passages[one["passage"]])) for one in claims]
    rows = np.array([[one.features[name] for name in FEATURES] for one in compared])
    yes = np.array([bool(one["supported"]) for one in claims])
    means, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    rows = (rows - means) / scales
    model = LogisticRegression(max_iter=2000, C=STEADY, class_weight="balanced")
    groups = [one["passage"] for one in claims]
    likely = cross_val_predict(model, rows, yes, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba")[:, 1]
    rates = [Rate("supported, passed"), Rate("not supported, found")]
    for one, truth, probability in zip(claims, yes, likely, strict=True):
        rates[0 if truth else 1].count(bool(probability >= EVEN) == bool(truth), one["id"])
    model.fit(rows, yes)

    def named(values: Any) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(FEATURES, values, strict=True)}

    written = {
        "bias": round(float(model.intercept_[0]), 4),
        "weights": named(model.coef_[0]),
        "means": named(means),
        "scales": named(scales),
        "above": EVEN,
        "figures": {
            "written": written_by_us,
            "made": len(claims) - written_by_us,
            "held_back": [str(rate) for rate in rates],
        },
    }
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return written


def made_claims(library: Library, count: int, seed: int = 11) -> Iterator[Item]:
    """Seeded claims: a sentence as it stands, and one that ends as a sentence of another passage does."""
    draw = random.Random(seed)
    told = [passage for passage in library.passages.values() if not passage.is_gap]
    for number in range(count):
        passage, other = draw.sample(told, 2)
        text, foreign = (_sentence(library, one, draw) for one in (passage, other))
        head, tail = text.split(), foreign.split()
        mixed = " ".join(head[: len(head) * 2 // 3] + tail[len(tail) * 2 // 3 :])
        for mark, claim in (("s", text), ("m", mixed)):
            known = {"supported": mark == "s", "passage": unversioned(passage.id)}
            yield {"id": f"{mark}{number:04d}", "claim": claim, **known}


def _sentence(library: Library, passage: Passage, draw: random.Random) -> str:
    return library.sources[passage.source].sentence(passage, draw.choice(passage.sentences))


def main() -> None:
    """Fit on the project's own documents, and say how it went."""
    written = fit_ground(load_embedder(threads=2).embed, library_of(None))
    print("ground:", written["figures"])
