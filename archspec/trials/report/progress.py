"""Progress: the mean reward of children that were chosen together, from the first to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from archspec.diagnostics import counted
from archspec.trials.journal import Entry

from .record import Record, counted_children, mean_reward
from .statistics import Mean

GROUPS = 40
"""Means in a chart, at the most: batches are taken together where there are more."""


@dataclass(frozen=True, slots=True)
class Group:
    """Children that follow each other: a batch, or some. mean: of the rewards of those that were
    trained, None where none was. untrained: those that failed or were invalid."""

    first: int
    last: int
    mean: Mean | None
    untrained: int

    @property
    def middle(self) -> float:
        """Where on the axis of children it stands; they are counted from 1 there."""
        return (self.first + self.last) / 2 + 1

    @property
    def span(self) -> str:
        """Its children."""
        return f"{self.first} to {self.last}" if self.last > self.first else str(self.first)


def groups(record: Record) -> tuple[list[Group], str]:
    """The groups of the search that are complete, and what one is."""
    batch, entries = record.batch, record.search
    batches = len(entries) / batch
    together = max(1, ceil(batches / GROUPS))
    size = batch * together
    found = [
        _group(record, entries[first : first + size]) for first in range(0, len(entries), size)
    ]
    if len(found) > 1 and len(entries) % size:
        found.pop()
    called = f"each batch of {size}" if together == 1 else f"each {counted_children(size)}"
    if together > 1 and batch > 1:
        called += f" ({counted(together, 'batch', 'batches')})"
    return found, called


def _group(record: Record, entries: Sequence[Entry]) -> Group:
    mean = mean_reward(record, entries)
    return Group(
        entries[0].child,
        entries[-1].child,
        mean,
        sum(record.measured(entry) is None for entry in entries),
    )
