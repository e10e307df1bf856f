"""Successive halving over epochs: a child that is behind at a rung is stopped there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archspec.diagnostics import UsageError


@dataclass(frozen=True, slots=True)
class ShouldStop:
    """The bars of one child, by epoch: below one, it stops. It can be sent to where the child trains."""

    bars: Mapping[int, float]

    def __call__(self, epoch: int, value: float) -> bool:
        """Whether to stop after an epoch (the first is 1) with a value, of which more is better."""
        return epoch in self.bars and not value >= self.bars[epoch]  # nan stops


class Halving:
    """The stopping rule of ASHA (Li et al. 2020, "A system for massively parallel hyperparameter
    tuning"), for children of any strategy.

    Rungs stand after `first`, `first * reduction`, ... epochs, below `epochs`. At a rung a child goes
    on when it is among the best `1 / reduction` of itself and those that were there before it. The
    first ones there all go on.

    Those before it are the children of earlier *batches*, which are all finished when a batch begins.
    So the bars of a child are known when it starts, and do not depend on how many children train side
    by side or which is faster: the same children stop on every engine. With a batch of 1 this is ASHA
    on one worker.
    """

    def __init__(self, epochs: int, *, first: int = 1, reduction: int = 3, batch: int = 1):
        for name, value, low in (
            ("epochs", epochs, 1),
            ("first", first, 1),
            ("reduction", reduction, 2),
            ("batch", batch, 1),
        ):
            if value < low:
                raise UsageError(f"`{name}` of halving is {value}: expected {low} at least")
        self.batch = batch
        self.reduction = reduction
        self.rungs: list[int] = []
        rung = first
        while rung < epochs:
            self.rungs.append(rung)
            rung *= reduction
        self._values: dict[int, dict[int, float]] = {rung: {} for rung in self.rungs}

    def report(self, child: int, epoch: int, value: float) -> None:
        """What a child had after an epoch; epochs without a rung are passed over."""
        if epoch in self._values:
            self._values[epoch][child] = value

    def bars(self, child: int) -> ShouldStop:
        """What a child must reach to go on."""
        first = child - child % self.batch
        bars = {}
        for rung, values in self._values.items():
            # nan is worse than everything, and is below no bar by comparison.
            before = sorted((v for c, v in values.items() if c < first and v == v), reverse=True)
            arrived = sum(1 for c in values if c < first)
            goes_on = max(1, (arrived + 1) // self.reduction)
            if before and arrived >= goes_on:
                bars[rung] = before[min(goes_on, len(before)) - 1]
        return ShouldStop(bars)

    def should_stop(self, child: int, epoch: int, value: float) -> bool:
        """Report, and say whether the child stops here."""
        self.report(child, epoch, value)
        return self.bars(child)(epoch, value)
