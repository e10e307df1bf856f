"""Many specs at once: on all cores, and told in the order in which they were asked for."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from archspec.diagnostics import Diagnostic, SpecError, UsageError
from archspec.diagnostics.packing import pack_whole, unpack_whole
from archspec.limits import processors

from .run import Checker

MANY = 64
"""As many specs are worth processes of their own: starting these takes as long as checking a few."""


def check_many(
    checker: Checker, specs: Sequence[str], jobs: int | None = None
) -> Iterator[list[Diagnostic]]:
    """What is found in each of the specs, in their order. jobs: the most processes; as many as there
    are cores, unless said.

    Raises UsageError where a process was killed.
    """
    jobs = min(processors() if jobs is None else jobs, len(specs))
    if jobs == 1 or len(specs) < MANY:
        return map(partial(_checked, checker), specs)
    return _side_by_side(checker, specs, jobs)


def _checked(checker: Checker, spec: str) -> list[Diagnostic]:
    try:
        return checker.check(spec)
    except SpecError as error:
        return list(error.diagnostics)


def _side_by_side(checker: Checker, specs: Sequence[str], jobs: int) -> Iterator[list[Diagnostic]]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children

    others = active_children()
    executor = ProcessPoolExecutor(jobs, initializer=_begin, initargs=(checker,))
    share = max(1, min(32, len(specs) // (4 * jobs)))
    try:
        with _uninterrupted():  # the processes begin here
            found = executor.map(_packed, specs, chunksize=share)
        yield from map(unpack_whole, found)
        executor.shutdown()
    except BrokenProcessPool:
        raise UsageError(
            "a process that checks specs was killed, perhaps for lack of memory: try `--jobs 1`"
        ) from None
    finally:  # without waiting for what nobody wants any more
        executor.shutdown(wait=False, cancel_futures=True)
        for process in active_children():
            if process not in others:
                process.terminate()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait: a process that is not known yet could not be ended."""
    mask = getattr(signal, "pthread_sigmask", None)
    if mask is None:
        yield
        return
    before = mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        mask(signal.SIG_SETMASK, before)


_checker: Checker
"""What a process checks with."""


def _begin(checker: Checker) -> None:
    global _checker
    _checker = checker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked hears it, and ends this process
    gc.freeze()


def _packed(spec: str) -> list[Any]:
    return pack_whole(_checked(_checker, spec))
