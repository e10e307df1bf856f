"""The engine that is this process: one job after the other."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from archspec.diagnostics import UsageError
from archspec.trials.jobs import Job, Outcome, reason_of, took_too_long


class OutOfTime(BaseException):
    """A job was stopped at its limit. No `except Exception` of the job's own catches it."""


class InProcess:
    """Does jobs here. It needs nothing, and a debugger works in it."""

    name = "in-process"
    workers = 1

    def run(self, jobs: Sequence[Job], until: float | None = None) -> Iterator[Outcome]:
        """Do jobs in order; see `Engine.run`."""
        for job in jobs:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                return
            outcome = done(job, left)
            if outcome is None:
                return
            yield outcome

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


def done(job: Job, left: float | None = None) -> Outcome | None:
    """Do a job. left: seconds until it is given up; None comes of it then."""
    limits = [seconds for seconds in (job.limit, left) if seconds is not None]
    if limits:
        _check_alarm()
    try:
        with _limited(min(limits, default=None)):
            return Outcome(job, job.work())
    except OutOfTime:
        if job.limit is None or (left is not None and left < job.limit):
            return None
        return Outcome(job, reason=took_too_long(job.limit))
    except Exception as error:
        return Outcome(job, reason=reason_of(error))


def _check_alarm() -> None:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        raise UsageError(
            "here the in-process engine cannot hold a child to a time: take --engine pool"
        )


@contextmanager
def _limited(seconds: float | None) -> Iterator[None]:
    """Raise OutOfTime in what takes longer; between two operations of torch, not within one."""
    if seconds is None:
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
