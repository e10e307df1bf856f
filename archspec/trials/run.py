"""The loop of a search: ask for a batch, have it trained, note it, tell it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf

from archspec.diagnostics import UsageError
from archspec.search.space import Answer
from archspec.search.strategies import (
    Halving,
    ShouldStop,
    SpaceUsedUp,
    Strategy,
    child_seed,
    make_strategy,
)

from .engines import Engine
from .jobs import Job, Outcome
from .journal import Entry, Journal, Part, duplicate
from .plan import Plan
from .problem import Child, Invalid, Problem

LOOK = 0.5
"""Seconds between two looks at the controller's entropy, for which it draws children."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a search stands, each time that a child is finished.

    entry: the child; None when a batch has been told, or where a part begins. done, total: children
    of the part; total is None where time or epochs end it. mean: of the rewards of the last batch
    that was told. entropy: of the controller, now and then.
    """

    part: Part
    entry: Entry | None
    done: int
    total: int | None
    best: float | None = None
    mean: float | None = None
    entropy: float | None = None


class Run:
    """A search that is carried out.

    journal: as `Journal.create` or `Journal.open` gave it; what is in it already is not done again.
    on_seen: is told how it goes. on_best: is told of a child of the search that is the best so far.
    used: seconds of the budget that are spent already.
    """

    def __init__(
        self,
        plan: Plan,
        problem: Problem,
        journal: Journal,
        engine: Engine,
        on_seen: Callable[[Seen], object] = lambda _seen: None,
        on_best: Callable[[Entry], object] = lambda _entry: None,
        used: float = 0.0,
    ):
        self.plan = plan
        self.problem = problem
        self.journal = journal
        self.engine = engine
        self.on_seen = on_seen
        self.on_best = on_best
        self.strategy = self._strategy("search")
        self._before = used
        self._began = time.monotonic()

    def go(self) -> None:
        """Carry out what is not done yet."""
        plan = self.plan
        halving = None
        if plan.halving is not None:
            batch = self.strategy.batch
            halving = Halving(plan.epochs, reduction=plan.halving, batch=batch)
        self._explore("search", self.strategy, plan.children, halving)
        if plan.has_baseline:
            done = len(self.journal.part("search"))
            random = self._strategy("random")
            if plan.halving is not None:
                halving = Halving(plan.epochs, reduction=plan.halving, batch=random.batch)
            self._explore("random", random, done, halving)
        if plan.top:
            self._train_best()

    # -- search and random search ---------------------------------------------------------

    def _strategy(self, part: Part) -> Strategy:
        plan = self.plan
        if part == "random":
            return make_strategy("random", self.problem.space, plan.objectives, plan.seed)
        return make_strategy(
            plan.strategy, self.problem.space, plan.objectives, plan.seed, **plan.options
        )

    def _explore(
        self, part: Part, strategy: Strategy, total: int | None, halving: Halving | None
    ) -> None:
        """Let a strategy choose children until the budget is spent or the space used up."""
        batches = _Batches(self, part, strategy, total, halving)
        batches.see(None)
        while batches.one():
            pass

    def until(self, part: Part) -> float | None:
        """The time, by `time.monotonic()`, at which a part ends whatever is done."""
        if self.plan.hours is None:
            return None
        return self._began + 3600 * self.plan.hours * self.plan.share(part) - self._before

    def seed(self, part: Part, child: int) -> int:
        """The seed of a child's training: it depends on the run's and the child's number alone."""
        return child_seed(self.plan.seed, child, "child" if part == "search" else f"{part} child")

    # -- the best of all ------------------------------------------------------------------

    def best(self) -> list[Entry]:
        """The best children of the search, by reward, each network once."""
        reward = self.plan.objectives.reward
        found = [
            entry
            for entry in self.journal.part("search")
            if entry.status == "ok" and entry.same is None
        ]
        return sorted(found, key=lambda entry: (-reward(entry.result), entry.child))

    def _train_best(self) -> None:
        """Train the best again, from several seeds, and try each on the test split."""
        plan = self.plan
        jobs, made = [], {}
        total = 0
        for place, entry in enumerate(self.best()[: plan.top]):
            child = self.problem.child(entry.answers)
            for repeat in range(plan.repeats):
                number = place * plan.repeats + repeat
                total += 1
                if ("final", number) in self.journal.entries:
                    continue
                seed = child_seed(plan.seed, repeat, "final")
                work = self.problem.work(child, epochs=plan.last_epochs, seed=seed, test=True)
                jobs.append(Job(("final", number), work, self._last_limit))
                made[number] = (entry, repeat, seed, child)
        done = total - len(jobs)
        self.on_seen(Seen("final", None, done, total))
        for outcome in self.engine.run(jobs, self.until("final")):
            number = outcome.job.key[1]
            first, repeat, seed, child = made[number]
            entry = entry_of(outcome, child, {}, seed, of=first.child, repeat=repeat)
            self.journal.append(entry)
            done += 1
            self.on_seen(Seen("final", entry, done, total))

    @property
    def _last_limit(self) -> float | None:
        """A last training takes longer by as much as it has more epochs."""
        plan = self.plan
        if plan.limit is None:
            return None
        return plan.limit * max(1.0, plan.last_epochs / plan.epochs)


