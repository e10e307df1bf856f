"""The record: a search as its journal has it, and what of it is not there yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

from archspec.diagnostics import UsageError, counted, visible
from archspec.search.space import Space
from archspec.search.strategies import STRATEGIES
from archspec.trials.journal import Entry, Journal, Part
from archspec.trials.plan import Plan, space_from_json

from .quantities import Quantity, quantity, shown
from .statistics import Mean, mean_of

_FINE = 0.0005
"""Of an accuracy: where the seed alone changes less, a second digit means something."""


class Noise(NamedTuple):
    """The standard deviation within the last trainings of a child, pooled over children, and of how
    many trainings it is."""

    deviation: float
    n: int


class Record:
    """What a journal says, and how its numbers are shown. Raises UsageError where it is not that of
    a search.

    folder: where the search lies; best.yaml may be beside the journal.
    """

    def __init__(self, folder: Path, journal: Journal):
        self.folder = folder
        self.journal = journal
        self.header: Mapping[str, Any] = journal.header
        try:
            self.plan = Plan.from_json(self.header["plan"])
            about = self.header["space"]
            self.name = str(about["name"])
            self.space: Space = space_from_json(about["decisions"])
            self.size = self.space.size
            self.identity: Mapping[str, Any] = {**self.header.get("identity", {})}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(
                f"{journal.path}:1: this journal does not say what it searches: {error!r}"
            ) from None
        self.search = journal.part("search")
        self.random = journal.part("random")
        self.finals = journal.part("final")
        for entry in journal.entries.values():
            self._check(entry)

    def _check(self, entry: Entry) -> None:
        """Answers are looked up everywhere."""
        for name, answer in entry.answers.items():
            decision = self.space.by_name.get(name)
            known = decision is not None and (
                not decision.options or answer in range(len(decision.options))
            )
            if not known:
                raise UsageError(
                    f"{self.journal.path}: {of_part(entry.part)} child {entry.child} has "
                    f"`{visible(name)}` = {answer}, which its space does not have: this journal was "
                    "changed by hand"
                )

    @property
    def quoted(self) -> str:
        """The name of the space, for the reader."""
        return visible(self.name)

    @property
    def subtitle(self) -> str:
        """What stands under the title."""
        version = self.header.get("archspec")
        made = f"archspec {visible(str(version))}" if version else "archspec"
        return f"{counted_children(len(self.search))} by {visible(self.plan.strategy)}; {made}"

    # -- what children are worth ----------------------------------------------------------

    def reward(self, entry: Entry) -> float:
        """What the strategy is told of a child."""
        return self.plan.objectives.reward(entry.result)

    def measured(self, entry: Entry) -> float | None:
        """The reward of a child that was trained; None of one that has none of its own."""
        if self.plan.objectives.point(entry.result) is None:
            return None
        return self.reward(entry)

    def trained(self, entries: Sequence[Entry]) -> list[float]:
        """The rewards of the children that have one."""
        found = (self.measured(entry) for entry in entries)
        return [reward for reward in found if reward is not None]

    def best(self, entries: Sequence[Entry]) -> Entry | None:
        """The best of the children that were trained to the end, the earliest of equal ones."""
        done = [entry for entry in entries if self.is_done(entry)]
        return max(done, key=lambda entry: (self.reward(entry), -entry.child), default=None)

    @cached_property
    def chosen(self) -> Entry | None:
        """The child that best.yaml is: the best in the mean of its last trainings on the validation
        split, where all of them are there, else by its reward. See `Search.best`."""
        children = {entry.child: entry for entry in self.search if entry.status == "ok"}
        means = {
            child: fmean(self.reward(entry) for entry in done)
            for child, repeats in self.repeats.items()
            if len(done := [entry for entry in repeats if entry.status == "ok"])
            == self.plan.repeats
            and child in children
        }
        if not means:
            return self.best(self.search)
        return children[max(means, key=lambda child: (means[child], -child))]

    def is_done(self, entry: Entry) -> bool:
        return entry.status == "ok" and self.measured(entry) is not None

    def unique(self, entries: Sequence[Entry]) -> list[Entry]:
        """The children that were trained to the end, each network once."""
        return [entry for entry in entries if self.is_done(entry) and entry.same is None]

    def number_of(self, name: str, entry: Entry) -> float | None:
        """A number that was measured of a child, or of its cost."""
        return entry.result.value(name)

    # -- how it is shown -------------------------------------------------------------------

    def quantity(self, name: str) -> Quantity:
        """How an objective or a cost is shown."""
        if name not in self._quantities:
            every = self.journal.entries.values()
            values = [v for entry in every if (v := self.number_of(name, entry)) is not None]
            digits = 1 if self.noise is None or self.noise.deviation >= _FINE else 2
            self._quantities[name] = quantity(name, values, digits)
        return self._quantities[name]

    @cached_property
    def _quantities(self) -> dict[str, Quantity]:
        return {}

    @property
    def main(self) -> Quantity:
        return self.quantity(self.plan.objectives.main.name)

    @cached_property
    def worth(self) -> Quantity:
        """How a reward is shown: as the main objective, where it is nothing else."""
        if self.is_product:
            every = self.trained(list(self.journal.entries.values()))
            small = all(abs(reward) < 10 for reward in every)
            return Quantity("reward", "reward", digits=3 if small else None)
        main = self.main
        if self.plan.objectives.main.up:
            return main
        return Quantity(main.name, main.label, main.unit, -main.factor, main.digits, main.count)

    @property
    def is_product(self) -> bool:
        """Whether the reward is more than the main objective."""
        return any(objective.target is not None for objective in self.plan.objectives.wanted)

    @property
    def formula(self) -> str:
        """The reward in words, where it is a product."""
        factors = []
        for objective in self.plan.objectives.wanted[1:]:
            if objective.target is not None:
                exponent = objective.exponent
                if exponent is None:
                    exponent = 0.07 if objective.up else -0.07
                target = f"{objective.target:g}"
                factors.append(f" · ({objective.name} / {target})^{exponent:g}")
        return self.plan.objectives.main.name + "".join(factors)

    def answers(self, entry: Entry, most: int = 1000) -> str:
        """The answers of a child as a reader knows them."""
        values = self.space.values(entry.answers)
        said = [f"{shown(name)} = {shown(value)}" for name, value in values.items()]
        if len(said) > most:
            said[most:] = [f"and {len(said) - most} more"]
        return ", ".join(said)

    # -- how far it is ----------------------------------------------------------------------

    @property
    def batch(self) -> int:
        """Children between two steps of the strategy."""
        strategy = STRATEGIES.get(self.plan.strategy)
        default = strategy.OPTIONS["batch"].default if strategy is not None else 1
        preset = self.plan.options.get("preset")
        if "batch" not in self.plan.options and isinstance(preset, str):
            from archspec.search.strategies.presets import PRESETS

            default = PRESETS[preset].batch if preset in PRESETS else default
        return max(1, int(self.plan.options.get("batch", default)))

    @property
    def has_baseline(self) -> bool:
        """Whether random search runs beside it."""
        return self.plan.has_baseline

    @cached_property
    def noise(self) -> Noise | None:
        """How much the seed alone changes the reward of a child. None where none was trained
        twice."""
        squares = []
        count = 0
        for repeats in self.repeats.values():
            values = self.trained(repeats)
            if len(values) > 1:
                middle = fmean(values)
                squares += [(value - middle) ** 2 for value in values]
                count += len(values) - 1
        if not count:
            return None
        return Noise(math.sqrt(sum(squares) / count), len(squares))

    @property
    def repeats(self) -> dict[int, list[Entry]]:
        """The last trainings, by the child of the search."""
        found: dict[int, list[Entry]] = {}
        for entry in self.finals:
            if entry.of is not None:
                found.setdefault(entry.of, []).append(entry)
        return found

    @property
    def missing(self) -> list[str]:
        """What of the plan is not in the journal."""
        plan, later = self.plan, bool(self.random or self.finals)
        said = []
        if not later and not self._has_ended(self.search):
            if plan.children is None:
                said.append(f"the search has {counted_children(len(self.search))} so far")
            elif len(self.search) < plan.children:
                of = counted_children(plan.children)
                said.append(f"the search has {len(self.search):,} of {of}")
        if self.has_baseline and not self.finals and not self._has_ended(self.random):
            if not self.random:
                said.append("random search beside it has not begun")
            elif len(self.random) < len(self.search):
                told = f"{len(self.random):,} of {counted_children(len(self.search))}"
                said.append(f"random search beside it has {told}")
        wanted = min(plan.top, len(self.unique(self.search))) * plan.repeats
        if plan.top and len(self.finals) < wanted:
            said.append(f"the last trainings are {len(self.finals):,} of {wanted:,}")
        if said and plan.hours is not None and self.journal.seconds >= 3600 * plan.hours:
            said.append("the time is up")
        return said

    def _has_ended(self, entries: Sequence[Entry]) -> bool:
        """Whether a part ended before its number of children: the space or the epochs are used up."""
        if len(entries) == self.size:
            return True
        if self.plan.max_epochs is None:
            return False
        spent = sum(len(entry.epochs) for entry in entries if entry.same is None)
        return spent + self.plan.epochs > self.plan.max_epochs


def counted_children(number: int) -> str:
    return counted(number, "child", "children")


def mean_reward(record: Record, entries: Sequence[Entry]) -> Mean | None:
    """The mean reward of the children that have one."""
    return mean_of(record.trained(entries))


def of_part(part: Part) -> str:
    """A part as the reader knows it."""
    return {"search": "search", "random": "random search", "final": "last training"}[part]
