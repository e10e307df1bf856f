"""The engine of Ray: jobs are tasks, on a cluster of its own on this machine or on one by address."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archspec.diagnostics import UsageError
from archspec.limits import processors
from archspec.trials.identity import digest_of_code
from archspec.trials.jobs import Job, Outcome, Work, took_too_long

from .in_process import done

RETRIES = 3
"""How often Ray does a task again whose worker died."""

GRACE = 30.0
"""Seconds after which a task is killed that did not end at its limit by itself."""


class RayTasks:
    """Does jobs as Ray tasks, one process each.

    workers: tasks side by side; as many as the cluster has room for unless said. address: of a
    cluster that runs; `auto` finds one on this machine. Without it, one is started and ends with
    this process. cpus, gpus: what a task reserves; a GPU may be shared, as with 0.5.

    Raises UsageError where Ray is not installed or the cluster cannot be reached.
    """

    name = "ray"

    def __init__(
        self,
        workers: int | None = None,
        *,
        address: str | None = None,
        cpus: float | None = None,
        gpus: float | None = None,
    ):
        try:
            import ray
        except ImportError:
            raise UsageError("engine `ray` needs Ray: pip install 'archspec[ray]'") from None
        self.ray = ray
        self.cpus = 1.0 if cpus is None else cpus
        self.gpus = gpus or 0.0
        self._own = not ray.is_initialized()
        if self._own:
            self._start(address, workers)
        self.workers = workers or self._room()
        self._task = ray.remote(
            num_cpus=self.cpus,
            num_gpus=self.gpus,
            max_retries=RETRIES,
            retry_exceptions=False,
        )(_on_worker)
        self._code = digest_of_code()

    def _start(self, address: str | None, workers: int | None) -> None:
        options: dict[str, Any] = {"address": address}
        if address is None:
            wanted = self.cpus * workers if workers is not None else processors()
            options = {
                "address": "local",
                "num_cpus": max(1, math.ceil(wanted)),
                "include_dashboard": False,
            }
        import logging

        _check_listening(address)
        try:
            self.ray.init(
                **options, log_to_driver=False, logging_level=logging.ERROR, configure_logging=True
            )
        except Exception as error:  # of many kinds, by what is wrong
            where = f"the cluster at {address}" if address else "a cluster on this machine"
            line = (
                str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            )
            raise UsageError(f"Ray cannot use {where}: {line}") from None

    def _room(self) -> int:
        """How many tasks the cluster can hold at once."""
        has: Mapping[str, float] = self.ray.cluster_resources()
        rooms = []
        for name, needs in (("CPU", self.cpus), ("GPU", self.gpus)):
            if needs:
                rooms.append(int(has.get(name, 0.0) / needs + 1e-9))
        room = min(rooms, default=1)
        if room < 1:
            raise UsageError(
                f"no child fits into the cluster: each takes {self.cpus:g} CPUs and {self.gpus:g} "
                f"GPUs, and there are {has.get('CPU', 0):g} and {has.get('GPU', 0):g}"
            )
        return room

    def run(self, jobs: Sequence[Job], until: float | None = None) -> Iterator[Outcome]:
        """Do jobs; see `Engine.run`."""
        waiting = deque(jobs)
        running: dict[Any, tuple[Job, float]] = {}
        try:
            while waiting or running:
                if until is not None and time.monotonic() >= until:
                    return
                while waiting and len(running) < self.workers:
                    job = waiting.popleft()
                    ref = self._task.remote(job.work, job.limit, self._code)
                    running[ref] = (job, time.monotonic())
                ready, _rest = self.ray.wait(list(running), timeout=self._patience(running, until))
                for ref in ready:
                    job, _started = running.pop(ref)
                    yield self._outcome(job, ref)
                for ref, (job, started) in list(running.items()):
                    if job.limit is not None and time.monotonic() > started + job.limit + GRACE:
                        del running[ref]
                        self.ray.cancel(ref, force=True)
                        yield Outcome(job, reason=took_too_long(job.limit))
        finally:
            for ref in running:  # given up, by a time or by who takes the outcomes
                self.ray.cancel(ref, force=True)

    @staticmethod
    def _patience(running: Mapping[Any, tuple[Job, float]], until: float | None) -> float | None:
        ends = [
            start + job.limit + GRACE for job, start in running.values() if job.limit is not None
        ]
        if until is not None:
            ends.append(until)
        return max(0.01, min(ends) - time.monotonic()) if ends else None

    def _outcome(self, job: Job, ref: Any) -> Outcome:
        errors = self.ray.exceptions
        try:
            same, result, reason = self.ray.get(ref)
        except errors.WorkerCrashedError:
            return Outcome(job, reason=f"its process died, {RETRIES + 1} times")
        except errors.OutOfMemoryError:
            return Outcome(job, reason="its process was killed, for the machine had no memory left")
        except errors.RayTaskError as error:
            line = str(error.cause if error.cause is not None else error).strip().splitlines()[-1]
            raise UsageError(f"a worker of the cluster cannot do its task: {line}") from None
        if not same:
            raise UsageError(
                "the workers of the cluster have another archspec or torch than this process: install "
                "the same there, so that children come to the same results"
            )
        return Outcome(job, result, reason)

    def __enter__(self) -> RayTasks:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._own:
            self.ray.shutdown()


def _check_listening(address: str | None) -> None:
    """Ray itself tries for minutes to reach what is not there."""
    host, _, port = (address or "").rpartition(":")
    if not host or "/" in host or not port.isdecimal():  # `auto`, `ray://...`
        return
    import socket

    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"Ray cannot use the cluster at {address}: {error}") from None


def _on_worker(work: Work, limit: float | None, code: str) -> tuple[bool, Any, str]:
    """What a task does: whether the code is the same, the result, and the reason where there is
    none."""
    if digest_of_code() != code:
        return False, None, ""
    outcome = done(Job(("", 0), work, limit))
    assert outcome is not None
    return True, outcome.result, outcome.reason
