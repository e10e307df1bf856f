"""Classes: the answers of a decision as what one softmax chooses among."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from random import Random
from typing import Any

from archspec.search.space import Answer, Decision

from .base import pick
from .ranges import answer_at, is_ordered, position

BINS = 16
"""Into how many parts a range is cut that has more values than `MOST`, or floats."""

MOST = 64


class Classes:
    """The classes of one decision.

    An option is a class of its own, and so is a number of a short range. A range of floats, or of
    many numbers, is cut into `BINS` parts of the same length along its scale, and an answer is drawn
    evenly within the part. Unlike a Gaussian, such a head can prefer both ends of a range; finer than
    a part it does not learn.
    """

    def __init__(self, decision: Decision):
        self.decision = decision
        self._parts: list[list[int]] = []  # of a long range of numbers: the options in each part
        self._firsts: list[int] = []
        if is_ordered(decision) and len(decision.options) > MOST:
            parts: dict[int, list[int]] = {}
            for n in range(len(decision.options)):
                part = min(int(position(decision, n) * BINS), BINS - 1)
                parts.setdefault(part, []).append(n)
            self._parts = list(parts.values())
            self._firsts = [part[0] for part in self._parts]
        self._bins = BINS if decision.low < decision.high else 1
        self.count = len(self._parts) or len(decision.options) or self._bins

    def of(self, answer: Answer) -> int:
        """The class of an answer."""
        if self._parts:
            return bisect_right(self._firsts, answer) - 1
        if self.decision.options:
            return int(answer)
        return min(int(position(self.decision, answer) * self._bins), self._bins - 1)

    def draw(self, number: int, random: Random) -> Answer:
        """An answer of a class."""
        if self._parts:
            part = self._parts[number]
            return part[pick(random, len(part))]
        if self.decision.options:
            return number
        return answer_at(self.decision, (number + random.random()) / self._bins)

    def labels(self) -> list[Any]:
        """The classes as a reader knows them: an option, or the two ends of a part."""
        options = self.decision.options
        if self._parts:
            return [(options[part[0]], options[part[-1]]) for part in self._parts]
        if options:
            return list(options)
        ends = [answer_at(self.decision, n / self._bins) for n in range(self._bins + 1)]
        return list(pairwise(ends))
