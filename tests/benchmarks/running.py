"""Running a compiled model, eagerly, against torchvision's own model with the same weights."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import nn

import archspec

from ..oracle import torchvision
from .measure import Arm, Row, Target, compare

# (network, images in a batch, pixels): the last one is so small that Python is most of it.
FORWARD = (("resnet50", 1, 224), ("resnet18", 4, 224), ("vgg11", 1, 224), ("resnet50", 1, 32))
TRAINING = (("resnet50", 2, 128), ("resnet18", 4, 128), ("alexnet", 4, 224), ("resnet18", 2, 32))


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows of the forward pass and of the training step."""
    for name, batch, size in FORWARD[-1:] if quick else FORWARD:
        ours, theirs = _pair(name)
        images = torch.randn(batch, 3, size, size)
        yield from compare(
            "running",
            f"{name} forward {batch}x{size}px",
            ("torchvision", _forward(theirs, images)),
            {"": (_forward(ours, images), Target(1.0))},
            rounds=_rounds(quick, size),
        )
    for name, batch, size in TRAINING[-1:] if quick else TRAINING:
        ours, theirs = _pair(name)
        images, labels = torch.randn(batch, 3, size, size), torch.randint(1000, (batch,))
        yield from compare(
            "running",
            f"{name} training step {batch}x{size}px",
            ("torchvision", _training(theirs, images, labels)),
            {"": (_training(ours, images, labels), Target(1.0))},
            rounds=_rounds(quick, size),
        )


def _rounds(quick: bool, size: int) -> int:
    return 5 if quick else 25 if size > 32 else 75


def _pair(name: str) -> tuple[nn.Module, nn.Module]:
    theirs = getattr(torchvision.models, name)()
    return archspec.compile(name, weights=theirs.state_dict()), theirs


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
