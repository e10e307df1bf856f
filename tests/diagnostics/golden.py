"""The corpus of broken specs and what is said of each; `python -m tests.diagnostics.golden` writes
what is said now, to be read and accepted.

A case is a file `golden/NAME.yaml`, or a folder `golden/NAME` with a `net.yaml` and the files that it
needs. `NAME.args` (in a folder: `args`) holds the arguments of `archspec validate` where they are more
than the file. What is printed, and the exit code, stand in `NAME.txt` (`expected.txt`).
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archspec.cli import run

GOLDEN = Path(__file__).parent / "golden"


class Case(NamedTuple):
    """One broken spec. folder: where the command runs."""

    name: str
    folder: Path
    args: tuple[str, ...]
    expected: Path


def cases() -> Iterator[Case]:
    """All of them, in order."""
    for path in sorted(GOLDEN.iterdir()):
        if path.is_dir():
            args = path / "args"
            given = args.read_text() if args.exists() else "net.yaml"
            yield Case(path.name, path, tuple(shlex.split(given)), path / "expected.txt")
        elif path.suffix == ".args" or path.suffix == ".yaml":
            args = path.with_suffix(".args")
            if path.suffix == ".yaml" and args.exists():
                continue  # it comes with its arguments
            given = args.read_text() if args.exists() else path.name
            yield Case(path.stem, GOLDEN, tuple(shlex.split(given)), path.with_suffix(".txt"))


def said(case: Case) -> str:
    """What the command prints, and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    before = Path.cwd()
    os.chdir(case.folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["validate", "--no-cache", *case.args])
    finally:
        os.chdir(before)
    return f"{out.getvalue()}{err.getvalue()}exit code {code}\n"


if __name__ == "__main__":
    for case in cases():
        case.expected.write_text(said(case), encoding="utf-8", newline="")
