"""Checking specs: in a running process, and as a command of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import torch

import archspec

from ..oracle import torchvision
from .measure import Row, Target, compare, cpu_seconds

BARE = 11
"""CPU milliseconds of bare Python on the machine where 60 and 200 ms were set as targets."""

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
    python = sys.executable
    command = [python, "-m", "archspec"]
    yield from compare(
        "checking",
        "archspec",
        ("bare Python", [python, "-c", "pass"]),
        {
            "--help": ([*command, "--help"], Target(60 / BARE)),
            "explain AS0401": ([*command, "explain", "AS0401"], Target(60 / BARE)),
            "validate resnet50.yaml": (
                [*command, "validate", str(SPECS / "resnet50.yaml")],
                Target(200 / BARE),
            ),
            "validate specs/": ([*command, "validate", str(SPECS)], Target(2000, absolute=True)),
        },
        rounds=3 if quick else 11,
        clock=cpu_seconds,
    )


def _meta() -> object:
    """What checks the shapes of a model written by hand."""
    with torch.device("meta"), torch.inference_mode():
        return torchvision.models.resnet50().eval()(torch.empty(1, 3, 224, 224))
