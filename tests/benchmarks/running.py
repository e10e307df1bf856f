"""Running a compiled model, eagerly, against torchvision's own model with the same weights.

A big model's time depends on where its memory lies: two equal models, built one after the other, differ
by several percent for as long as both live. So each side is two models, built in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

import archspec

from ..oracle import torchvision
from .measure import Arm, Row, Target, alternating, compare

# (network, images in a batch, pixels): the last one is so small that Python is most of it.
FORWARD = (("resnet50", 1, 224), ("resnet18", 4, 224), ("vgg11", 1, 224), ("resnet50", 1, 32))
TRAINING = (("resnet50", 2, 128), ("resnet18", 4, 128), ("alexnet", 4, 224), ("resnet18", 2, 32))


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows of the forward pass and of the training step."""
    for name, batch, size in FORWARD[-1:] if quick else FORWARD:
        images = torch.randn(batch, 3, size, size)
        ours, theirs = _sides(name, partial(_forward, images=images))
        yield from compare(
            "running",
            f"{name} forward {batch}x{size}px",
            ("torchvision", theirs),
            {"": (ours, Target(1.0))},
            rounds=_rounds(quick, size),
        )
    for name, batch, size in TRAINING[-1:] if quick else TRAINING:
        images, labels = torch.randn(batch, 3, size, size), torch.randint(1000, (batch,))
        ours, theirs = _sides(name, partial(_training, images=images, labels=labels))
        yield from compare(
            "running",
            f"{name} training step {batch}x{size}px",
            ("torchvision", theirs),
            {"": (ours, Target(1.0))},
            rounds=_rounds(quick, size),
        )


def _rounds(quick: bool, size: int) -> int:
    return 5 if quick else 25 if size > 32 else 75


def _sides(name: str, work: Callable[[nn.Module], Arm]) -> tuple[Arm, Arm]:
    """Ours and theirs at the same work, each by two models with the same weights."""
    build = getattr(torchvision.models, name)
    theirs = [build()]
    weights = theirs[0].state_dict()
    ours = [archspec.compile(name, weights=weights), archspec.compile(name, weights=weights)]
    theirs.append(build())
    theirs[1].load_state_dict(weights)
    return alternating(*map(work, ours)), alternating(*map(work, theirs))


def _forward(model: nn.Module, images: torch.Tensor) -> Arm:
    def run() -> object:
        model.eval()
        with torch.inference_mode():
            return model(images)

    return run


def _training(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Arm:
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)

    def step() -> object:
        model.train()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step
