"""What all engines do alike, and what is a pool's own. Ray's are in test_ray.py."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from archspec.diagnostics import UsageError
from archspec.trials.engines import Engine, make_engine
from archspec.trials.engines.pool import TRIES, Pool
from archspec.trials.jobs import Job

from .problems import Once, Raise, Sleep

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["in-process", "pool"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    workers = None if request.param == "in-process" else 2
    with make_engine(request.param, workers) as engine:
        yield engine


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


def jobs(*works: object, limit: float | None = None) -> list[Job]:
    return [Job(("search", n), work, limit) for n, work in enumerate(works)]  # type: ignore[arg-type]


def test_every_job_has_one_outcome(engine: Engine) -> None:
    found = list(engine.run(jobs(*[Sleep(0.001)] * 20)))
    assert sorted(outcome.job.key[1] for outcome in found) == list(range(20))
    assert all(outcome.result is not None and outcome.result["status"] == "ok" for outcome in found)


def test_a_job_that_fails_is_a_reason_and_the_others_go_on(engine: Engine) -> None:
    found = {o.job.key[1]: o for o in engine.run(jobs(Sleep(0), Raise("no\nsuch thing"), Sleep(0)))}
    assert found[1].result is None
    assert found[1].reason == "ValueError: no such thing"
    assert found[0].result is not None and found[2].result is not None


def test_a_long_reason_is_cut(engine: Engine) -> None:
    (outcome,) = engine.run(jobs(Raise("x" * 10_000)))
    assert len(outcome.reason) == 500


def test_a_job_is_held_to_its_time(engine: Engine) -> None:
    began = time.monotonic()
    found = {o.job.key[1]: o for o in engine.run(jobs(Sleep(60), Sleep(0.001), limit=3.0))}
    assert found[0].reason == "it took more than 3 s"
    assert found[1].result is not None
    assert time.monotonic() - began < 30


def test_at_a_time_all_that_is_not_done_is_given_up(engine: Engine) -> None:
    list(engine.run(jobs(Sleep(0), Sleep(0))))  # workers have started
    found = list(engine.run(jobs(Sleep(0), Sleep(60), Sleep(60)), until=time.monotonic() + 2))
    assert [outcome.job.key[1] for outcome in found] == [0]
    again = list(engine.run(jobs(Sleep(0))))
    assert len(again) == 1


def test_who_takes_no_more_outcomes_ends_the_jobs(engine: Engine) -> None:
    running = engine.run(jobs(Sleep(0), Sleep(60)))
    next(running)
    running.close()  # type: ignore[attr-defined]
    assert len(list(engine.run(jobs(Sleep(0), Sleep(0))))) == 2


def test_an_unknown_engine_is_told_with_its_likes() -> None:
    with pytest.raises(UsageError, match="did you mean `pool`"):
        make_engine("pol")
    with pytest.raises(UsageError, match="one process"):
        make_engine("in-process", 2)
    with pytest.raises(UsageError, match="for --engine ray"):
        make_engine("pool", 2, gpus=0.5)
    with pytest.raises(UsageError, match="one worker at least"):
        make_engine("pool", 0)


def test_in_process_a_time_is_kept_on_the_main_thread_alone() -> None:
    caught: list[str] = []

    def run() -> None:
        try:
            list(make_engine("in-process").run(jobs(Sleep(0), limit=1.0)))
        except UsageError as error:
            caught.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert caught and "--engine pool" in caught[0]


def test_the_pool_works_side_by_side(pool: Pool) -> None:
    found = list(pool.run(jobs(*[Sleep(0.3)] * 4)))
    assert len({outcome.result["pid"] for outcome in found if outcome.result}) == 2


def test_the_pool_does_again_what_its_worker_died_of(pool: Pool, tmp_path: Path) -> None:
    works = [Sleep(0.1), Once(str(tmp_path), TRIES - 1), Sleep(0.1)]
    found = list(pool.run(jobs(*works)))
    assert len(found) == 3 and all(outcome.result is not None for outcome in found)
    assert len(list(tmp_path.iterdir())) == TRIES - 1


def test_the_pool_gives_up_what_always_kills_its_worker(pool: Pool, tmp_path: Path) -> None:
    found = {o.job.key[1]: o for o in pool.run(jobs(Once(str(tmp_path), 99), Sleep(0)))}
    assert found[0].reason == f"its process was killed by SIGKILL, {TRIES} times"
    assert found[1].result is not None


def test_an_idle_worker_that_died_is_made_anew(pool: Pool) -> None:
    found = list(pool.run(jobs(Sleep(0.2), Sleep(0.2))))
    for outcome in found:
        assert outcome.result is not None
        os.kill(outcome.result["pid"], 9)
    assert all(o.result is not None for o in pool.run(jobs(Sleep(0.2), Sleep(0.2))))


def test_a_pool_leaves_no_process(tmp_path: Path) -> None:
    with Pool(2) as pool:
        found = list(pool.run(jobs(Sleep(0.2), Sleep(0.2))))
        pids = {outcome.result["pid"] for outcome in found if outcome.result}
        assert all(psutil.pid_exists(pid) for pid in pids)
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_workers_end_when_the_process_that_made_them_is_killed(tmp_path: Path) -> None:
    code = (
        "from tests.trials.problems import *\nfrom archspec.trials.engines.pool import Pool\n"
        "from archspec.trials.jobs import Job\n"
        "if __name__ == '__main__':\n"
        "    with Pool(2) as pool:\n"
        "        list(pool.run([Job(('', n), Sleep(120)) for n in range(2)]))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    parent = psutil.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    workers = _workers(parent)
    time.sleep(1.0)
    parent.kill()
    parent.wait()
    _gone, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive


def _workers(parent: psutil.Process) -> list[psutil.Process]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = [c for c in parent.children() if "spawn_main" in " ".join(c.cmdline())]
        if len(found) == 2:
            return found
        time.sleep(0.05)
    raise AssertionError("no workers were started")


def test_a_work_that_a_worker_does_not_know_is_a_reason(tmp_path: Path) -> None:
    """As in an interactive session, whose functions other processes cannot import."""
    code = (
        "from archspec.trials.engines.pool import Pool\nfrom archspec.trials.jobs import Job\n"
        "def work():\n    return {}\n"
        "with Pool(1) as pool:\n    print(list(pool.run([Job(('', 0), work)]))[0].reason)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert "AttributeError" in done.stdout, done.stderr
