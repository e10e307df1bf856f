"""Objectives: what a child is judged by, and the one number that a strategy learns from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archspec.diagnostics import UsageError

Status = Literal["ok", "failed", "invalid", "stopped"]
"""How a child ended: trained; with an error; refused by a requirement; stopped early, as bad."""


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of a finished child.

    objectives: what was measured, by name, the last value of a child stopped early included. cost:
    what it took and takes (seconds, params, macs), by name. reason: of a failed or invalid child.
    """

    status: Status
    objectives: Mapping[str, float] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    def value(self, name: str) -> float | None:
        """A finite number, measured or of the cost; None of a child that has none."""
        if self.status in ("failed", "invalid"):
            return None
        value = self.objectives.get(name, self.cost.get(name))
        return value if value is not None and math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Objective:
    """One thing that is wanted: much of it, or little.

    target, exponent: the reward is multiplied by `(value / target) ** exponent`. MnasNet's soft
    constraint (Tan et al. 2019, section 3): an exponent of −0.07 takes twice the latency for
    5 % more accuracy. Without a target, a second objective counts for the Pareto front alone.
    """

    name: str
    up: bool = True
    target: float | None = None
    exponent: float | None = None

    def __post_init__(self) -> None:
        if self.target is not None and not (math.isfinite(self.target) and self.target > 0):
            raise UsageError(f"the target of `{self.name}` is {self.target}: it must be above 0")
        if self.exponent is not None and self.target is None:
            raise UsageError(f"`{self.name}` has an exponent and no target to apply it to")

    def factor(self, value: float) -> float:
        """What the reward is multiplied by; 1 at the target."""
        if self.target is None:
            return 1.0
        exponent = self.exponent if self.exponent is not None else (0.07 if self.up else -0.07)
        return math.pow(max(value / self.target, 1e-6), exponent)


@dataclass(frozen=True)
class Objectives:
    """All that is wanted, the main thing first.

    failed: the reward of a child that has none, because it failed, was refused, or measured no
    finite number. 0 is what an accuracy of nothing is worth; where the main objective is to be
    small, a loss say, the reward is its negative, and `failed` must be given.
    """

    wanted: tuple[Objective, ...] = (Objective("accuracy"),)
    failed: float | None = None

    def __post_init__(self) -> None:
        names = [objective.name for objective in self.wanted]
        if not names or len(set(names)) < len(names):
            raise UsageError("a search needs objectives, each of them once")
        if self.main.target is not None:
            raise UsageError(f"`{self.main.name}` is the main objective: it takes no target")
        if self.main.up:
            return
        if self.failed is None:
            raise UsageError(
                f"`{self.main.name}` is to be small: say what a failed child counts as, in "
                "`failed`, a number below the negative of any that is measured"
            )
        if any(objective.target is not None for objective in self.wanted):
            raise UsageError(
                "a weighted product needs a main objective that is to be large, as an accuracy is"
            )

    @property
    def main(self) -> Objective:
        return self.wanted[0]

    def point(self, result: Result) -> tuple[float, ...] | None:
        """The objectives in order, turned so that larger is better; None where one is missing."""
        values = [(o, result.value(o.name)) for o in self.wanted]
        if any(value is None for _o, value in values):
            return None
        return tuple(value if o.up else -value for o, value in values if value is not None)

    def reward(self, result: Result) -> float:
        """One number, larger is better: the main objective, times the factors of the targets."""
        failed = 0.0 if self.failed is None else self.failed
        main = result.value(self.main.name)
        if main is None:
            return failed
        reward = main if self.main.up else -main
        for objective in self.wanted[1:]:
            if objective.target is not None:
                value = result.value(objective.name)
                if value is None:
                    return failed
                reward *= objective.factor(value)
        return reward
