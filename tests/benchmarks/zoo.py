"""Compiling every network of torchvision, initialised, against torchvision's own constructor."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import archspec

from ..oracle import torchvision
from .measure import Row, Target, compare

LARGE = 50_000_000
"""Parameters from which initialising takes so long that few rounds say enough."""


def measure(*, quick: bool) -> Iterator[Row]:
    """A row for each network."""
    for name in torchvision.models.list_models(module=torchvision.models):
        large = archspec.load(name).cost.params > LARGE
        if quick and name != "squeezenet1_1":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of constructors about their own initialisation
            yield from compare(
                "zoo",
                name,
                ("torchvision's constructor", getattr(torchvision.models, name)),
                {"": (lambda name=name: archspec.compile(name), Target(1.0))},
                rounds=2 if large or quick else 5,
            )
