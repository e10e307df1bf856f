"""What is fuzzed: any text, through validate, graph, generated source, and the printing of findings.

A spec may be wrong in any way; the answer is a finding, in time, within memory, and no file outside
the project is opened on the way.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

import archspec
from archspec.diagnostics import SpecError
from archspec.expand.files import packaged_folder

NODES = 2_000
"""Fewer than a user may have, so that what takes long is a fault and not a large network."""

_allowed: list[str] = []
_opened: list[str] = []


def watch(root: Path) -> None:
    """From now on, note every file that is opened outside `root`, the shipped specs and Python."""
    import archspec.architecture
    import archspec.backends.torch  # noqa: F401 (loaded before anything is watched)
    import archspec.lint  # noqa: F401

    python = (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values())
    ours = (root, packaged_folder(), Path(archspec.__file__).parent)
    _allowed[:] = [os.path.realpath(path) for path in (*ours, *python)]
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(arguments[0], str | bytes):
        return
    path = os.fsdecode(arguments[0])
    if os.path.isabs(path):
        path = os.path.realpath(path)
        if not any(path == allowed or path.startswith(allowed + os.sep) for allowed in _allowed):
            _opened.append(path)
    elif path == os.pardir or os.sep in path:  # a relative path is one step from an open folder
        _opened.append(path)


def project(root: Path) -> Path:
    """A project with a library, a base, and what must not be opened; gives the fuzzed spec's path."""
    (root / "pyproject.toml").write_text("")
    (root / "blocks.yaml").write_text(
        "archspec: 1\nblocks:\n  unit:\n    params: {width: int}\n    body: [{conv: $width, kernel: 3}]\n"
    )
    (root / "base.yaml").write_text(
        "archspec: 1\ninput: [3, 8, 8]\nparams: {width: 8}\nstages:\n  a: {conv: $width, kernel: 3}\n"
        "  b: relu\n"
    )
    (root / "link.yaml").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe.yaml")
    return root / "net.yaml"


def check(text: str, path: Path) -> bool:
    """Take one text all the way; whether it was a spec. Raises whatever a user must never see."""
    path.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    found = archspec.validate(path, limit=NODES)
    for diagnostic in found[:20]:
        shown = diagnostic.format(color=False, width=80)
        assert diagnostic.code in shown
        assert all(c.isprintable() or c == "\n" for c in shown)
    fine = not any(diagnostic.severity == "error" for diagnostic in found)
    try:
        architecture = archspec.load(path, limit=NODES)
    except SpecError as error:
        library = {d.code for d in error.diagnostics} == {"AS0360"}
        assert not fine or library, f"load found what validate did not: {error}"
    else:
        assert fine, "validate found an error that load did not"
        compile(architecture.source(), path.name, "exec")
    assert not _opened, f"opened {_opened}"
    return fine
