"""Ranges as positions between 0 and 1, along their own scale, and decisions drawn at random."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from random import Random

from archspec.search.space import Answer, Decision

from .base import pick


def is_ordered(decision: Decision) -> bool:
    """Whether near answers mean near things: a range, unlike a choice."""
    return decision.kind != "choice"


def position(decision: Decision, answer: Answer) -> float:
    """Where on its range an answer stands."""
    if not decision.options:
        return _along(float(answer), decision.low, decision.high, decision.log)
    values = decision.options
    return _along(values[int(answer)], values[0], values[-1], decision.log)


def answer_at(decision: Decision, place: float) -> Answer:
    """The answer at a position; of whole numbers, the nearest."""
    place = min(max(place, 0.0), 1.0)
    if not decision.options:
        value = _value(place, decision.low, decision.high, decision.log)
        return min(max(value, decision.low), decision.high)
    values: Sequence[float] = decision.options
    value = _value(place, values[0], values[-1], decision.log)
    after = min(bisect_left(values, value), len(values) - 1)
    near = [n for n in (after - 1, after) if n >= 0]
    return min(near, key=lambda n: abs(position(decision, n) - place))


def drawn(decision: Decision, random: Random) -> Answer:
    """An answer at random: options alike likely, ranges even along their scale."""
    if decision.options and not (is_ordered(decision) and decision.log):
        return pick(random, len(decision.options))
    return answer_at(decision, random.random())


def weight(decision: Decision, answer: int) -> float:
    """How likely an option is among the others, in any unit, as `drawn` draws it."""
    if not (is_ordered(decision) and decision.log):
        return 1.0
    last = len(decision.options) - 1
    here = position(decision, answer)
    low = (position(decision, answer - 1) + here) / 2 if answer else 0.0
    high = (position(decision, answer + 1) + here) / 2 if answer < last else 1.0
    return high - low


def _along(value: float, low: float, high: float, log: bool) -> float:
    if low == high:
        return 0.0
    if log:
        return math.log(value / low) / math.log(high / low)
    return (value - low) / (high - low)


def _value(place: float, low: float, high: float, log: bool) -> float:
    if log and low != high:
        return low * math.exp(place * math.log(high / low))
    return low + place * (high - low)
