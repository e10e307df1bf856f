"""A space: the decisions that an open spec leaves, in an order in which they can be made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Answer = int | float
"""What a decision comes to: the number of an option, or a number within a range."""

Choices = Mapping[str, Answer]
"""Answers by the name of their decision."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    name: the path of the module that it stands in and what it decides there (`layer3.0.kernel`), or
    the parameter's name; unique in its space. options: what there is to choose from, as a reader
    knows it (values, or names of nodes); a whole-number range lists its numbers. low, high, log: a
    range of floats, which has no options. when: for each alternative, the decisions and the options
    that must have been chosen for this one to exist; () where it always does.
    """

    name: str
    kind: Literal["choice", "int", "float"]
    options: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    default: Answer = 0
    when: tuple[tuple[tuple[str, int], ...], ...] = ()

    def exists(self, chosen: Choices) -> bool:
        """Whether the decision is there, after the ones before it."""
        if not self.when:
            return True
        return any(all(chosen.get(name) == n for name, n in terms) for terms in self.when)


@dataclass(frozen=True)
class Space:
    """The decisions of a space. One that depends on others comes after them."""

    decisions: tuple[Decision, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Decision]:
        return {decision.name: decision for decision in self.decisions}

    def choose(self, answer: Callable[[Decision], Answer]) -> dict[str, Answer]:
        """Make all decisions that there are, in order."""
        chosen: dict[str, Answer] = {}
        for decision in self.decisions:
            if decision.exists(chosen):
                chosen[decision.name] = answer(decision)
        return chosen

    def default(self) -> dict[str, Answer]:
        """The answers where nobody chooses."""
        return self.choose(lambda decision: decision.default)

    def all(self) -> Iterator[dict[str, Answer]]:
        """Every set of answers, the first decision changing slowest.

        Raises ValueError where a range of floats is open.
        """
        if self.size == math.inf:
            raise ValueError("a space with a range of floats has no end")
        stack: list[tuple[int, dict[str, Answer]]] = [(0, {})]
        while stack:
            at, chosen = stack.pop()
            while at < len(self.decisions) and not self.decisions[at].exists(chosen):
                at += 1
            if at == len(self.decisions):
                yield chosen
                continue
            decision = self.decisions[at]
            for n in reversed(range(len(decision.options))):
                stack.append((at + 1, {**chosen, decision.name: n}))

    def key(self, chosen: Choices) -> tuple[tuple[str, Answer], ...]:
        """Answers as something to look up, in the order of the space."""
        return tuple((d.name, chosen[d.name]) for d in self.decisions if d.name in chosen)

    def values(self, chosen: Choices) -> dict[str, Any]:
        """The answers as a reader knows them: options instead of their numbers."""
        known = self.by_name
        return {
            name: known[name].options[int(answer)] if known[name].options else answer
            for name, answer in chosen.items()
        }

    @cached_property
    def size(self) -> int | float:
        """How many sets of answers there are: exact, or infinite where a range of floats is open.

        Decisions that others depend on are counted option by option; the rest multiply.
        """
        if any(not decision.options for decision in self.decisions):
            return math.inf
        return self._count(0, {}, {})

    def _count(self, at: int, chosen: dict[str, Answer], memo: dict[Any, int]) -> int:
        """The number of ways to go on from a decision."""
        count = 1
        while at < len(self.decisions):
            decision = self.decisions[at]
            at += 1
            if not decision.exists(chosen):
                continue
            later = self._asked_later[at]
            if decision.name not in later:
                count *= len(decision.options)
                continue
            key = (at, tuple(sorted((n, a) for n, a in chosen.items() if n in later)))
            if key not in memo:
                memo[key] = sum(
                    self._count(at, {**chosen, decision.name: n}, memo)
                    for n in range(len(decision.options))
                )
            return count * memo[key]
        return count

    @cached_property
    def _asked_later(self) -> list[frozenset[str]]:
        """By position: the decisions that the ones from there on depend on."""
        found: list[frozenset[str]] = [frozenset()]
        for decision in reversed(self.decisions):
            names = {name for terms in decision.when for name, _n in terms}
            found.append(found[-1] | names)
        return found[::-1]
