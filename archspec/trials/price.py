"""The price of a search, estimated from children that were timed before it begins."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archspec.diagnostics import UsageError
from archspec.search.space import Answer
from archspec.search.spec_space import drawn
from archspec.search.strategies import ShouldStop, child_seed

from .engines import Engine
from .jobs import Job
from .plan import Plan
from .problem import Child, Invalid, Problem

TIMED = 3
"""Children that are timed, for one epoch each."""

ONE = ShouldStop({1: math.inf})
"""Stops a child after an epoch; it is trained as one of a search is, with its warm-up."""

EXPENSIVE = 24 * 3600.0
"""Seconds of training from which a search is called very expensive."""

_TRIES = 200


@dataclass(frozen=True)
class Price:
    """What a search takes. beside: seconds of a child beside its epochs. epoch: seconds of an epoch.
    parts: the children of each part, how many epochs they have, and their seconds together, each
    child's counted on one worker."""

    beside: float
    epoch: float
    workers: int
    parts: Mapping[str, tuple[int, int, float]]

    @property
    def training(self) -> float:
        """Seconds of training in all."""
        return sum(seconds for _children, _epochs, seconds in self.parts.values())

    @property
    def wall(self) -> float:
        """Seconds by the clock, with all workers busy."""
        return self.training / self.workers

    @property
    def is_expensive(self) -> bool:
        return self.training >= EXPENSIVE


def price(plan: Plan, problem: Problem, engine: Engine, children: int | None = None) -> Price:
    """Train a few children for one epoch, and estimate.

    children: those of the search that are still to be trained, where some are done. What halving,
    invalid and known children save is not counted.

    Raises UsageError with the reason where none of the children can be trained.
    """
    found = _drawn(problem, plan.seed)
    jobs = [
        Job(
            ("price", n),
            problem.work(
                child, epochs=plan.epochs, seed=child_seed(plan.seed, n, "price"), bars=ONE
            ),
            plan.limit,
        )
        for n, child in enumerate(found)
    ]
    beside, epochs, reasons = [], [], []
    for outcome in engine.run(jobs):
        if outcome.result is None:
            reasons.append(outcome.reason)
            continue
        cost = outcome.result.get("cost", {})
        epochs.append(cost.get("in_epochs", 0.0))
        beside.append(cost.get("seconds", 0.0) - epochs[-1])
    if not epochs:
        raise UsageError(f"no child can be trained: {reasons[0]}")
    return estimate(
        plan, sum(beside) / len(beside), sum(epochs) / len(epochs), engine.workers, children
    )


def estimate(
    plan: Plan, beside: float, epoch: float, workers: int, children: int | None = None
) -> Price:
    """The price where a child takes so many seconds, and each of its epochs so many."""

    def seconds(count: int, epochs: int) -> float:
        return count * (beside + epochs * epoch)

    counts = [children if children is not None else plan.children]
    if plan.max_epochs is not None:
        counts.append(plan.max_epochs // plan.epochs)
    if plan.hours is not None:
        one = seconds(1, plan.epochs)
        hours = plan.hours * plan.share("search")
        counts.append(int(3600 * hours * workers / one) if one else None)
    # Children that take no time are without end in a budget of hours: nothing is said of them.
    count = min((n for n in counts if n is not None), default=0)
    parts = {"search": (count, plan.epochs, seconds(count, plan.epochs))}
    if plan.has_baseline:
        parts["random search"] = parts["search"]
    if plan.top:
        last = plan.top * plan.repeats
        parts["last training"] = (last, plan.last_epochs, seconds(last, plan.last_epochs))
    return Price(beside, epoch, workers, parts)


def _drawn(problem: Problem, seed: int) -> Sequence[Child]:
    """Children drawn evenly, whatever the strategy will choose."""
    rng = random.Random(child_seed(seed, 0, "price"))
    found: list[Child] = []
    reason = ""
    for _ in range(_TRIES):
        answers: dict[str, Answer] = problem.space.choose(lambda decision: drawn(decision, rng))
        try:
            found.append(problem.child(answers))
        except Invalid as why:
            reason = str(why)
        if len(found) == TIMED:
            break
    if not found:
        raise UsageError(f"of {_TRIES} children drawn at random none is valid: {reason}")
    return found
