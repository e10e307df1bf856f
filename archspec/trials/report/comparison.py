"""The comparison: was the search better than random search at the same budget, and than a proxy?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from archspec.trials.journal import Entry

from .quantities import probability
from .record import Record, counted_children, mean_reward
from .statistics import Mean, permutation_test, spearman

SURE = 0.05
"""The probability below which a difference of means is called one."""

PROXIES = {"params": "parameters", "macs": "MACs"}
"""What is known of a child without training it."""


def best_so_far(values: Sequence[float | None]) -> list[float | None]:
    """The largest value up to each place; None before the first."""
    found: list[float | None] = []
    best: float | None = None
    for value in values:
        if value is not None and (best is None or value > best):
            best = value
        found.append(best)
    return found


@dataclass(frozen=True, slots=True)
class Proxy:
    """What ranks children without training them. rank: its correlation with the main objective among
    n networks of one part, each once."""

    of: str
    part: str
    rank: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """The search beside random search.

    n: children of each that are compared. search, random: the best reward so far, child by child.
    ordered: that of the children of random search (of the search, where there is none) in the order
    of their parameters, the most first; None where these are not known. largest: the one with the
    most. last, chance: the mean reward of the last quarter of the search, and of random search. p:
    the probability of that difference by chance. again: children of the last quarter that had been
    trained before.
    """

    n: int
    search: list[float | None]
    random: list[float | None]
    ordered: list[float | None] | None
    largest: Entry | None
    last: Mean | None
    chance: Mean | None
    p: float | None
    again: int
    proxies: list[Proxy]

    @property
    def ahead(self) -> float | None:
        """How much better the best of the search is at the same budget."""
        if not self.n or self.search[self.n - 1] is None or self.random[self.n - 1] is None:
            return None
        return (self.search[self.n - 1] or 0.0) - (self.random[self.n - 1] or 0.0)

    @property
    def gain(self) -> float | None:
        """How much better the mean is."""
        if self.last is None or self.chance is None:
            return None
        return self.last.mean - self.chance.mean


def compare(record: Record) -> Comparison:
    """Compare what there is."""
    quarter = last_quarter(record.search)
    n = min(len(record.search), len(record.random))
    chance = record.trained(record.random)
    pool = record.random or record.search
    params = [known_of("params", entry) for entry in pool]
    ordered = largest = None
    if any(value is not None for value in params):
        at = sorted(
            (k for k, value in enumerate(params) if value is not None),
            key=lambda k: (-(params[k] or 0.0), k),
        )
        ordered = _rewards_so_far(record, [pool[k] for k in at])
        largest = next((pool[k] for k in at if record.is_done(pool[k])), None)
    return Comparison(
        n=n,
        search=_rewards_so_far(record, record.search),
        random=_rewards_so_far(record, record.random),
        ordered=ordered,
        largest=largest,
        last=mean_reward(record, quarter),
        chance=mean_reward(record, record.random),
        p=permutation_test(record.trained(quarter), chance),
        again=sum(entry.same is not None for entry in quarter),
        proxies=_proxies(record),
    )


def known_of(proxy: str, entry: Entry) -> float | None:
    """What is known of a child before it is trained, so of one that failed as well."""
    return entry.cost.get(proxy, entry.objectives.get(proxy))


def last_quarter(entries: Sequence[Entry]) -> Sequence[Entry]:
    """The last children, one of four."""
    return entries[len(entries) - math.ceil(len(entries) / 4) :]


def _rewards_so_far(record: Record, entries: Sequence[Entry]) -> list[float | None]:
    return best_so_far(
        [record.reward(entry) if record.is_done(entry) else None for entry in entries]
    )


def _proxies(record: Record) -> list[Proxy]:
    found = []
    main = record.plan.objectives.main
    for part, entries in (("random search", record.random), ("search", record.search)):
        for of in PROXIES:
            pairs = [
                (number, value)
                for entry in record.unique(entries)
                if (number := record.number_of(of, entry)) is not None
                and (value := record.number_of(main.name, entry)) is not None
            ]
            if pairs:
                rank = spearman([x for x, _y in pairs], [y for _x, y in pairs])
                found.append(Proxy(of, part, rank, len(pairs)))
    return found


Answer = Literal["yes", "in part", "no", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Was it better than random search? answer; in one sentence; and why."""

    answer: Answer
    sentence: str
    reasons: tuple[str, ...] = ()


