"""Ratios of two ways to do the same, measured alternately in one run.

A machine's speed drifts, so a single time says little, and what ran last is still in the caches, so
nothing runs twice in a row: every round goes baseline, arm, baseline, arm. What counts is the median
of the rounds' ratios. The baseline against itself, or against its twin where it is `alternating`, says
how far from 1 a ratio of two equal things comes out: the noise band.
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Arm = Callable[[], object]
"""One way to do it; what it returns is kept until the clock has stopped."""


@dataclass(frozen=True)
class Row:
    """One ratio.

    base_ms, ms: medians of the baseline and of what is measured. ratio: the median of the rounds'
    ratios, with its 95 % interval. noise: the largest distance from 1 in the 95 % interval of the
    baseline against itself. target: what the ratio (or `ms`, where `absolute`) should not exceed.
    """

    group: str
    name: str
    baseline: str
    base_ms: float
    ms: float
    ratio: float
    low: float
    high: float
    noise: float
    rounds: int
    target: float | None = None
    absolute: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the target is reached; a ratio within the noise."""
        if self.target is None:
            return None
        if self.absolute:
            return self.ms <= self.target
        return self.ratio <= self.target * (1 + self.noise)

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "holds": self.holds}


def seconds(arm: Arm) -> float:
    """Wall time of one call, garbage collected before and none during it."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        result = arm()
        taken = time.perf_counter() - start
    finally:
        gc.enable()
    del result
    return taken


def cpu_of(arm: Arm) -> float:
    """CPU time of one call, that of processes which it starts and waits for included: what it takes
    on a machine that has nothing else to do. Garbage as for `seconds`."""
    gc.collect()
    gc.disable()
    try:
        start = _cpu()
        result = arm()
        taken = _cpu() - start
    finally:
        gc.enable()
    del result
    return taken


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def alternating(*arms: Arm) -> Arm:
    """The same done by several objects in turn, so that no one's place in memory decides a ratio."""
    turn = itertools.cycle(arms)
    return lambda: next(turn)()


def cpu_seconds(command: Sequence[str]) -> float:
    """CPU time, user and system, of one run of a command."""
    compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=compiled)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@dataclass(frozen=True)
class Target:
    """What a ratio, or a time in ms where `absolute`, should not exceed."""

    value: float | None
    absolute: bool = False


def compare(
    group: str,
    name: str,
    baseline: tuple[str, Arm],
    arms: Mapping[str, tuple[Arm, Target]],
    *,
    rounds: int,
    clock: Callable[[Any], float] = seconds,
) -> Iterator[Row]:
    """One row for every arm against the baseline."""
    label, base = baseline
    each: list[Any] = [arm for arm, _target in arms.values()]
    turns = each if len(each) > 1 else each * 2
    clock(base)
    for arm in each:
        clock(arm)
    bases: list[list[float]] = []
    taken: list[list[float]] = []
    for _round in range(rounds):
        bases.append([])
        taken.append([])
        for arm in turns:
            bases[-1].append(clock(base))
            taken[-1].append(clock(arm))
    _mid, low, high = interval([row[1] / row[0] for row in bases])
    noise = max(1 - low, high - 1)
    for number, (arm_name, (_arm, target)) in enumerate(arms.items()):
        times = [statistics.mean(row[number :: len(each)]) for row in taken]
        ratio, low, high = interval(
            [one / statistics.mean(row) for one, row in zip(times, bases, strict=True)]
        )
        yield Row(
            group,
            f"{name} {arm_name}".strip(),
            label,
            statistics.median(map(statistics.mean, bases)) * 1e3,
            statistics.median(times) * 1e3,
            ratio,
            low,
            high,
            noise,
            rounds,
            target.value,
            target.absolute,
        )


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The median and its 95 % interval, by the bootstrap."""
    draw = random.Random(0)
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(2000))
    return statistics.median(values), medians[50], medians[1949]
