"""What a search cost: children, epochs, seconds, and what came of nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from archspec.trials.journal import Entry, Part

from .record import Record


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one part, or of all.

    children: all that are in the journal. unique: networks among those that were trained. known:
    answered from the journal, because an earlier child is the same network. seconds: of training.
    middle, longest: seconds of a child that was trained; None where none was timed.
    """

    children: int
    unique: int
    known: int
    invalid: int
    failed: int
    stopped: int
    epochs: int
    seconds: float
    middle: float | None
    longest: float | None


def cost_of(entries: Sequence[Entry]) -> Cost:
    """Count them."""
    trained = [entry for entry in entries if _is_trained(entry)]
    times = [entry.cost["seconds"] for entry in trained if "seconds" in entry.cost]
    own = [entry for entry in entries if entry.same is None]
    return Cost(
        children=len(entries),
        unique=len({entry.fingerprint for entry in trained}),
        known=len(entries) - len(own),
        invalid=sum(entry.status == "invalid" for entry in entries),
        failed=sum(entry.status == "failed" for entry in entries),
        stopped=sum(entry.status == "stopped" for entry in own),
        epochs=sum(len(entry.epochs) for entry in own),
        seconds=sum(times),
        middle=median(times) if times else None,
        longest=max(times, default=None),
    )


def costs(record: Record) -> dict[Part, Cost]:
    """By part, those that have children."""
    parts: tuple[tuple[Part, list[Entry]], ...] = (
        ("search", record.search),
        ("random", record.random),
        ("final", record.finals),
    )
    return {part: cost_of(entries) for part, entries in parts if entries}


def total(record: Record) -> Cost:
    """Of all parts together. A network of two parts was trained in each."""
    return cost_of([*record.search, *record.random, *record.finals])


def reasons(record: Record) -> list[tuple[str, str, int]]:
    """Why children failed or were refused: status, reason, and how many, the most frequent first."""
    every = record.journal.entries.values()
    found = Counter(
        (entry.status, entry.reason) for entry in every if entry.status in ("failed", "invalid")
    )
    order = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return [(status, reason, count) for (status, reason), count in order]


def slowest(record: Record, most: int = 5) -> list[Entry]:
    """The children that took longest."""
    timed = [
        entry
        for entry in record.journal.entries.values()
        if _is_trained(entry) and "seconds" in entry.cost
    ]
    return sorted(timed, key=lambda e: (-e.cost["seconds"], e.part, e.child))[:most]


def _is_trained(entry: Entry) -> bool:
    return entry.same is None and entry.status in ("ok", "stopped")
