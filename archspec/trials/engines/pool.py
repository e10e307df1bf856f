"""The engine of several processes on this machine, each watched.

Every worker has a pipe of its own, so that one that dies holds nothing that others wait for. A worker
that dies is made anew and its job done again; one that takes too long is killed. Workers end when the
process that made them does, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from archspec.diagnostics import UsageError
from archspec.limits import processors
from archspec.trials.jobs import Job, Outcome, reason_of, took_too_long

TRIES = 4
"""How often a job is begun whose worker dies."""

_SPAWN = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang


class Pool:
    """Does jobs in processes. workers: how many; one for each processor unless said."""

    name = "pool"

    def __init__(self, workers: int | None = None):
        if workers is not None and workers < 1:
            raise UsageError(f"a pool has one worker at least, not {workers}")
        self.workers = workers or processors()
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, tuple[Job, float]] = {}

    def run(self, jobs: Sequence[Job], until: float | None = None) -> Iterator[Outcome]:
        """Do jobs; see `Engine.run`."""
        waiting = deque(jobs)
        deaths: Counter[tuple[str, int]] = Counter()
        try:
            while waiting or self._busy:
                if until is not None and time.monotonic() >= until:
                    return
                while waiting and len(self._busy) < self.workers:
                    self._give(waiting.popleft())
                for worker in self._ready(until):
                    job, started = self._busy[worker]
                    outcome = worker.outcome(job)
                    if outcome is not None:
                        del self._busy[worker]
                        self._idle.append(worker)
                        yield outcome
                    elif not worker.alive():
                        del self._busy[worker]
                        deaths[job.key] += 1
                        if deaths[job.key] < TRIES:
                            waiting.appendleft(job)
                        else:
                            yield Outcome(job, reason=f"{worker.death()}, {TRIES} times")
                    elif job.limit is not None and time.monotonic() >= started + job.limit:
                        del self._busy[worker]
                        worker.kill()
                        yield Outcome(job, reason=took_too_long(job.limit))
        finally:
            for worker in self._busy:  # given up, by a time or by who takes the outcomes
                worker.kill()
            self._busy.clear()

    def _give(self, job: Job) -> None:
        """Let a worker begin with a job; a new one where none is idle and alive."""
        while self._idle:
            worker = self._idle.pop()
            if worker.takes(job):
                break
        else:
            worker = _Worker()
            worker.takes(job)  # where it has died already, that is seen when it is waited for
        self._busy[worker] = (job, time.monotonic())

    def _ready(self, until: float | None) -> list[_Worker]:
        """The workers of which something is to be seen, when there are some."""
        ends = [
            started + job.limit for job, started in self._busy.values() if job.limit is not None
        ]
        if until is not None:
            ends.append(until)
        left = max(0.0, min(ends) - time.monotonic()) if ends else None
        waited: list[Any] = [end for worker in self._busy for end in worker.ends]
        seen = set(wait(waited, left))
        now = time.monotonic()
        return [
            worker
            for worker, (job, started) in self._busy.items()
            if seen.intersection(worker.ends)
            or (job.limit is not None and now >= started + job.limit)
        ]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_error: object) -> None:
        for worker in (*self._idle, *self._busy):
            worker.kill()
        self._idle.clear()
        self._busy.clear()


class _Worker:
    """One process and its pipe."""

    def __init__(self) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends when the worker does

    @property
    def ends(self) -> tuple[Any, Any]:
        return self.pipe, self.process.sentinel

    def takes(self, job: Job) -> bool:
        """Give it a job; False where it has died."""
        try:
            self.pipe.send_bytes(pickle.dumps(job.work))
        except OSError:
            self.kill()
            return False
        return True

    def outcome(self, job: Job) -> Outcome | None:
        """The outcome of its job, where it is there. What a dying worker sent whole counts."""
        try:
            if not self.pipe.poll():
                return None
            result, reason = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join(5)  # so that its own end is what is told
            self.kill()
            return None
        return Outcome(job, result, reason)

    def alive(self) -> bool:
        return self.process.is_alive()

    def death(self) -> str:
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"its process was killed by {signal.Signals(-code).name}"
        return f"its process ended with {code}"

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection) -> None:
    """What a worker does: jobs, until there is nobody to do them for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that was started
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            data = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            answer = (pickle.loads(data)(), "")  # from the process that started this one
        except Exception as error:
            answer = (None, reason_of(error))
        pipe.send(answer)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
