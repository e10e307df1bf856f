"""The Pareto front of a search: what cannot be had better without giving something up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archspec.search.objectives import Objective, Objectives
from archspec.search.pareto import front, hypervolume
from archspec.trials.journal import Entry

from .record import Record


@dataclass(frozen=True)
class Front:
    """The fronts of the search and of random search, each network once.

    wanted: the objectives. search, random: the children with all of them. on_search, on_random:
    those of them that none dominates, the best by the first objective first. reference: the worst value of
    each objective among all children, from which the volume is measured, and ideal: the best ones.
    volumes: of the fronts after `n` children of each; None of more than three objectives.
    """

    wanted: tuple[Objective, ...]
    search: list[Entry]
    random: list[Entry]
    on_search: list[Entry]
    on_random: list[Entry]
    reference: tuple[float, ...]
    ideal: tuple[float, ...]
    n: int
    volumes: tuple[float, float | None] | None

    def values(self, entry: Entry) -> tuple[float, ...]:
        """The objectives of a child as they were measured."""
        return _values(self.wanted, entry)

    @property
    def box(self) -> float:
        """The volume between the reference and the ideal."""
        size = 1.0
        for worst, best in zip(self.reference, self.ideal, strict=True):
            size *= abs(best - worst)
        return size


def fronts(record: Record) -> Front | None:
    """The front of what the plan wants; of accuracy and parameters, where it wants one thing. None
    where no two things are known of any child."""
    wanted = record.plan.objectives.wanted
    if len(wanted) == 1:
        wanted = (*wanted, Objective("params", up=False))
    objectives = Objectives(
        tuple(Objective(one.name, up=one.up) for one in wanted), record.plan.objectives.failed
    )

    def known(entries: Sequence[Entry]) -> list[Entry]:
        found = record.unique(entries)
        return [entry for entry in found if objectives.point(entry.result) is not None]

    def points(entries: Sequence[Entry]) -> list[tuple[float, ...]]:
        found = (objectives.point(entry.result) for entry in entries)
        return [point for point in found if point is not None]

    def best_of(entries: Sequence[Entry]) -> list[Entry]:
        at = points(entries)
        on = front(at)
        return [entries[k] for k in sorted(on, key=lambda k: (tuple(-x for x in at[k]), k))]

    search, random = known(record.search), known(record.random)
    every = points([*search, *random])
    if not search:
        return None
    worst = tuple(min(point[k] for point in every) for k in range(len(wanted)))
    best = tuple(max(point[k] for point in every) for k in range(len(wanted)))
    n = min(len(record.search), len(record.random)) or len(record.search)
    volumes = None
    if len(wanted) <= 3:
        mine = hypervolume(points([e for e in search if e.child < n]), worst)
        other = hypervolume(points([e for e in random if e.child < n]), worst) if random else None
        volumes = (mine, other)

    def measured(point: Sequence[float]) -> tuple[float, ...]:
        return tuple(x if o.up else -x for x, o in zip(point, wanted, strict=True))

    return Front(
        wanted,
        search,
        random,
        best_of(search),
        best_of(random),
        measured(worst),
        measured(best),
        n,
        volumes,
    )


def _values(wanted: Sequence[Objective], entry: Entry) -> tuple[float, ...]:
    found = (entry.result.value(objective.name) for objective in wanted)
    return tuple(value for value in found if value is not None)
