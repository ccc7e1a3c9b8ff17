"""How the evidence for a passage is put together: a sum of few features with fitted weights."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("ranking.json")

# A passage with `asked as` lines is here one that has many of them: `Passage.is_helped`.
# What each feature is; all are 0 to 1 but for cosines (-1 to 1) and `route` (-1, 0, 1).
DENSE_FEATURES = {
    "dense_passage": "cosine of question and passage (its heading before it where it has no `asked as` lines)",
    "dense_sentence": "cosine of question and the passage's best sentence (or one of its few `asked as` lines)",
    "dense_asked": "cosine of question and the nearest `asked as` line (the passage's own cosine where it has none)",
    "dense_asked_3": "mean cosine of the three nearest `asked as` lines (likewise)",
    "dense_source": "cosine of question and the middle of all passages of the document, where there are no such lines",
}
LEXICAL_FEATURES = {
    "words": "BM25 of word stems over passage, heading and `asked as` (the next one where there are no such lines)",
    "words_passage": "BM25 of word stems over passage and heading alone, empty words left out",
    "words_asked": "BM25 of word stems over the best single `asked as` line",
    "grams": "BM25 of character 3- to 5-grams over passage, heading and `asked as` (of words that carry meaning alone,"
    " where there are no such lines)",
    "detail": "1 for a passage that holds what the question asks for (a price, a person, a number), -1 for one that"
    " does not, 0 where nothing such is asked; where there are no such lines",
    "route": "the question speaks of this clinic's way of giving the treatment (1), another's (-1), none or both (0)",
    "gap": "1 for a passage that says what its source does not cover",
}
KINDS = ("dense", "lexical", "plain", "plain_lexical")
FEATURES = {**DENSE_FEATURES, **LEXICAL_FEATURES}


@dataclass(frozen=True, slots=True)
class Ranking:
    """Fitted weights: with the model and for words alone, for passages with `asked as` lines and for those without."""

    dense: dict[str, float]
    lexical: dict[str, float]
    plain: dict[str, float]
    plain_lexical: dict[str, float]
    figures: dict[str, object] = field(default_factory=dict)  # what they were fitted to, and how well

    def shares(self, features: dict[str, float], *, by_words_alone: bool, plain: bool) -> dict[str, float]:
        """Each feature's part of the score; `plain` is a passage without `asked as` lines."""
        if plain:
            weights = self.plain_lexical if by_words_alone else self.plain
        else:
            weights = self.lexical if by_words_alone else self.dense
        return {name: weight * features.get(name, 0.0) for name, weight in weights.items()}


@cache
def load_ranking(path: Path = WEIGHTS) -> Ranking:
    """The weights in a file; raises ValueError when it names a feature we do not have."""
    held = json.loads(path.read_text(encoding="utf-8"))
    unknown = set().union(*(held[kind] for kind in KINDS)) - set(FEATURES)
    if unknown:
        raise ValueError(f"{path.name} names unknown features {sorted(unknown)}. Run `python -m evals fit`.")
    dense, lexical, plain, plain_lexical = (held[kind] for kind in KINDS)
    return Ranking(dense, lexical, plain, plain_lexical, held.get("figures", {}))
