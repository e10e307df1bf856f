"""A search in a folder: begun, carried out, gone on with, and what it leaves behind.

journal.jsonl is the search itself; best.yaml is its best child so far, as a spec of its own.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from statistics import fmean
from typing import Any

from archspec.diagnostics import UsageError, counted
from archspec.files import write_whole
from archspec.search.spec_space import SpecSpace
from archspec.search.strategies import make_strategy

from .engines import Engine
from .identity import check_same, digest_of_code
from .journal import Entry, Journal, Session
from .plan import Plan, space_as_json
from .price import Price, estimate, price
from .problem import OfSpec, Problem
from .run import Run, Seen

BEST = "best.yaml"


class Search:
    """A search and its folder; made by `begin` or `resume`, and closed by `close`."""

    def __init__(self, folder: Path, plan: Plan, problem: Problem, journal: Journal):
        self.folder = folder
        self.plan = plan
        self.problem = problem
        self.journal = journal
        self.digest = ""
        """Of the strategy, when the search has run: the same for the same children."""
        self._timing = 0.0
        self._kept: int | None = None

    @classmethod
    def begin(
        cls,
        folder: Path,
        plan: Plan,
        problem: Problem,
        spec: Mapping[str, Any] | None = None,
    ) -> Search:
        """A new search. spec: how its spec was read, for who goes on with it: `load_space`'s
        arguments. Raises UsageError where the folder holds a search."""
        from archspec import __version__

        _check(plan, problem)
        size = problem.space.size
        header = {
            "archspec": __version__,
            "plan": plan.as_json(),
            "space": {
                "name": problem.name,
                "size": size if math.isfinite(size) else None,
                "decisions": space_as_json(problem.space),
                "spec": spec,
            },
            "identity": dict(problem.identity),
        }
        return cls(folder, plan, problem, Journal.create(folder, header))

    @classmethod
    def resume(cls, folder: Path, problem: Problem | None = None) -> Search:
        """A search to go on with. problem: what is searched, where that is no spec.

        Raises UsageError where there is none, where another process works on it, and where its
        space or the code has changed since it began.
        """
        known = Journal.read(folder).header
        plan = Plan.from_json(known["plan"])
        if problem is None:
            problem = _read_again(known, plan, folder)
        check_same(known["identity"], problem.identity, folder)
        return cls(folder, plan, problem, Journal.open(folder))

    def price(self, engine: Engine) -> Price:
        """What the rest of the search takes: from the children that were trained, or else from a few
        that are trained now, for one epoch each."""
        done = self.journal.part("search")
        left = None if self.plan.children is None else max(0, self.plan.children - len(done))
        trained = [e for e in done if e.epochs and "in_epochs" in e.cost]
        if not trained:
            began = time.monotonic()
            found = price(self.plan, self.problem, engine, left)
            self._timing = time.monotonic() - began
            return found
        epoch = fmean(e.cost["in_epochs"] / len(e.epochs) for e in trained)
        beside = fmean(e.cost["seconds"] - e.cost["in_epochs"] for e in trained)
        return estimate(self.plan, beside, epoch, engine.workers, left)

    def run(
        self, engine: Engine, on_seen: Callable[[Seen], object] = lambda _seen: None
    ) -> Entry | None:
        """Carry out what is left; gives the best child. on_seen: is told how it goes."""
        # The time in which children were timed is a part of the budget too.
        used = self.journal.seconds + self._timing
        self.journal.begin(Session(time.time() - self._timing, engine.name, engine.workers))
        run = Run(self.plan, self.problem, self.journal, engine, on_seen, self._keep, used)
        run.go()
        self.digest = run.strategy.digest()
        best = self.best()
        if best is not None:
            self._keep(best)
        return best

    def best(self) -> Entry | None:
        """The child of the search that is best: in the mean of its last trainings on the validation
        split, or by its reward where there were none."""
        reward = self.plan.objectives.reward
        found = {e.child: e for e in self.journal.part("search") if e.status == "ok"}
        if not found:
            return None
        last: dict[int, list[float]] = {}
        for entry in self.journal.part("final"):
            if entry.status == "ok" and entry.of is not None:
                # What is not measured again, such as the parameters, is as it was.
                last.setdefault(entry.of, []).append(reward(entry.result))
        whole = {child: fmean(r) for child, r in last.items() if len(r) == self.plan.repeats}
        if whole:
            return found[max(whole, key=lambda child: (whole[child], -child))]
        return max(found.values(), key=lambda entry: (reward(entry.result), -entry.child))

    def _keep(self, entry: Entry) -> None:
        """Write the best child as a spec, where it is not the one that was written last."""
        if entry.child == self._kept:
            return
        main = self.plan.objectives.main.name
        value = entry.objectives.get(main, 0.0)
        text = self.problem.written(
            entry.answers,
            f"{self.problem.name}-{entry.child}",
            f"Child {entry.child} of {self.problem.name}: {main} {value:.4g} after "
            f"{counted(len(entry.epochs) or self.plan.epochs, 'epoch')} on {self.plan.data}.",
        )
        if text is not None:
            write_whole(self.folder / BEST, text.encode())
        self._kept = entry.child

    def close(self) -> None:
        """Let others work on it. Where nothing was done, nothing is left."""
        self.journal.close()
        if not self.journal.entries and not self.journal.sessions:
            self.journal.path.unlink()
            with suppress(OSError):  # it was there before, with files of others
                self.folder.rmdir()


def problem_of(found: SpecSpace, plan: Plan, plugins: Iterable[str] = ()) -> OfSpec:
    """The problem of an open spec under a plan.

    Raises TrainingError where a child cannot be trained on the data, and UsageError where nothing is
    open.
    """
    wanted = {objective.name for objective in plan.objectives.wanted}
    return OfSpec(
        found, plan.data, plan.training, latency="latency" in wanted, plugins=tuple(plugins)
    )


def _read_again(header: Mapping[str, Any], plan: Plan, folder: Path) -> Problem:
    spec = header["space"]["spec"]
    if spec is None:
        raise UsageError(f"the search in {folder} is not of a spec: it is gone on with from Python")
    from archspec.api import load_space

    # Other code may not even read the old spec: that is said first.
    known = header["identity"].get("the code")
    check_same({"the code": known}, {"the code": digest_of_code(spec["plugins"])}, folder)
    found = load_space(
        spec["spec"],
        text=spec["text"],
        params=spec["params"],
        plugins=spec["plugins"],
        limit=spec["limit"],
    )
    return problem_of(found, plan, spec["plugins"])


def _check(plan: Plan, problem: Problem) -> None:
    """Raises UsageError of what would be found out later."""
    make_strategy(plan.strategy, problem.space, plan.objectives, plan.seed, **plan.options)
    known = {"accuracy", "latency", "params", "macs"}
    wanted = [objective.name for objective in plan.objectives.wanted]
    if isinstance(problem, OfSpec):
        for name in wanted:
            if name not in known:
                raise UsageError(
                    f"a trained child has no `{name}`: there are {', '.join(sorted(known))}"
                )