def verdict(record: Record, comparison: Comparison) -> Verdict:
    """Say so in plain words. A best child is better where it is so by more than twice what the seed
    alone changes between two trainings, as far as that is known; a mean, where chance would seldom do
    the same."""
    if record.plan.strategy == "random":
        return Verdict("open", "This is random search: it is what others are measured by.")
    if not record.plan.baseline:
        return Verdict(
            "open",
            "Nobody knows: random search did not run beside it, so it cannot be said that the search "
            "did anything.",
        )
    if not record.random or comparison.ahead is None:
        return Verdict(
            "open", "That cannot be said yet: there is no child of random search to compare with."
        )
    best, why_best = _best(record, comparison)
    mean, why_mean = _mean(record, comparison)
    children = counted_children(comparison.n)
    if mean is None:
        answer, sentence = _of_best_alone(best, children)
    elif best * mean < 0:
        answer, sentence = (
            "in part",
            (
                "In part: of best child and mean, one is better than random search's and one is worse."
            ),
        )
    elif best > 0 and mean > 0:
        answer, sentence = "yes", f"Yes: after {children} of each it is better than random search."
    elif mean > 0:
        answer, sentence = (
            "in part",
            (
                "In part: it learned to choose better children than random search does, but has found no "
                "better best child."
            ),
        )
    elif best > 0:
        answer, sentence = (
            "in part",
            (
                "In part: its best child is better, but the children that it chose last are no better "
                "than random ones. The best one may be luck."
            ),
        )
    else:
        how = "worse than" if best < 0 or mean < 0 else "no better than"
        answer, sentence = "no", f"No: after {children} of each it is {how} random search."
    one = (
        "One run is one sample: with another seed it may come out otherwise. The children of a run are "
        "not independent of each other, so the test is of this run alone."
    )
    several = (
        f"Several things are wanted, and this compares {record.worth.label} alone; the Pareto fronts "
        "are compared below."
    )
    reasons: tuple[str, ...] = (why_best, why_mean, one)
    if any(objective.target is None for objective in record.plan.objectives.wanted[1:]):
        reasons = (*reasons, several)
    return Verdict(answer, sentence, reasons)


def _of_best_alone(best: int, children: str) -> tuple[Answer, str]:
    if best > 0:
        return "in part", (
            f"In part: after {children} of each its best child is better. Whether it learned to choose "
            "better children than random search does cannot be said."
        )
    how = "worse" if best < 0 else "no better"
    return "no", f"No: after {children} of each its best child is {how} than random search's."


def _best(record: Record, comparison: Comparison) -> tuple[int, str]:
    """Whether the best child is better (1), worse (−1) or neither, and why."""
    worth, n = record.worth, comparison.n
    ahead = comparison.ahead
    assert ahead is not None
    mine, other = worth.text(comparison.search[n - 1]), worth.text(comparison.random[n - 1])
    said = f"Best child at the same budget ({counted_children(n)}): {mine}, and {other} by random search"
    if not ahead:
        return 0, f"{said}: the same."
    better = "better" if ahead > 0 else "worse"
    sign = 1 if ahead > 0 else -1
    said += f": {better} by {worth.difference(ahead)}"
    noise = record.noise
    if noise is None:
        return sign, f"{said}. How much the seed alone changes is not known, so this may be noise."
    if noise.deviation < 1e-9:
        return sign, f"{said}; the seed changes nothing (n = {noise.n})."
    told = (
        f"the seed alone changes a child by {worth.difference(noise.deviation)} (standard deviation in the "
        f"last trainings, n = {noise.n})"
    )
    if abs(ahead) <= 2 * math.sqrt(2) * noise.deviation:
        return 0, f"{said}. That is no difference: {told}, and two such changes differ by more."
    return sign, f"{said}; {told}."


def _mean(record: Record, comparison: Comparison) -> tuple[int | None, str]:
    """Whether the mean is better (1), worse (−1) or neither, and why; None where nothing says so."""
    last, chance, gain = comparison.last, comparison.chance, comparison.gain
    if record.plan.halving is not None:
        return None, (
            "Means are not compared: children were stopped after different numbers of epochs, the later "
            "ones sooner."
        )
    if last is None or chance is None or gain is None:
        return None, "Too few children were trained to compare means."
    said = f"Mean of the last quarter of the search: {with_error(record, last)}"
    if comparison.again:
        said += f", {comparison.again} of them answered from the journal"
    said += f"; of random search: {with_error(record, chance)}"
    if comparison.p is None:
        return None, f"{said}. That is too few children for a test."
    chanced = f"{probability(comparison.p)}, permutation test"
    if comparison.p >= SURE:
        return 0, f"{said}: chance alone may do that ({chanced})."
    return (1 if gain > 0 else -1), f"{said}: {'better' if gain > 0 else 'worse'} ({chanced})."


def with_error(record: Record, mean: Mean | None) -> str:
    """A mean reward with its standard error and n."""
    if mean is None:
        return "–"
    worth = record.worth
    error = "" if mean.error is None else f" ± {worth.difference(mean.error).split()[0]}"
    unit = f" {worth.unit}" if worth.unit else ""
    return f"{worth.number(mean.mean)}{error}{unit} (n = {mean.n})"
