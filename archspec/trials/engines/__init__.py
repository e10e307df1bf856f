"""Engines: where jobs are done. Adding one is adding it here.

An engine takes the jobs of a batch and gives each outcome when it is there, in whichever order. It does
not know what the jobs are, keeps nothing, and decides nothing: the same jobs have the same results on
every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from archspec.diagnostics import UsageError, did_you_mean
from archspec.trials.jobs import Job, Outcome


class Engine(Protocol):
    """Does jobs. name, workers: for the reader. Used in a `with`, after which no process is left."""

    name: str
    workers: int

    def run(self, jobs: Sequence[Job], until: float | None = None) -> Iterator[Outcome]:
        """Do jobs; gives each outcome as it comes. until: a time by `time.monotonic()` at which
        what is not done is given up, with no outcome."""

    def __enter__(self) -> Engine: ...

    def __exit__(self, *_error: object) -> None: ...


def _in_process(workers: int | None, **options: Any) -> Engine:
    from .in_process import InProcess

    if workers not in (None, 1):
        raise UsageError(
            "the in-process engine is one process: take --engine pool for more workers"
        )
    _none_of("in-process", options)
    return InProcess()


def _pool(workers: int | None, **options: Any) -> Engine:
    from .pool import Pool

    _none_of("pool", options)
    return Pool(workers)


def _ray(workers: int | None, **options: Any) -> Engine:
    from .ray import RayTasks

    return RayTasks(workers, **options)


ENGINES: Mapping[str, Callable[..., Engine]] = {
    "in-process": _in_process,
    "pool": _pool,
    "ray": _ray,
}
"""All engines by name, the default first."""


def make_engine(name: str, workers: int | None = None, **options: Any) -> Engine:
    """An engine by its name. workers: jobs done side by side. Raises UsageError of what it cannot
    be."""
    if name not in ENGINES:
        question = did_you_mean(name, ENGINES) or f"there are {', '.join(ENGINES)}"
        raise UsageError(f"there is no engine `{name}`: {question}")
    return ENGINES[name](workers, **options)


def _none_of(name: str, options: Mapping[str, Any]) -> None:
    given = [option for option, value in options.items() if value is not None]
    if given:
        raise UsageError(f"engine `{name}` takes no `{given[0]}`: that is for --engine ray")


__all__ = ["ENGINES", "Engine", "make_engine"]
