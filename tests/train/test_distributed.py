"""Several processes do what one does, on CPUs through gloo."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from .nets import SMALL

PLAIN = SMALL.replace("  drop: {dropout: 0.2}\n", "").replace("  bn: batch_norm\n", "")
"""Without what is computed from each process's own batch or drawn in it."""

ENV = {**os.environ, "OMP_NUM_THREADS": "1"}
TWO = ["--devices", "2", "--batch-size", "32", "--accelerator", "cpu"]
ONE = ["--batch-size", "64", "--accelerator", "cpu"]
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(PLAIN)
    return tmp_path


def train(folder: Path, out: str, *args: str, launcher: list[str] | None = None) -> Path:
    command = [sys.executable, *(launcher or []), "-m", "archspec", "train", "net.yaml"]
    more = ["--epochs", "2", "--limit-train", "320", "--out", out]
    done = subprocess.run(
        [*command, *more, *args], cwd=folder, capture_output=True, text=True, timeout=300, env=ENV
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("best: epoch") == 1
    assert done.stdout.count("epoch 1/2") == 1
    return folder / out


def close(one: Path, other: Path) -> bool:
    first, second = load_file(one / "best.safetensors"), load_file(other / "best.safetensors")
    assert first.keys() == second.keys()
    results = [json.loads((path / "result.json").read_text()) for path in (one, other)]
    assert results[0]["test"]["test_accuracy"] == pytest.approx(
        results[1]["test"]["test_accuracy"], abs=0.004
    )
    return all(torch.allclose(first[key], second[key], atol=1e-5) for key in first)


def test_ddp_learns_what_one_process_does_with_twice_the_batch(folder: Path) -> None:
    one = train(folder, "one", *ONE)
    started = train(folder, "started", "--strategy", "ddp", *TWO)
    assert close(one, started)
    torchrun = train(folder, "torchrun", "--strategy", "ddp", *TWO, launcher=TORCHRUN)
    assert load_bytes(started) == load_bytes(torchrun)


def load_bytes(run: Path) -> bytes:
    return (run / "best.safetensors").read_bytes()


def test_ddp_trains_in_mixed_precision_with_an_average(folder: Path) -> None:
    more = ("--precision", "bf16-mixed", "--ema", "0.9", "--clip", "1")
    run = train(folder, "run", "--strategy", "ddp", *TWO, *more, launcher=TORCHRUN)
    assert json.loads((run / "result.json").read_text())["best"]["val_accuracy"] > 0.7


def test_fsdp2_learns_what_one_process_does(folder: Path) -> None:
    one = train(folder, "one", *ONE)
    sharded = train(folder, "sharded", "--strategy", "fsdp2", *TWO, launcher=TORCHRUN)
    assert close(one, sharded)


@pytest.mark.parametrize("strategy", ["ddp", "fsdp2"])
def test_two_processes_stop_together_and_go_on(folder: Path, strategy: str) -> None:
    (folder / "net.yaml").write_text(SMALL)
    command = [sys.executable, *TORCHRUN, "-m", "archspec", "train"]
    more = ["--strategy", strategy, *TWO, "--limit-train", "320", "--epochs", "30", "--out"]
    whole = subprocess.run(
        [*command, "net.yaml", *more, "whole"],
        cwd=folder,
        capture_output=True,
        timeout=300,
        env=ENV,
    )
    assert whole.returncode == 0, whole.stderr
    with subprocess.Popen(
        [*command, "net.yaml", *more, "parts"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENV,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("epoch 1/30")
        time.sleep(0.2)
        for process in children(running.pid):
            os.kill(process, signal.SIGINT)
        running.communicate(timeout=120)
    assert not (folder / "parts" / "result.json").exists()
    assert (folder / "parts" / "last.ckpt").exists()
    done = subprocess.run(
        [*command, "--resume", "parts"], cwd=folder, capture_output=True, timeout=300, env=ENV
    )
    assert done.returncode == 0, done.stderr
    assert load_bytes(folder / "whole") == load_bytes(folder / "parts")


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(number) for number in found.split()]
