"""Whether the controller learns where children are really trained: `python -m tests.experiments.fashion`.

Fixed before it was run: the space `digits_cells` at 28 x 28, Fashion-MNIST (Debian's package
dataset-fashion-mnist), 2,000 training images in batches of 32, one epoch; the controller's `small-budget`
preset with batches of 10 children, 120 children, seeds 0 to 4. Claimed: in the mean over the seeds the
accuracy of the last batch is above that of the first one. A search that was interrupted goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import fmean, stdev

from archspec.api import load_space
from archspec.trials.engines import make_engine
from archspec.trials.journal import Entry, Journal
from archspec.trials.plan import Plan
from archspec.trials.search import Search, problem_of

SEEDS = range(5)
BATCH = 10


def plan(seed: int) -> Plan:
    """The plan of one seed."""
    return Plan(
        strategy="controller",
        options={"batch": BATCH},
        seed=seed,
        data="fashion-mnist",
        training={"limit_train": 2000, "batch_size": 32},
        epochs=1,
        children=120,
        baseline=False,
        top=0,
    )


def searched(folder: Path, seed: int, engine: str = "in-process") -> Journal:
    """The journal of one seed, which is done as far as it was not."""
    found = plan(seed)
    problem = problem_of(load_space("digits_cells", size=28), found)
    path = folder / f"seed{seed}"
    begun = (path / "journal.jsonl").exists()
    search = Search.resume(path, problem) if begun else Search.begin(path, found, problem)
    try:
        with make_engine(engine) as working:
            search.run(working)
    finally:
        search.close()
    return search.journal


def accuracies(entries: list[Entry]) -> list[float]:
    """What children were worth; 0 where one failed."""
    return [entry.objectives.get("accuracy", 0.0) for entry in entries]


def table(journals: list[Journal]) -> str:
    """The first and the last batch of every seed, in percent."""
    lines = [
        "| seed | first batch | last batch | best | unique |",
        "| --- | --- | --- | --- | --- |",
    ]
    gains = []
    for seed, journal in zip(SEEDS, journals, strict=False):
        found = accuracies(journal.part("search"))
        unique = len({entry.fingerprint for entry in journal.part("search")})
        first, last = fmean(found[:BATCH]), fmean(found[-BATCH:])
        gains.append(last - first)
        row = " | ".join(f"{100 * value:.1f}" for value in (first, last, max(found)))
        lines.append(f"| {seed} | {row} | {unique} |")
    if len(gains) > 1:
        lines.append(
            f"\nlast less first: {100 * fmean(gains):+.1f} ± {100 * stdev(gains):.1f} points"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("fashion"))
    parser.add_argument("--engine", default="in-process")
    options = parser.parse_args()
    journals = []
    for seed in SEEDS:
        journals.append(searched(options.out, seed, options.engine))
        print(table(journals), flush=True)


if __name__ == "__main__":
    main()
