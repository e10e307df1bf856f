"""`archspec train`, as a user meets it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import archspec
from tests.cli import here

from .nets import SMALL

ENV = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}


def train(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return here.archspec("train", *args, cwd=cwd)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(SMALL)
    return tmp_path


def test_it_prints_a_line_for_each_epoch_and_the_best(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archspec", "train", "net.yaml"]
        + ["--epochs", "2", "--limit-train", "300", "--flip"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        env=ENV,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert re.match(
        r"epoch 1/2: loss \d\.\d{4}, training \d+\.\d\d%, validation \d+\.\d\d%, lr 0.0\d+, \d",
        lines[0],
    )
    assert re.match(
        r"best: epoch \d, validation .*; last: .*; test, with the best weights:", lines[2]
    )
    assert "training small on digits: 10 classes, 1 x 8 x 8, 300 train" in done.stderr
    assert "wrote runs/small-digits" in done.stderr
    run = json.loads((folder / "runs" / "small-digits" / "run.json").read_text())
    assert run["settings"]["flip"] is True
    again = train("net.yaml", "--epochs", "1", "--limit-train", "64", cwd=folder)
    assert "wrote runs/small-digits-2" in again.stderr


def test_the_classes_of_the_data_are_set_and_it_is_said(folder: Path) -> None:
    done = train(
        "cifar_resnet20",
        *("--set", "depth=8", "--set", "width=4", "--set", "num_classes=10"),
        *("--epochs", "1", "--limit-train", "64", "--resize", "--color", "rgb"),
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    (folder / "seven.yaml").write_text(SMALL.replace("num_classes: 10", "num_classes: 7"))
    done = train("seven.yaml", "--epochs", "1", "--limit-train", "64", "--out", "x", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "digits has 10 classes: num_classes is set to 10" in done.stderr
    assert archspec.load(folder / "x" / "spec.yaml").outputs["fc"].shape == (10,)
    done = train("seven.yaml", "--set", "num_classes=7", cwd=folder)
    assert done.returncode == 2
    assert "digits has 10 classes: set num_classes=10" in done.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["net.yaml", "--data", "nothing"], "there are no data `nothing`"),
        (["net.yaml", "--lr", "-1"], "lr is 0 or more"),
        (["net.yaml", "--schedule", "x"], "'x' is not one of"),
        (["nothing.yaml"], "nothing.yaml"),
        (["resnet18"], "--resize scales the images to 224 x 224"),
        (["--resume", "net.yaml"], "holds no run"),
        (["--resume", "net.yaml", "--epochs", "3"], "leave out --epochs"),
        (["--resume", "net.yaml", "--set", "a=3"], "leave out --set"),
        (["net.yaml", "--out", "net.yaml"], "net.yaml: it is a file, and a folder is wanted"),
        (["net.yaml", "--accelerator", "mps"], "accelerator mps with 1 device cannot be had here"),
        (["net.yaml", "--strategy", "fsdp2"], "give two or more devices"),
        (["."], "cannot read .: it is a folder"),
    ],
)
def test_what_cannot_be_is_told_with_exit_code_2(folder: Path, args: list[str], said: str) -> None:
    done = train(*args, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert [path.name for path in folder.iterdir()] == ["net.yaml"]


def test_a_batch_without_room_is_told(folder: Path) -> None:
    done = train("net.yaml", "--crop", "1000000", "--out", "run", cwd=folder)
    assert done.returncode == 2
    assert "the memory is used up: a smaller batch size" in done.stderr
    # Its folder is there by now: it is the one to go on with.
    done = train("run", cwd=folder)
    assert done.returncode == 2
    assert "run is the folder of a run: --resume goes on with it" in done.stderr


def test_without_lightning_it_says_what_to_install(folder: Path) -> None:
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'lightning': raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "import importlib.util as u\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'lightning' else found(name, *a)\n"
        "from archspec.cli import run\n"
        "sys.exit(run(['train', 'net.yaml']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "pip install 'archspec[train]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "runs").exists()


def test_ctrl_c_saves_and_says_how_to_go_on(folder: Path) -> None:
    command = [sys.executable, "-m", "archspec", "train", "net.yaml", "--epochs", "400"]
    with subprocess.Popen(
        [*command, "--out", "run", "--batch-size", "16"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENV,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline().startswith("epoch 1/400")
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
        assert running.wait(60) == 130, rest
    assert "go on with: archspec train --resume run" in rest
    assert "Traceback" not in rest
    assert (folder / "run" / "last.ckpt").exists()
    assert not [path for path in (folder / "run").iterdir() if path.name.startswith(".")]
    run = json.loads((folder / "run" / "run.json").read_text())
    run["settings"]["epochs"] = 3
    (folder / "run" / "run.json").write_text(json.dumps(run))
    done = train("--resume", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "best: epoch" in done.stdout


def test_on_a_terminal_it_shows_a_bar(folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "archspec", "train", "net.yaml", "--epochs", "2"]
    with subprocess.Popen(
        command, cwd=folder, stdout=theirs, stderr=theirs, env={**ENV, "TERM": "xterm"}
    ) as running:
        os.close(theirs)
        shown, end = b"", time.monotonic() + 120
        while time.monotonic() < end:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        assert running.wait(60) == 0, shown.decode(errors="replace")
    os.close(ours)
    text = shown.decode(errors="replace")
    assert "Epoch 1/1" in text
    assert "val_accuracy" in text
    assert "best: epoch" in text
