"""What is fuzzed: any text, through validate, graph, generated source, pictures, and every report.

A spec may be wrong in any way; the answer is a finding, in time, within memory, and no file outside
the project is opened on the way.
"""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import archspec
from archspec.api import read_program
from archspec.diagnostics import Diagnostic, SpecError
from archspec.drawing import LEVELS, Look, View, draw
from archspec.files import packaged_folder
from archspec.plugins import load_entry_points
from archspec.reports import FORMATS, Checked, Report, write_report

NODES = 300
"""Fewer than a user may have, so that what takes long is a fault and not a large network."""

_allowed: list[str] = []
_opened: list[str] = []


def watch(root: Path) -> None:
    """From now on, note every file that is opened outside `root`, the shipped specs and Python."""
    load_entry_points()  # Python's own files are read before anything is watched
    check("archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n", root / "net.yaml")
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
    _report(path, found[:20])
    fine = not any(diagnostic.severity == "error" for diagnostic in found)
    try:
        architecture = archspec.load(path, limit=NODES)
    except SpecError as error:
        assert not fine or _library(path), f"load found what validate did not: {error}"
    else:
        # what is open may be wrong where it is chosen otherwise
        assert fine or architecture.network.decisions.asked, "load did not find what validate did"
        architecture.resolved()
        compile(architecture.source(), path.name, "exec")
        _draw(architecture, View(LEVELS[len(text) % 3]))
    assert not _opened, f"opened {_opened}"
    return fine


def _draw(architecture: archspec.Architecture, view: View) -> None:
    """Draw a network by our own layout, and write what others lay out."""
    look = Look(layout="spine")
    svg = draw([architecture], view=view, look=look).data
    ElementTree.fromstring(svg)
    dot = draw([architecture], format="dot", view=view).data.decode()
    assert dot.replace("\n", "").replace("\t", "").isprintable()
    json.loads(draw([architecture], format="json", view=view).data)


def _library(path: Path) -> bool:
    """Whether the spec is a library of blocks, which is fine and cannot be loaded."""
    return not read_program(path).is_network


def _report(path: Path, found: list[Diagnostic]) -> None:
    """Write findings in every format: none breaks out of it."""
    report = Report((Checked(str(path), tuple(found)),))
    told = {form: write_report(report, form, width=80) for form in FORMATS}
    for form in ("json", "sarif", "gitlab"):
        json.loads(told[form])
    ElementTree.fromstring(told["junit"])
    assert len(told["github"].split("\n")) == len(report.findings) + 2
    assert all(f.code in told["text"] for f in found)
    assert all(told[form].replace("\n", "").isprintable() for form in ("text", "github"))
