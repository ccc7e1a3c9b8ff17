"""What is asked of a search, and what it gives back: plain values."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowledge.source import Passage


@dataclass(frozen=True, slots=True)
class Query:
    """A question as search reads it."""

    text: str
    clinics: frozenset[str] = frozenset()  # the clinics searched; empty: all of them
    before: str = ""  # what the turn before was about, when this one leans on it


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that was found, and how well it fits."""

    passage: Passage
    score: float  # the learned sum of the features; higher is better, and comparable between questions
    shares: dict[str, float]  # each feature's part of the score
    features: dict[str, float]
    sentences: tuple[float, ...]  # how well each sentence of the passage fits, -1 to 1


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a search found, best first."""

    evidence: tuple[Evidence, ...]
    named: frozenset[str] = frozenset()  # clinics the question names, by a name only their documents hold
    unknown: tuple[str, ...] = ()  # words of the question that stand in no document and no `asked as` line
    by_words_alone: bool = False  # no model or no index: lexical search answered
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)  # of the question, length one
