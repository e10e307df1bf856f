"""What a strategy learned, over time: rebuilt from the journal, or counted in what it chose."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archspec.diagnostics import ArchspecError
from archspec.search.space import Decision, Space
from archspec.search.strategies import STRATEGIES, make_strategy
from archspec.search.strategies.classes import Classes
from archspec.trials.journal import Entry

from .quantities import shown
from .record import Record

POINTS = 30
"""Of a line over time, at the most."""

Line = list[float | None]


@dataclass(frozen=True)
class Learned:
    """Which options were likely, or were taken, over time.

    at: after how many children. entropy: in nats, of a child's decisions together. beside: the same
    of random search, counted alike. ceiling: the entropy where all children are alike likely, if
    that is the most there can be. lines: by decision, for each of its classes; None where no child
    came to the decision. labels: of the classes. window: children that were counted; None of
    probabilities. note: why nothing better could be said.
    """

    at: Sequence[int]
    entropy: Line
    lines: Mapping[str, list[Line]]
    labels: Mapping[str, list[str]]
    beside: Line | None = None
    ceiling: float | None = None
    window: int | None = None
    note: str = ""

    @property
    def by_change(self) -> list[str]:
        """The decisions that can be made in more than one way and were made, those that changed most
        first."""
        names = [
            name
            for name, labels in self.labels.items()
            if len(labels) > 1 and any(p is not None for line in self.lines[name] for p in line)
        ]
        return sorted(names, key=lambda name: -self.change(name))

    def change(self, name: str) -> float:
        """By how much the probabilities of a decision moved from first to last, from 0 to 1."""
        moved = 0.0
        for line in self.lines[name]:
            known = [p for p in line if p is not None]
            moved += abs(known[-1] - known[0]) / 2 if known else 0.0
        return round(moved, 9)

    def last(self, name: str) -> tuple[str, float] | None:
        """The option that is likeliest at the end, and how likely it is."""
        ends = [
            (line[-1], label)
            for line, label in zip(self.lines[name], self.labels[name], strict=True)
        ]
        known = [(p, label) for p, label in ends if p is not None]
        if not known:
            return None
        p, label = max(known, key=lambda one: one[0])
        return label, p


def learned(record: Record) -> Learned:
    """By the strategy itself where it has probabilities, else by counting."""
    strategy = STRATEGIES.get(record.plan.strategy)
    if strategy is None or not hasattr(strategy, "probabilities"):
        return _counted(record)
    try:
        return _rebuilt(record)
    except (ArchspecError, ValueError, KeyError, IndexError) as error:
        why = f"The strategy could not be rebuilt to ask it for its probabilities ({error})."
        return _counted(record, why)


def _rebuilt(record: Record) -> Learned:
    """A strategy that is told the history of the search is the one that was."""
    plan = record.plan
    strategy = make_strategy(
        plan.strategy, record.space, plan.objectives, plan.seed, **plan.options
    )
    history = _without_gaps(record.search)
    batches = len(history) // strategy.batch
    asked = {batch * strategy.batch for batch in _spread(0, batches)}
    classes = {decision.name: Classes(decision) for decision in record.space.decisions}
    at: list[int] = []
    entropy: Line = []
    lines: dict[str, list[Line]] = {
        name: [[] for _ in range(c.count)] for name, c in classes.items()
    }

    def look() -> None:
        at.append(strategy.told)
        entropy.append(strategy.entropy())  # type: ignore[attr-defined]
        now = strategy.probabilities()  # type: ignore[attr-defined]
        for name, own in lines.items():
            found = now.get(name) or []
            for n, line in enumerate(own):
                line.append(float(found[n]) if len(found) == len(own) else None)

    look()
    for entry in history[: batches * strategy.batch]:
        strategy.tell(entry.child, entry.answers, entry.result)
        if strategy.told in asked:
            look()
    return Learned(
        at, entropy, lines, _labels(record.space), ceiling=_ceiling(record.space, classes)
    )


def _counted(record: Record, note: str = "") -> Learned:
    """How often each option was taken among the last children."""
    entries = record.search
    window = min(len(entries), max(10, record.batch, len(entries) // 10))
    at = sorted(set(_spread(window, len(entries)))) if window else []
    found = Counted(record.space, entries, window, at)
    beside = None
    if record.has_baseline and record.random:
        there = [n for n in at if n <= len(record.random)]
        other = Counted(record.space, record.random, window, there)
        beside = [*other.entropy, *[None] * (len(at) - len(there))]
    return Learned(
        at, found.entropy, found.lines, _labels(record.space), beside, None, window, note
    )


class Counted:
    """The options that were taken in a window of children, at some places."""

    def __init__(self, space: Space, entries: Sequence[Entry], window: int, at: Sequence[int]):
        self.lines: dict[str, list[Line]] = {}
        self.entropy: Line = [0.0] * len(at)
        for decision in space.decisions:
            classes = Classes(decision)
            lines: list[Line] = [[] for _ in range(classes.count)]
            for place, end in enumerate(at):
                answers = [
                    entry.answers[decision.name]
                    for entry in entries[end - window : end]
                    if decision.name in entry.answers
                ]
                counts = [0] * classes.count
                for answer in answers:
                    counts[classes.of(answer)] += 1
                for line, count in zip(lines, counts, strict=True):
                    line.append(count / len(answers) if answers else None)
                if answers:
                    parts = [count / len(answers) for count in counts if count]
                    nats = -sum(p * math.log(p) for p in parts) * len(answers) / window
                    self.entropy[place] = (self.entropy[place] or 0.0) + nats
            self.lines[decision.name] = lines


def _without_gaps(entries: Sequence[Entry]) -> list[Entry]:
    """Children side by side do not end in order: those before the first that is missing."""
    found: list[Entry] = []
    for entry in entries:
        if entry.child != len(found):
            break
        found.append(entry)
    return found


def _spread(first: int, last: int) -> list[int]:
    """Whole numbers from first to last, both of them, evenly."""
    if last - first < POINTS:
        return list(range(first, last + 1))
    return [first + round(n * (last - first) / (POINTS - 1)) for n in range(POINTS)]


def _labels(space: Space) -> dict[str, list[str]]:
    return {decision.name: _of_classes(decision) for decision in space.decisions}


def _of_classes(decision: Decision) -> list[str]:
    classes = Classes(decision)
    if classes.count == len(decision.options):
        return [shown(option) for option in decision.options]
    return [
        _end(low) if low == high else f"{_end(low)} to {_end(high)}"
        for low, high in classes.labels()
    ]


def _end(value: int | float) -> str:
    """An end of a part of a range."""
    return f"{value:.2g}" if isinstance(value, float) else shown(value)


def _ceiling(space: Space, classes: Mapping[str, Classes]) -> float | None:
    """The logarithm of the number of children, where each class is one answer."""
    if any(classes[d.name].count != len(d.options) for d in space.decisions) or not space.decisions:
        return None
    return math.log(space.size)
