"""The space of an open spec: its children, and how many of them there are."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archspec.analysis import check_requirements
from archspec.connections import Decisions
from archspec.connections.choice import Asked
from archspec.diagnostics import (
    Diagnostic,
    SpecError,
    UsageError,
)
from archspec.expand import Network, Program, expand
from archspec.graph import build_graph

from .space import Answer, Decision, Space

ACCEPTED = 128
"""Children chosen at random that are asked whether they meet what is required."""


@dataclass(frozen=True)
class SpecSpace:
    """A program with what it leaves open.

    space: the decisions. asked: where each of them stands. params: those set from outside. findings:
    warnings. expansions: how many networks were built to find out.
    """

    program: Program
    params: Mapping[str, Any]
    limit: int
    space: Space
    asked: Mapping[str, Asked]
    findings: tuple[Diagnostic, ...] = ()
    expansions: int = 0

    def network(self, answers: Mapping[str, Answer]) -> Network:
        """The child that a set of answers means. Raises SpecError, which says why there is none."""
        return expand(self.program, self.params, limit=self.limit, decisions=Decisions(answers))

    def sample(self, rng: random.Random) -> dict[str, Answer]:
        """Answers drawn evenly over the options of each decision."""
        return self.space.choose(lambda decision: drawn(decision, rng))

    def reason(self, answers: Mapping[str, Answer]) -> str | None:
        """Why there is no child with these answers, or None where there is one."""
        try:
            network = self.network(answers)
            broken = list(check_requirements(network, build_graph(network)))
        except SpecError as error:
            return error.diagnostics[0].message
        network.root.dissolve()
        return broken[0].message if broken else None

    def _tries(self) -> Iterator[bool]:
        """Of children chosen at random, the same ones every time, whether there is such a child."""
        rng = random.Random(0)
        for _ in range(ACCEPTED):
            yield self.reason(self.sample(rng)) is None

    @cached_property
    def acceptance(self) -> tuple[int, int]:
        """Of how many children chosen at random how many are built and meet what is required."""
        found = list(self._tries())
        return found.count(True), len(found)

    @property
    def is_empty(self) -> bool:
        """Whether none of these children is built and meets what is required."""
        return not any(self._tries())


def drawn(decision: Decision, rng: random.Random) -> Answer:
    """An answer drawn evenly; on a logarithmic scale where the decision has one."""
    if decision.options:
        return rng.randrange(len(decision.options))
    if decision.log:
        scale: float = (decision.high / decision.low) ** rng.random()
        return min(decision.high, decision.low * scale)
    return rng.uniform(decision.low, decision.high)


def nothing_open(spec: str) -> UsageError:
    """What is said of a spec that is no space. spec: what the reader calls it."""
    return UsageError(
        f"`{spec}` leaves nothing open: it is an architecture, and no space of them; "
        "`archspec list` shows the shipped spaces"
    )
