"""Chaos: a search whose driver and workers are killed at random until they have been so often enough.

`python -m tests.trials.chaos ENGINE [--kills 20] [--digits]` does it once and prints what was found.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from archspec.trials.journal import Journal

ROOT = Path(__file__).parents[2]


@dataclass
class Chaos:
    """What a search went through. killed: "driver" or "worker", in order."""

    folder: Path
    command: list[str]
    killed: list[str] = field(default_factory=list)
    digest: str = ""

    def go(self, kills: int, rng: random.Random, patience: tuple[float, float]) -> None:
        """Kill now the driver, now a worker, each time after the search has got on; then let it end."""
        driver = self._start()
        try:
            while len(self.killed) < kills:
                self._get_on(driver, kills)
                time.sleep(rng.uniform(*patience))
                victim = driver
                if rng.random() < 0.6:
                    victim = rng.choice(self._workers(driver) or [driver])
                victim.kill()
                self.killed.append("driver" if victim is driver else "worker")
                if victim is driver:
                    driver.wait()
                    driver = self._start()
            out, _err = driver.communicate(timeout=600)
            assert driver.returncode == 0, out
            self.digest = out.split()[-1]
        finally:
            if driver.is_running():
                driver.kill()

    def _start(self) -> psutil.Popen:
        return psutil.Popen(self.command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def _get_on(self, driver: psutil.Popen, kills: int) -> None:
        """Wait until there is a child more, or nobody could tell that anything was lost."""
        before = self._lines()
        end = time.monotonic() + 600  # Ray takes its time on a busy machine
        while self._lines() == before:
            assert driver.poll() is None, f"it ended after {len(self.killed)} of {kills} kills"
            assert time.monotonic() < end, "it does not get on"
            time.sleep(0.02)

    def _lines(self) -> int:
        path = self.folder / "journal.jsonl"
        return path.read_bytes().count(b'"child"') if path.exists() else 0

    @staticmethod
    def _workers(driver: psutil.Popen) -> list[psutil.Process]:
        """The processes that train: of a pool by how they were started, of Ray by their name."""
        found = []
        for process in driver.children(recursive=True):
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if "spawn_main" in line or line.startswith(("ray::_on_worker", "ray::IDLE")):
                found.append(process)
        return found


def children_of(folder: Path) -> list[dict[str, object]]:
    """All finished children, without the times that no two runs have alike. Reading them fails where
    one is there twice."""
    found = []
    for entry in sorted(Journal.read(folder).entries.values(), key=lambda entry: entry.key):
        line = json.loads(entry.line())
        del line["at"]
        line.pop("cost", None)
        found.append(line)
    return found


def compared(
    engine: str,
    kills: int,
    children: int,
    seconds: float,
    seed: int = 0,
    strategy: str = "controller",
) -> Chaos:
    """A search under chaos, held to the same one undisturbed and in one process."""
    folder = Path(tempfile.mkdtemp())
    common = [sys.executable, "-m", "tests.trials.problems"]
    quiet = subprocess.run(
        [*common, str(folder / "quiet"), "in-process", str(children), "0", strategy],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    chaos = Chaos(
        folder / "chaos",
        [*common, str(folder / "chaos"), engine, str(children), str(seconds), strategy],
    )
    chaos.go(kills, random.Random(seed), (0.0, 0.5))
    expected, found = children_of(folder / "quiet"), children_of(folder / "chaos")
    assert [c["child"] for c in found if c["part"] == "search"] == list(range(children))
    assert found == expected
    assert chaos.digest == quiet.stdout.split()[-1]
    return chaos


def trained(engine: str, kills: int, children: int, seed: int = 0) -> Chaos:
    """The same with networks that are trained: `archspec search` on the digits."""
    folder = Path(tempfile.mkdtemp())
    base = [sys.executable, "-m", "tests.trials.digits"]
    quiet = subprocess.run(
        [*base, str(folder / "quiet"), "in-process", str(children)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    chaos = Chaos(folder / "chaos", [*base, str(folder / "chaos"), engine, str(children)])
    chaos.go(kills, random.Random(seed), (0.0, 0.5))
    expected, found = children_of(folder / "quiet"), children_of(folder / "chaos")
    assert found == expected
    assert chaos.digest == quiet.stdout.split()[-1]
    return chaos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["pool", "ray"])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--children", type=int, default=200)
    parser.add_argument("--digits", action="store_true", help="train networks on the digits")
    options = parser.parse_args()
    if options.digits:
        chaos = trained(options.engine, options.kills, options.children)
    else:
        chaos = compared(options.engine, options.kills, options.children, 0.2)
    drivers = chaos.killed.count("driver")
    print(
        f"{options.engine}: {len(chaos.killed)} kills ({drivers} of the driver, "
        f"{len(chaos.killed) - drivers} of workers), {options.children} children, digest as undisturbed"
    )


if __name__ == "__main__":
    main()
