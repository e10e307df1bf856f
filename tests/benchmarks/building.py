"""Building a model from its spec, against torchvision's constructor."""

from __future__ import annotations

from collections.abc import Iterator

import archspec

from ..oracle import torchvision
from .measure import Row, Target, compare

NETWORKS = ("resnet50", "vgg16", "wide_resnet50_2")


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows with initialised weights, and without because weights follow."""
    for name in NETWORKS[:1] if quick else NETWORKS:
        yield from compare(
            "building",
            name,
            ("torchvision", getattr(torchvision.models, name)),
            {
                "initialised": (lambda name=name: archspec.compile(name), Target(0.6)),
                "weights follow": (
                    lambda name=name: archspec.compile(name, init=False),
                    Target(0.15),
                ),
            },
            rounds=5 if quick else 15,
        )
