"""A search of networks for the digits, as a process of its own: `python -m tests.trials.digits FOLDER
ENGINE CHILDREN` begins or goes on, and prints the digest."""

from __future__ import annotations

import sys
from pathlib import Path

from archspec.api import load_space
from archspec.trials.engines import make_engine
from archspec.trials.plan import Plan
from archspec.trials.search import Search, problem_of


def main(folder: str, engine: str, children: str) -> None:
    plan = Plan(
        strategy="controller",
        children=int(children),
        epochs=1,
        training={"limit_train": 320},
        top=1,
        repeats=2,
        baseline=False,
    )
    problem = problem_of(load_space("digits_cells"), plan)
    path = Path(folder)
    if (path / "journal.jsonl").exists():
        search = Search.resume(path, problem)
    else:
        search = Search.begin(path, plan, problem)
    with make_engine(engine, None if engine == "in-process" else 2) as working:
        search.run(working)
    search.close()
    print(search.digest)


if __name__ == "__main__":
    main(*sys.argv[1:])
