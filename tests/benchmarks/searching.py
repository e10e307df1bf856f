"""Searching: what a search adds to the training of its children, and how many children it can take."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from archspec.api import child, load_space, load_str
from archspec.trials import OfFunction, Plan, Search, problem_of
from archspec.trials.engines.in_process import InProcess
from archspec.trials.jobs import Job, Outcome

from .measure import Row, Target, compare, cpu_of

ADDED = 0.05
"""What strategy, compiling and journal may add to the shortest child."""

CHILDREN = 5
MANY = 10_000
MANY_SECONDS = 60


class Untrained:
    """An engine that compiles children, and trains none."""

    name = "untrained"
    workers = 1

    def run(self, jobs: Sequence[Job], until: float | None = None) -> Iterator[Outcome]:
        for job in jobs:
            load_str(job.work.spec).compile(seed=0)  # type: ignore[attr-defined]
            epochs = [{"val_accuracy": 0.5}]
            yield Outcome(job, {"status": "ok", "objectives": {"accuracy": 0.5}, "epochs": epochs})

    def __enter__(self) -> Untrained:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows of what a search adds, against training the smallest child of the smallest space for as many
    epochs as children have unless said; and of ten thousand children that are worth a formula."""
    from archspec.train import fit_child, read_data

    space = load_space("digits_cells")
    data = read_data("digits")
    smallest = min(
        (child(space, answers) for answers in _some(space)), key=lambda arch: arch.cost.macs
    )
    epochs = Plan(children=1).epochs

    def train() -> None:
        for seed in range(CHILDREN):
            fit_child(smallest, data, epochs, seed)

    for strategy in ("evolution", "controller"):

        def search(strategy: str = strategy) -> None:
            plan = Plan(strategy=strategy, children=CHILDREN, top=0, baseline=False)
            _searched(plan, problem_of(space, plan), Untrained())

        yield from compare(
            "searching",
            f"{strategy}: all but the training of a child",
            ("training the smallest child of digits_cells", train),
            {"": (search, Target(ADDED))},
            rounds=2 if quick else 7,
            clock=cpu_of,
        )
    cells = load_space("nas_bench_201").space
    for strategy in ("random", "evolution", "controller"):

        def many(strategy: str = strategy) -> None:
            plan = Plan(strategy=strategy, children=MANY, top=0, baseline=False)
            _searched(plan, OfFunction(cells, _worth), InProcess())

        yield from compare(
            "searching",
            f"{strategy}: {MANY:,} children that are worth a formula",
            ("training the smallest child of digits_cells", train),
            {"": (many, Target(1000 * MANY_SECONDS, True))},
            rounds=1,
            clock=cpu_of,
        )


def _some(space: Any) -> Iterator[dict[str, Any]]:
    """Sets of answers, among them that of the least of everything."""
    yield space.space.default()
    yield space.space.choose(lambda _decision: 0)


def _worth(values: Mapping[str, Any]) -> dict[str, float]:
    return {"accuracy": sum(len(str(value)) for value in values.values()) / 100}


def _searched(plan: Plan, problem: Any, engine: Any) -> None:
    with tempfile.TemporaryDirectory() as folder, engine:
        search = Search.begin(Path(folder, "run"), plan, problem)
        search.run(engine)
        search.close()
