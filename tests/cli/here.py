"""The command line run in this process: starting another takes longer than most commands."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

from archspec.cli import run


def archspec(
    *args: str, cwd: Path, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`archspec ARGS` in a folder: its exit code and what it prints.

    Not for what a process is for: plugins, whose ops stay, signals, limits, the encoding of streams.
    """
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
    kept = gc.get_threshold()
    try:
        with (
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(streams[0]),
            contextlib.redirect_stderr(streams[1]),
            mock.patch.object(sys, "stdin", typed),
            mock.patch.dict(os.environ, env or {}),
        ):
            code = run(list(args))
    finally:
        gc.set_threshold(*kept)
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(args, code, out, err)
