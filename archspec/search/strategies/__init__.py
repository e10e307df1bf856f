"""Strategies: which child is tried next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.diagnostics import UsageError, did_you_mean
from archspec.search.objectives import Objectives
from archspec.search.space import Space

from .base import SpaceUsedUp, Strategy, Told, child_seed
from .controller import Controller
from .evolution import Evolution
from .halving import Halving, ShouldStop
from .optuna import Nsga2, Tpe
from .random import RandomSearch

STRATEGIES: Mapping[str, type[Strategy]] = {
    "evolution": Evolution,
    "controller": Controller,
    "random": RandomSearch,
    "tpe": Tpe,
    "nsga2": Nsga2,
}
"""All strategies by name, the default first."""


def make_strategy(
    name: str, space: Space, objectives: Objectives, seed: int = 0, **options: Any
) -> Strategy:
    """A strategy by its name. Raises UsageError of a name, an option or a value that is none, and
    where a package that it needs is not installed."""
    if name not in STRATEGIES:
        question = did_you_mean(name, STRATEGIES) or f"there are {', '.join(STRATEGIES)}"
        raise UsageError(f"there is no strategy `{name}`: {question}")
    return STRATEGIES[name](space, objectives, seed, **options)


__all__ = [
    "STRATEGIES",
    "Controller",
    "Evolution",
    "Halving",
    "Nsga2",
    "RandomSearch",
    "ShouldStop",
    "SpaceUsedUp",
    "Strategy",
    "Told",
    "Tpe",
    "child_seed",
    "make_strategy",
]
