"""Checking specs: in a running process, and as a command of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

import archspec

from ..oracle import torchvision
from .generated import SMALL, write_python, write_specs
from .measure import Row, Target, compare, cpu_seconds

BARE = 11
"""CPU milliseconds of bare Python on the machine where 60 and 200 ms were set as targets."""

COUNT = 1000
"""How many generated specs are checked in one process."""

SPECS = Path(__file__).parents[2] / "specs"


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows of a spec to its checked graph, warm, and of cold commands (CPU time)."""
    yield from compare(
        "checking",
        "resnet50, spec to graph, warm",
        ("torchvision on the meta device, one forward pass", _meta),
        {"": (lambda: archspec.load(SPECS / "resnet50.yaml"), Target(10.0, absolute=True))},
        rounds=5 if quick else 25,
    )
    with TemporaryDirectory() as name:
        before = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(Path(name, "cache"))  # what is known is what we made so
        try:
            yield from _commands(Path(name), rounds=3 if quick else 11)
            yield from _many(Path(name), 10 if quick else COUNT, rounds=1 if quick else 3)
        finally:
            if before is None:
                del os.environ["XDG_CACHE_HOME"]
            else:
                os.environ["XDG_CACHE_HOME"] = before


def _commands(folder: Path, *, rounds: int) -> Iterator[Row]:
    """Whole commands, cold, beside bare Python; and ruff, which is a compiled program."""
    python = sys.executable
    command = [python, "-m", "archspec"]
    small = folder / "small.yaml"
    small.write_text(SMALL)
    lines = len(SMALL.splitlines())
    write_python(folder / "one", 1, lines)
    check = [*command, "validate", "--no-cache"]
    ruff = [python, "-m", "ruff", "check", "--quiet", "--no-cache", "--isolated"]
    yield from compare(
        "checking",
        "",
        ("bare Python", [python, "-c", "pass"]),
        {
            "archspec --help": ([*command, "--help"], Target(60 / BARE)),
            "archspec explain AS0401": ([*command, "explain", "AS0401"], Target(60 / BARE)),
            f"archspec validate, {lines} lines": ([*check, str(small)], Target(200 / BARE)),
            f"archspec validate, {lines} lines known already": (
                [*command, "validate", str(small)],
                Target(None),
            ),
            "archspec validate resnet50.yaml": (
                [*check, str(SPECS / "resnet50.yaml")],
                Target(200 / BARE),
            ),
            "archspec validate specs/": ([*check, str(SPECS)], Target(2000, absolute=True)),
            f"beside: ruff check, {lines} lines of Python": (
                [*ruff, str(folder / "one")],
                Target(None),
            ),
        },
        rounds=rounds,
        clock=cpu_seconds,
    )


def _many(folder: Path, count: int, *, rounds: int) -> Iterator[Row]:
    """One process for many specs, none of which is like another."""
    write_specs(folder / "blocks", count)
    write_specs(folder / "flat", count, flat=True)
    write_python(folder / "many", count, 60)
    python = sys.executable
    check = [python, "-m", "archspec", "validate", "--jobs", "1"]
    yield from compare(
        "checking",
        f"archspec validate, {count} specs of ResNet-50's size",
        (
            f"ruff check, {count} files of Python",
            [python, "-m", "ruff", "check", "--quiet", "--no-cache", "--isolated"]
            + [str(folder / "many")],
        ),
        {
            "with blocks": (
                [*check, "--no-cache", str(folder / "blocks")],
                Target(2 * count, absolute=True),
            ),
            "known already": ([*check, str(folder / "blocks")], Target(None)),
            "written out": ([*check, "--no-cache", str(folder / "flat")], Target(None)),
        },
        rounds=rounds,
        clock=cpu_seconds,
    )


def _meta() -> object:
    """What checks the shapes of a model written by hand."""
    with torch.device("meta"), torch.inference_mode():
        return torchvision.models.resnet50().eval()(torch.empty(1, 3, 224, 224))
