"""Progress: on a terminal after a second, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

SLOW = """
import time
from archspec.cli import progress
progress.PATIENCE = 0.2
for item in progress.steps(range(5), "checking"):
    time.sleep({pause})
    print(item)
with progress.waiting("drawing"):
    time.sleep({pause} * 3)
print("done")
"""
LINES = ["0", "1", "2", "3", "4", "done"]


def run(pause: float, *, terminal: bool) -> tuple[list[str], str]:
    """What a program with progress prints on standard output and on standard error."""
    code = SLOW.format(pause=pause)
    if not terminal:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.split(), done.stderr
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        env=environment,
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so at the end of a terminal
                break
            if not part:
                break
            seen += part
        assert process.stdout is not None
        lines = process.stdout.read().split()
    os.close(ours)
    return lines, seen.decode()


def test_long_work_shows_itself_on_a_terminal() -> None:
    lines, shown = run(0.25, terminal=True)
    assert lines == LINES
    assert "checking" in shown and "drawing" in shown


def test_short_work_shows_nothing() -> None:
    assert run(0, terminal=True) == (LINES, "")


def test_a_file_gets_no_progress() -> None:
    assert run(0.25, terminal=False) == (LINES, "")
