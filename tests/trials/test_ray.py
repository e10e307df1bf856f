"""The engine of Ray, on a cluster of its own. Needs the package ray."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archspec.diagnostics import UsageError
from archspec.trials.engines import Engine, make_engine
from archspec.trials.jobs import Job
from archspec.trials.plan import Plan

from .problems import Once, Raise, Sleep, searched
from .test_run import told

pytest.importorskip("ray")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with make_engine("ray", 2) as engine:
        yield engine


class Kept:
    """An engine that others use too: it is not shut down by one of them."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.name, self.workers, self.run = engine.name, engine.workers, engine.run

    def __enter__(self) -> Kept:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


def jobs(*works: Any, limit: float | None = None) -> list[Job]:
    return [Job(("search", n), work, limit) for n, work in enumerate(works)]


def test_every_job_has_one_outcome_and_a_failed_one_its_reason(engine: Engine) -> None:
    found = {o.job.key[1]: o for o in engine.run(jobs(*[Sleep(0.1)] * 4, Raise("no\nsuch thing")))}
    assert sorted(found) == list(range(5))
    assert found[4].reason == "ValueError: no such thing"
    pids = {o.result["pid"] for o in found.values() if o.result is not None}
    assert os.getpid() not in pids


def test_a_task_is_held_to_its_time(engine: Engine) -> None:
    found = {o.job.key[1]: o for o in engine.run(jobs(Sleep(600), Sleep(0), limit=1.0))}
    assert found[0].reason == "it took more than 1 s"
    assert found[1].result is not None


def test_a_task_whose_worker_dies_is_done_again(engine: Engine, tmp_path: Path) -> None:
    found = list(engine.run(jobs(Once(str(tmp_path), 2), Sleep(0))))
    assert len(found) == 2 and all(outcome.result is not None for outcome in found)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_a_task_that_always_kills_its_worker_is_given_up(engine: Engine, tmp_path: Path) -> None:
    (outcome,) = engine.run(jobs(Once(str(tmp_path), 99)))
    assert outcome.reason == "its process died, 4 times"


def test_a_search_is_the_same_on_ray(engine: Engine, tmp_path: Path) -> None:
    plan = Plan(strategy="controller", children=20, top=1, repeats=2, baseline=False)
    here = searched(tmp_path / "here", plan)
    there = searched(tmp_path / "there", plan, engine=Kept(engine))
    assert here.digest == there.digest
    assert told(tmp_path / "here") == told(tmp_path / "there")


def test_at_a_time_all_that_is_not_done_is_given_up(engine: Engine) -> None:
    list(engine.run(jobs(Sleep(0), Sleep(0))))  # workers have started
    found = list(engine.run(jobs(Sleep(0), Sleep(600), Sleep(600)), until=time.monotonic() + 3))
    assert [outcome.job.key[1] for outcome in found] == [0]
    assert len(list(engine.run(jobs(Sleep(0))))) == 1


def test_another_process_can_use_the_cluster_by_its_address(engine: Engine) -> None:
    """Workers with other code are refused: their children would come to other results."""
    import subprocess
    import sys

    address = engine.ray.get_runtime_context().gcs_address  # type: ignore[attr-defined]
    code = (
        "import sys\nfrom archspec.trials.engines import make_engine, ray as module\n"
        "from archspec.trials.jobs import Job\nfrom tests.trials.problems import Sleep\n"
        "with make_engine('ray', address=sys.argv[1], cpus=0.5) as engine:\n"
        "    print(engine.workers, [o.result['status'] for o in engine.run([Job(('', 0), Sleep(0))])])\n"
        "    engine._code = 'another'\n"
        "    list(engine.run([Job(('', 0), Sleep(0))]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, address],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert "4 ['ok']" in done.stdout, done.stderr
    assert "have another archspec or torch than this process" in done.stderr


def test_a_child_that_fits_nowhere_is_told(engine: Engine) -> None:
    with pytest.raises(UsageError, match="no child fits into the cluster: each takes 1 CPUs and 2"):
        make_engine("ray", gpus=2.0)


def test_an_address_where_nothing_is_is_told() -> None:
    import subprocess
    import sys

    code = (
        "from archspec.trials.engines import make_engine; make_engine('ray', address='127.0.0.1:1')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "UsageError: Ray cannot use the cluster at 127.0.0.1:1" in done.stderr
