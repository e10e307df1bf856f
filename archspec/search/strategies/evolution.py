"""Regularised evolution: the oldest die, whatever they are worth."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from archspec.search.objectives import Objectives
from archspec.search.space import Answer, Choices, Decision, Space

from .base import Strategy, Told, pick
from .options import Option
from .ranges import answer_at, drawn, is_ordered, position

STEP = 0.2
"""The deviation of a step along a range, as a part of the range."""


class Evolution(Strategy):
    """Ageing evolution of Real et al. 2019 (AmoebaNet), algorithm 1.

    The first `population` children are random. Then the best of `sample` children, drawn from the
    last `population` ones with replacement, becomes a parent, and its child differs in one decision;
    with a probability of `identity` in none. The paper's population is 100 and its sample 25, for
    20,000 children; 20 and 5 are for hundreds.
    """

    name = "evolution"
    OPTIONS = {
        "population": Option("how many of the last children may be parents", 20, low=1),
        "sample": Option("how many of them a parent is the best of", 5, low=1),
        "identity": Option("probability that a child is its parent again", 0.05, low=0, high=1),
        "batch": Option("children asked for together", 4, low=1),
    }

    def __init__(self, space: Space, objectives: Objectives, seed: int = 0, **options: Any):
        super().__init__(space, objectives, seed, **options)
        self.population: deque[tuple[dict[str, Answer], float]] = deque(
            maxlen=self.options["population"]
        )

    def _ask(self, child: int) -> Mapping[str, Answer]:
        random = self.random(child)
        if child < self.options["population"] or not self.population:
            return self.space.choose(lambda decision: drawn(decision, random))
        rivals = [
            self.population[pick(random, len(self.population))]
            for _ in range(self.options["sample"])
        ]
        parent, _reward = max(rivals, key=lambda rival: rival[1])
        if random.random() < self.options["identity"]:
            return parent
        return mutated(self.space, parent, random)

    def _learn(self, batch: Sequence[Told]) -> None:
        for told in batch:
            self.population.append((told.answers, self.objectives.reward(told.result)))


def mutated(space: Space, parent: Choices, random: Random) -> dict[str, Answer]:
    """A parent with one decision made otherwise.

    Decisions that come to be by that are drawn; those that cease to be are dropped; all others stay.
    """
    may = [d for d in space.decisions if d.name in parent and _has_others(d)]
    if not may:
        return dict(parent)
    changed = may[pick(random, len(may))]

    def answer(decision: Decision) -> Answer:
        if decision is changed:
            return _other(decision, parent[decision.name], random)
        if decision.name in parent:
            return parent[decision.name]
        return drawn(decision, random)

    return space.choose(answer)


def _has_others(decision: Decision) -> bool:
    return len(decision.options) > 1 if decision.options else decision.low < decision.high


def _other(decision: Decision, answer: Answer, random: Random) -> Answer:
    """Another answer: any option of a choice, one nearby of a range."""
    if not is_ordered(decision):
        other = pick(random, len(decision.options) - 1)
        return other + (other >= answer)
    # Box and Muller's method, so that it is the same in every Python.
    length = math.sqrt(-2 * math.log(1 - random.random()))
    step = STEP * length * math.cos(2 * math.pi * random.random())
    place = position(decision, answer) + step
    place = abs(place) % 2  # the ends of the range reflect
    found = answer_at(decision, 2 - place if place > 1 else place)
    if not decision.options or found != answer:
        return found
    last = len(decision.options) - 1
    up = step > 0 if 0 < answer < last else answer == 0
    return int(answer) + (1 if up else -1)
