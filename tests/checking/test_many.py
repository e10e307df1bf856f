"""Many specs at once, in processes side by side."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archspec.checking.many import MANY
from tests.cli.test_commands import NET, archspec

WARNED = NET.replace("  act: relu\n", "  bn: batch_norm\n  act: relu\n")
BROKEN = NET.replace("kernel: 3", "kernl: 3")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    specs = tmp_path / "specs"
    specs.mkdir()
    for number in range(MANY):
        text = [NET, WARNED, BROKEN][number % 3]
        (specs / f"net{number:03}.yaml").write_text(text)
    return specs


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_told_is_the_same_and_in_the_same_order(folder: Path, form: str) -> None:
    said = [
        archspec("validate", "--no-cache", "--format", form, "--jobs", jobs, cwd=folder)
        for jobs in ("1", "2")
    ]
    assert said[0].returncode == said[1].returncode == 1
    assert said[0].stdout == said[1].stdout
    assert "net000.yaml" in said[0].stdout or "net001.yaml" in said[0].stdout


def test_what_one_process_found_is_known_to_the_next_run(folder: Path) -> None:
    first = archspec("validate", "--jobs", "2", cwd=folder)
    (folder / "op.py").write_text("raise SystemExit('nothing is checked again')\n")
    again = archspec("validate", "--jobs", "2", cwd=folder)
    assert first.stdout == again.stdout
    assert list((folder.parent / "cache").rglob("*.json"))


def test_standard_input_is_one_of_many(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archspec", "validate", "--jobs", "2", "-", "."],
        input=BROKEN,
        text=True,
        capture_output=True,
        cwd=folder,
    )
    assert done.returncode == 1
    assert "<stdin>" in done.stdout
    assert f"{MANY + 1} specs checked" in done.stdout + done.stderr


def test_a_process_that_is_killed_is_told(folder: Path) -> None:
    plugin = folder / "plugin.py"
    plugin.write_text(
        "import multiprocessing, os\n"
        "if multiprocessing.parent_process() is not None:\n    os._exit(9)\n"
    )
    done = archspec("validate", "--jobs", "2", "--plugin", str(plugin), cwd=folder)
    assert done.returncode == 2
    assert "was killed" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_all_processes(folder: Path) -> None:
    plugin = folder / "plugin.py"
    plugin.write_text(
        "import multiprocessing, time\nfrom pathlib import Path\n"
        "if multiprocessing.parent_process() is not None:\n"
        "    Path('begun').touch()\n    time.sleep(600)\n"
    )
    command = [sys.executable, "-m", "archspec", "validate", "--jobs", "2", "--plugin", str(plugin)]
    running = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (folder / "begun").exists():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _said, error = running.communicate(timeout=60)  # nobody holds the pipes any more
    assert running.returncode == 130
    assert "Traceback" not in error
