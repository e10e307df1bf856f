"""Whether the controller learns: paired runs on tables of which the best child is known.

`python -m tests.search.statistics` prints what docs/search-statistics.md shows. What is claimed, and
when it counts as shown, stands in `CLAIMS` and was fixed before the runs: seeds 0 to 29 were not looked
at while the settings were chosen (on seeds from 1000 on).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest, wilcoxon

from archspec.search.objectives import Objectives
from archspec.search.strategies import child_seed, make_strategy

from .spaces import Table, accuracy, cells, graphs

TABLES: Mapping[str, Callable[[], Table]] = {"cells": cells, "graphs": graphs}

SEEDS = range(30)
WINDOW = slice(250, 300)
"""Children 251 to 300, of which the mean says what the strategy prefers by then."""


@dataclass(frozen=True)
class Claims:
    """When something counts as shown, one-sided, by Wilcoxon's signed ranks of paired seeds.

    mean: the mean of children 251 to 300 is above random search's with a p below this. budget, best:
    the best child after so many is better than random search's with a p below this. shuffled: with
    rewards that mean nothing, neither has a p below this.
    """

    budget: int
    mean: float = 1e-6
    best: float = 0.01
    shuffled: float = 0.01


CLAIMS: Mapping[str, Claims] = {"cells": Claims(budget=300), "graphs": Claims(budget=500)}

SHORT = Claims(budget=300, mean=0.01)
"""For ten seeds on the cells, of which no p is below 0.001."""

ROWS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "random without repeats": ("random", {}),
    "controller, `zoph2017`": ("controller", {"preset": "zoph2017"}),
    "controller, `nasnet`": ("controller", {"preset": "nasnet"}),
    "controller, `enas`": ("controller", {"preset": "enas"}),
    "controller, `small-budget`": ("controller", {}),
    "the same, rewards shuffled": ("controller", {"shuffled": True, "children": 500}),
    "TPE": ("tpe", {"children": 100}),
    "evolution, P=20, S=5": ("evolution", {}),
}
RANDOM, CONTROLLER, SHUFFLED, EVOLUTION = (list(ROWS)[n] for n in (0, 4, 5, 7))


def run(table: str, row: str, seed: int, children: int) -> np.ndarray:
    """The true accuracy of each child of a search, in percent.

    With shuffled rewards a child is told the accuracy of another one, drawn from the table: its
    distribution is the same, and what the child is has no part in it.
    """
    name, options = ROWS[row]
    options = dict(options)
    shuffled = options.pop("shuffled", False)
    children = min(children, options.pop("children", children))
    known = TABLES[table]()
    strategy = make_strategy(name, known.space, Objectives(), seed, **options)
    found = np.empty(children)
    for first in range(0, children, strategy.batch):
        batch = range(first, min(first + strategy.batch, children))
        asked = [strategy.ask(child) for child in batch]
        for child, answers in zip(batch, asked):
            found[child] = known(answers)
            told = found[child]
            if shuffled:
                draw = random.Random(child_seed(seed, child, "shuffled"))
                told = known.values.flat[int(draw.random() * known.values.size)]
            strategy.tell(child, answers, accuracy(float(told)))
    return found


@dataclass(frozen=True)
class Runs:
    """The runs of one strategy on one table: accuracy by seed and child."""

    found: np.ndarray

    @property
    def means(self) -> np.ndarray:
        return self.found[:, WINDOW].mean(1)

    def best(self, budget: int) -> np.ndarray:
        return self.found[:, :budget].max(1)


def above(ours: np.ndarray, others: np.ndarray) -> float:
    """The one-sided p of paired seeds, by Wilcoxon's signed ranks; 1 where all pairs are equal."""
    if np.array_equal(ours, others):
        return 1.0
    return float(wilcoxon(ours, others, alternative="greater").pvalue)


def signs(ours: np.ndarray, others: np.ndarray) -> float:
    """The same by the sign test, without ties."""
    wins, losses = int((ours > others).sum()), int((ours < others).sum())
    return float(binomtest(wins, wins + losses, alternative="greater").pvalue) if wins else 1.0


def a12(ours: np.ndarray, others: np.ndarray) -> float:
    """How often a run of ours is better than one of the others' (Vargha & Delaney), ties half."""
    pairs = ours[:, None] - others[None, :]
    return float((pairs > 0).mean() + 0.5 * (pairs == 0).mean())


def untrue(runs: Mapping[str, Runs], claims: Claims) -> list[str]:
    """What does not hold of what is claimed; nothing where all does."""
    ours, others, shuffled = runs[CONTROLLER], runs[RANDOM], runs[SHUFFLED]
    window, budget = above(ours.means, others.means), claims.budget
    best = above(ours.best(budget), others.best(budget))
    by_luck = {
        "mean": above(shuffled.means, others.means),
        "best": above(shuffled.best(budget), others.best(budget)),
    }
    found = []
    if not window < claims.mean:
        found.append(f"the mean of children 251 to 300 is not above random's: p = {window:.2g}")
    if not best < claims.best:
        found.append(f"the best of {budget} is not above random's: p = {best:.2g}")
    for what, p in by_luck.items():
        if p < claims.shuffled:
            found.append(f"with shuffled rewards the {what} is above random's: p = {p:.2g}")
    return found


def report(table: str, runs: Mapping[str, Runs], claims: Claims) -> str:
    """A Markdown table of all strategies."""
    known, others = TABLES[table](), runs[RANDOM]
    lines = [
        f"| {known.name} | regret after 100 | 300 | 1000 | A12 at {claims.budget} | "
        f"p of the best of {claims.budget}, ranks (signs) | mean of 251–300 | p of that mean |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row, ours in runs.items():
        children = ours.found.shape[1]
        shown = [
            f"{(known.best - ours.best(n)).mean():.2f}" if n <= children else "–"
            for n in (100, 300, 1000)
        ]
        if row == RANDOM or children < claims.budget:
            shown += ["–", "–"]
        else:
            best = ours.best(claims.budget), others.best(claims.budget)
            shown += [f"{a12(*best):.2f}", f"{above(*best):.1g} ({signs(*best):.1g})"]
        if children < WINDOW.stop:
            shown += ["–", "–"]
        else:
            p = "–" if row == RANDOM else f"{above(ours.means, others.means):.1g}"
            shown += [f"{ours.means.mean():.2f}", p]
        lines.append(f"| {row} | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def searched(
    table: str,
    rows: Sequence[str],
    seeds: Sequence[int],
    children: int,
    each: Callable[..., Any] = map,
) -> dict[str, Runs]:
    """The runs of some strategies; `each` maps over them, in processes or here."""
    jobs = [(table, row, seed, children) for row in rows for seed in seeds]
    found = list(each(run, *zip(*jobs)))
    size = len(seeds)
    return {row: Runs(np.array(found[n * size : (n + 1) * size])) for n, row in enumerate(rows)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.search.statistics", description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    wrong = []
    with ProcessPoolExecutor(options.processes) as pool:
        for table, claims in CLAIMS.items():
            runs = searched(table, list(ROWS), SEEDS, 1000, pool.map)
            print(report(table, runs, claims), flush=True)
            wrong += [f"{table}: {each}" for each in untrue(runs, claims)]
    print("\n".join(wrong) or "All that is claimed holds.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
