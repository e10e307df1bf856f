"""Small problems to search, and searches of them; also a process of its own: `python -m
tests.trials.problems FOLDER ENGINE CHILDREN SECONDS STRATEGY` begins or goes on, and prints the
digest."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archspec.search.space import Decision, Space
from archspec.trials.engines import Engine, make_engine
from archspec.trials.engines.in_process import InProcess
from archspec.trials.plan import Plan
from archspec.trials.problem import Child, Invalid, OfFunction
from archspec.trials.search import Search

SPACE = Space(
    (
        Decision("cell", "choice", ("plain", "residual")),
        Decision("depth", "int", tuple(range(2, 34))),
        Decision("skip", "choice", (1, 2, 3), when=((("cell", 1),),)),
        Decision("lr", "float", low=1e-4, high=1.0, log=True),
    )
)
SMALL = Space((Decision("a", "choice", (1, 2, 3)), Decision("b", "choice", (1, 2))))


@dataclass(frozen=True)
class Analytic:
    """Residual networks get better with depth, plain ones worse."""

    seconds: float = 0.0

    def __call__(self, values: Mapping[str, Any]) -> dict[str, float]:
        time.sleep(self.seconds)
        gain = 0.01 if values["cell"] == "residual" else -0.01
        return {"accuracy": 0.6 + gain * values["depth"]}


def total(values: Mapping[str, Any]) -> dict[str, float]:
    return {"accuracy": sum(values.values()) / 10}


def fails_at_three(values: Mapping[str, Any]) -> dict[str, float]:
    if values["a"] == 3:
        raise ArithmeticError("three is\ntoo many")
    return total(values)


@dataclass(frozen=True)
class Trained(OfFunction):
    """Children with epochs, of which those with the same sum are the same network, and those of a
    sum of 5 are none."""

    def child(self, answers: Mapping[str, int | float]) -> Child:
        values = self.space.values(answers)
        if values["a"] + values["b"] == 5:
            raise Invalid("five is refused")
        return Child(answers, str(values["a"] + values["b"]), {"params": values["a"]})

    def work(self, child: Child, *, epochs: int = 1, **_how: Any) -> Any:
        return Epochs(self.space.values(child.answers), epochs, _how.get("bars"))


@dataclass(frozen=True)
class Epochs:
    values: Mapping[str, Any]
    epochs: int
    bars: Any = None

    def __call__(self) -> dict[str, Any]:
        rows = []
        for epoch in range(1, self.epochs + 1):
            rows.append({"val_accuracy": sum(self.values.values()) / 10 + epoch / 100})
            if self.bars is not None and self.bars(epoch, rows[-1]["val_accuracy"]):
                break
        status = "ok" if len(rows) == self.epochs else "stopped"
        objectives = {"accuracy": rows[-1]["val_accuracy"]}
        return {"status": status, "objectives": objectives, "epochs": rows}


@dataclass(frozen=True)
class Once:
    """Kills its process as often as there are files to make for it, then answers."""

    folder: str
    deaths: int
    answer: Mapping[str, Any] = field(default_factory=lambda: {"status": "ok"})

    def __call__(self) -> Mapping[str, Any]:
        for n in range(self.deaths):
            mark = Path(self.folder, f"death{n}")
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return self.answer


@dataclass(frozen=True)
class Sleep:
    seconds: float

    def __call__(self) -> Mapping[str, Any]:
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(0.01)
        return {"status": "ok", "pid": os.getpid()}


@dataclass(frozen=True)
class Raise:
    message: str

    def __call__(self) -> Mapping[str, Any]:
        raise ValueError(self.message)


def searched(
    folder: Path,
    plan: Plan,
    problem: Any = None,
    engine: Engine | None = None,
    seen: Any = lambda _seen: None,
) -> Search:
    """A search that has run, begun or gone on with, and is closed."""
    problem = problem or OfFunction(SPACE, Analytic())
    if (folder / "journal.jsonl").exists():
        search = Search.resume(folder, problem)
    else:
        search = Search.begin(folder, plan, problem)
    try:
        with engine or InProcess() as working:
            search.run(working, seen)
    finally:
        search.close()
    return search


def main(folder: str, engine: str, children: str, seconds: str, strategy: str) -> None:
    plan = Plan(strategy=strategy, children=int(children), top=0)
    problem = OfFunction(SPACE, Analytic(float(seconds)))
    search = searched(
        Path(folder), plan, problem, make_engine(engine, None if engine == "in-process" else 2)
    )
    print(search.digest)


if __name__ == "__main__":
    main(*sys.argv[1:])
