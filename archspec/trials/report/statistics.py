"""Statistics: means with their errors, rank correlation, and a test that assumes no distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

ROUNDS = 10_000
"""Of a permutation test; fewer where there are very many children."""

_DRAWS = 20_000_000
_SEED = 0


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of n values. deviation: of the values, with n − 1; None of fewer than two."""

    mean: float
    deviation: float | None
    n: int

    @property
    def error(self) -> float | None:
        """The standard error of the mean."""
        return None if self.deviation is None else self.deviation / math.sqrt(self.n)


def mean_of(values: Sequence[float]) -> Mean | None:
    """The mean of some values; None of none."""
    if not values:
        return None
    return Mean(fmean(values), stdev(values) if len(values) > 1 else None, len(values))


def ranks(values: Sequence[float]) -> list[float]:
    """From 1, the smallest first; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=lambda n: values[n])
    found = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            found[order[place]] = (first + last) / 2 + 1
        first = last + 1
    return found


def spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Spearman's rank correlation, from −1 to 1; None of fewer than three pairs, and where one of
    the two never changes."""
    if len(a) != len(b):
        raise ValueError(f"{len(a)} values beside {len(b)}")
    if len(a) < 3 or len(set(a)) < 2 or len(set(b)) < 2:
        return None
    x, y = ranks(a), ranks(b)
    middle = (len(a) + 1) / 2
    both = sum((p - middle) * (q - middle) for p, q in zip(x, y, strict=True))
    spread = sum((p - middle) ** 2 for p in x) * sum((q - middle) ** 2 for q in y)
    return both / math.sqrt(spread)


def permutation_test(a: Sequence[float], b: Sequence[float]) -> float | None:
    """The probability that two means differ by as much where it means nothing which value is whose:
    two-sided, from permutations with a fixed seed. None of fewer than five values on a side."""
    if min(len(a), len(b)) < 5:
        return None
    values = np.array([*a, *b], dtype=float)
    wanted = abs(fmean(a) - fmean(b))
    total, count = values.sum(), len(values)
    rounds = max(1000, min(ROUNDS, _DRAWS // count))
    random = np.random.default_rng(_SEED)
    as_far = 0
    for _ in range(rounds):
        mine = random.permutation(values)[: len(a)].sum()
        difference = abs(mine / len(a) - (total - mine) / len(b))
        # Sums in another order differ in their last bits.
        as_far += difference >= wanted - 1e-12 * max(1.0, abs(wanted))
    return float((as_far + 1) / (rounds + 1))