class _Batches:
    """One part of a search, batch by batch."""

    def __init__(
        self,
        run: Run,
        part: Part,
        strategy: Strategy,
        total: int | None,
        halving: Halving | None,
    ):
        self.run = run
        self.part: Part = part
        self.strategy = strategy
        self.total = total
        self.halving = halving
        self.first = 0
        self.entries = {entry.child: entry for entry in run.journal.part(part)}
        self.known: dict[str, Entry] = {}
        """Trained children of earlier batches, by fingerprint."""
        self.epochs = 0
        """Trained in earlier batches."""
        self.reward = run.plan.objectives.reward
        self.best: float | None = None
        self.mean: float | None = None
        self.looked = -inf

    def one(self) -> bool:
        """Do a batch; False where it was the last one."""
        asked, ended = self._asked()
        prepared: dict[int, Child] = {}
        jobs: dict[int, Job] = {}
        twins: dict[int, int] = {}  # children of this batch that are the same as an earlier one
        firsts: dict[str, int] = {}
        left = inf if self.run.plan.max_epochs is None else self.run.plan.max_epochs - self.epochs
        for number, answers in asked.items():
            done = self.entries.get(number)
            if done is not None:
                self._check(done, answers)
                if done.status not in ("invalid", "failed") and done.same is None:
                    firsts[done.fingerprint] = number
                left -= len(done.epochs)
                continue
            try:
                child = prepared[number] = self.run.problem.child(answers)
            except Invalid as reason:
                entry = Entry(self.part, number, "invalid", answers, str(reason), at=time.time())
                self._note(entry)
                continue
            same = self.known.get(child.fingerprint)
            if same is not None:
                self._note(duplicate(same, number, answers, time.time()))
            elif child.fingerprint in firsts:
                twins[number] = firsts[child.fingerprint]
            elif left < self.run.plan.epochs:
                asked = {n: a for n, a in asked.items() if n < number}
                ended = True
                break
            else:
                left -= self.run.plan.epochs
                firsts[child.fingerprint] = number
                jobs[number] = self._job(number, child)
        if not self._work(jobs, twins, prepared, asked):
            return False
        self._tell(asked)
        return not ended and (self.total is None or self.first < self.total)

    def _asked(self) -> tuple[dict[int, dict[str, Answer]], bool]:
        """The answers of the next batch, and whether there is none after it."""
        last = self.first + self.strategy.batch
        if self.total is not None:
            last = min(last, self.total)
        asked = {}
        for number in range(self.first, last):
            try:
                asked[number] = self.strategy.ask(number)
            except SpaceUsedUp:
                return asked, True
        return asked, not asked

    def _check(self, done: Entry, answers: Mapping[str, Answer]) -> None:
        if dict(done.answers) != dict(answers):
            raise UsageError(
                f"{self.run.journal.path} is not of this search: its {self.part} child {done.child} "
                "has other answers than the strategy gives now"
            )

    def _job(self, number: int, child: Child) -> Job:
        plan = self.run.plan
        bars: ShouldStop | None = None
        if self.halving is not None:
            bars = self.halving.bars(number)
        seed = self.run.seed(self.part, number)
        work = self.run.problem.work(child, epochs=plan.epochs, seed=seed, bars=bars)
        return Job((self.part, number), work, plan.limit)

    def _work(
        self,
        jobs: dict[int, Job],
        twins: dict[int, int],
        prepared: Mapping[int, Child],
        asked: Mapping[int, Mapping[str, Answer]],
    ) -> bool:
        """Have the jobs done, then answer twins from them; False where the time was up."""
        while jobs:
            for outcome in self.run.engine.run(list(jobs.values()), self.run.until(self.part)):
                number = outcome.job.key[1]
                seed = self.run.seed(self.part, number)
                self._note(entry_of(outcome, prepared[number], asked[number], seed))
                del jobs[number]
            if jobs:
                return False
            for number in [n for n, first in twins.items() if self._failed(first)]:
                first = twins.pop(number)  # what failed once may not fail again
                for other in [n for n, one in twins.items() if one == first]:
                    twins[other] = number
                jobs[number] = self._job(number, prepared[number])
                break
        for number, first in twins.items():
            self._note(duplicate(self.entries[first], number, asked[number], time.time()))
        return True

    def _failed(self, number: int) -> bool:
        return self.entries[number].status == "failed"

    def _note(self, entry: Entry) -> None:
        self.run.journal.append(entry)
        self.entries[entry.child] = entry
        self.see(entry)

    def _tell(self, asked: Iterable[int]) -> None:
        """Tell the strategy a batch, in the order of numbers."""
        rewards = []
        for number in asked:
            entry = self.entries[number]
            self.strategy.tell(number, entry.answers, entry.result)
            reward = self.reward(entry.result)
            rewards.append(reward)
            if entry.status in ("ok", "stopped") and entry.same is None:
                self.known.setdefault(entry.fingerprint, entry)
                self.epochs += len(entry.epochs)
                if self.halving is not None:
                    for epoch, metrics in enumerate(entry.epochs, start=1):
                        self.halving.report(number, epoch, metrics["val_accuracy"])
            if entry.status == "ok" and (self.best is None or reward > self.best):
                self.best = reward
                if self.part == "search":
                    self.run.on_best(entry)
            self.first = number + 1
        self.mean = sum(rewards) / len(rewards) if rewards else self.mean
        self.see(None)

    def see(self, entry: Entry | None) -> None:
        entropy = None
        now = time.monotonic()
        if entry is None and (now > self.looked + LOOK or len(self.entries) == self.total):
            self.looked = now
            entropy = getattr(self.strategy, "entropy", None)
        self.run.on_seen(
            Seen(
                self.part,
                entry,
                len(self.entries),
                self.total,
                self.best,
                self.mean,
                None if entropy is None else entropy(),
            )
        )


def entry_of(
    outcome: Outcome,
    child: Child,
    answers: Mapping[str, Answer],
    seed: int,
    *,
    of: int | None = None,
    repeat: int | None = None,
) -> Entry:
    """What the journal says of an outcome."""
    part, number = outcome.job.key
    result = outcome.result or {}
    return Entry(
        part,  # type: ignore[arg-type]
        number,
        result.get("status", "failed"),
        dict(answers),
        outcome.reason,
        result.get("objectives", {}),
        {**child.cost, **result.get("cost", {})},
        tuple(result.get("epochs", ())),
        child.fingerprint,
        None,
        of,
        repeat,
        seed,
        time.time(),
    )
