"""The plan of a search: what is tried, how, and how much of it. It is the first line of the journal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objective, Objectives
from archspec.search.space import Decision, Space

from .journal import Part

_SHARE: Mapping[Part, float] = {"search": 0.45, "random": 0.9, "final": 1.0}
"""The part of a budget of hours after which the search ends, then random search, then all."""


@dataclass(frozen=True)
class Plan:
    """How a search goes.

    strategy, options: as `archspec.search.strategies.make_strategy` takes them. objectives: what is
    wanted. seed: of everything. data, training: what children are trained on and with which settings
    (`archspec.train.Settings` but its epochs and seed). epochs: of a child.

    children, max_epochs, hours: the budget, of which one at least is said. children: told to the
    strategy, those among them that are not trained because they are invalid or known included.
    max_epochs: trained in all. hours: of the whole search by the clock.

    baseline: random search beside it, with the same children and epochs. top, repeats, final_epochs:
    how many of the best are trained again, how often, and for how many epochs. halving: of so many
    children at a rung one goes on. limit: seconds for a child.
    """

    strategy: str = "evolution"
    options: Mapping[str, Any] = field(default_factory=dict)
    objectives: Objectives = field(default_factory=Objectives)
    seed: int = 0
    data: str = "digits"
    training: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 5
    children: int | None = None
    max_epochs: int | None = None
    hours: float | None = None
    baseline: bool = True
    top: int = 3
    repeats: int = 5
    final_epochs: int | None = None
    halving: int | None = None
    limit: float | None = None

    def __post_init__(self) -> None:
        budget = (self.children, self.max_epochs, self.hours)
        if all(one is None for one in budget):
            raise UsageError("a search needs a budget: children, epochs or hours")
        for name in ("children", "max_epochs", "hours", "epochs", "limit", "final_epochs"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise UsageError(f"`{name}` of a search is {value}: it must be above 0")
        if self.halving is not None and self.halving < 2:
            raise UsageError(
                f"`halving` is {self.halving}: of two children one goes on at the most"
            )
        if self.halving is not None and self.epochs < 2:
            raise UsageError(
                "`halving` stops children between two epochs: `epochs` of 1 leaves nothing to stop"
            )
        if self.top and self.repeats < 1:
            raise UsageError("the best are trained once at least: `top` of 0 leaves that out")

    @property
    def last_epochs(self) -> int:
        """Epochs of a last training."""
        return self.final_epochs or self.epochs

    @property
    def has_baseline(self) -> bool:
        """Whether random search runs beside it: it is none beside itself."""
        return self.baseline and self.strategy != "random"

    def share(self, part: Part) -> float:
        """The part of a budget of hours after which a part of the search ends. Where there is no
        random search, or no last training, its time is that of the others."""
        share = _SHARE[part]
        if part == "search" and not self.has_baseline:
            share = _SHARE["random"]
        if part != "final" and not self.top:
            share /= _SHARE["random"]
        return share

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """The plan that `as_json` gave. Raises UsageError where it was not this."""
        try:
            wanted = data["objectives"]
            objectives = Objectives(
                tuple(Objective(**objective) for objective in wanted["wanted"]), wanted["failed"]
            )
            known = {f.name for f in fields(cls)}
            if data.keys() - known:
                raise ValueError(f"unknown: {', '.join(sorted(data.keys() - known))}")
            return cls(**{**data, "objectives": objectives})
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"this journal has no plan that can be read: {error}") from None


def space_as_json(space: Space) -> list[dict[str, Any]]:
    """The decisions of a space as plain values, for who reads a journal without the spec."""
    return [asdict(decision) for decision in space.decisions]


def space_from_json(data: list[dict[str, Any]]) -> Space:
    """The space that `space_as_json` gave."""
    return Space(
        tuple(
            Decision(**{**one, "options": _tuples(one["options"]), "when": _tuples(one["when"])})
            for one in data
        )
    )


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list | tuple) else value
