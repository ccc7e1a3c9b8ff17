"""Rates with their count and interval, and the few other numbers every measure needs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

Z = 1.96  # standard errors of a 95 % interval


@dataclass(slots=True)
class Rate:
    """How many of how many, and which ones fell short."""

    name: str
    good: int = 0
    misses: list[str] = field(default_factory=list)

    def count(self, ok: bool, item: str) -> None:
        """Add one item."""
        if ok:
            self.good += 1
        else:
            self.misses.append(item)

    @property
    def of(self) -> int:
        """How many items there were."""
        return self.good + len(self.misses)

    @property
    def share(self) -> float:
        """Good ones among all; 0 for none at all."""
        return self.good / self.of if self.of else 0.0

    def __str__(self) -> str:
        low, high = wilson(self.good, self.of)
        return f"{self.name}: {self.good}/{self.of} = {self.share:.3f} [{low:.3f}, {high:.3f}]"


def wilson(good: int, of: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share."""
    if not of:
        return 0.0, 1.0
    share, scale = good / of, 1 + Z * Z / of
    middle = (share + Z * Z / (2 * of)) / scale
    half = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def ndcg(ranked: Iterable[str], relevant: frozenset[str], at: int = 10) -> float:
    """Normalised discounted cumulative gain with binary relevance; 0 where nothing is relevant."""
    gain = sum(1 / math.log2(place + 2) for place, item in zip(range(at), ranked, strict=False) if item in relevant)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(at, len(relevant))))
    return gain / ideal if ideal else 0.0


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank); 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
