"""Optimisers, and schedules of the learning rate as functions of the step."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from .settings import Settings


def optimizer(model: nn.Module, settings: Settings) -> Optimizer:
    """The optimiser of a model's weights; weights with one axis or none do not decay."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in trained if w.ndim > 1], "weight_decay": settings.decay},
        {"params": [w for w in trained if w.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if settings.optimizer == "adamw":
        return AdamW(groups, lr=settings.rate)
    nesterov = settings.momentum > 0
    return SGD(groups, lr=settings.rate, momentum=settings.momentum, nesterov=nesterov)


def schedule(settings: Settings, steps: int) -> Callable[[int], float]:
    """What the highest learning rate is multiplied by in each of a run's steps."""
    shape = _SHAPES[settings.schedule]
    warmup = steps * settings.warmup / settings.epochs

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (math.floor(warmup) + 1)
        return shape(min(1.0, (step - warmup) / max(1.0, steps - warmup)))

    return factor


def _one_cycle(done: float) -> float:
    up = 0.3
    if done < up:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * done / up)) / 2
    return max(1e-4, (1 + math.cos(math.pi * (done - up) / (1 - up))) / 2)


_SHAPES: dict[str, Callable[[float], float]] = {
    "constant": lambda done: 1.0,
    "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2,
    "step": lambda done: 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01,
    "one-cycle": _one_cycle,
}
"""By the share of the run that is done, after the warm-up."""


def average(decay: float) -> Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]:
    """The moving average of weights: shorter at first, so that a short run is averaged too.

    Counters, such as the number of batches that a normalisation has seen, are taken as they are.
    """

    def averaged(old: torch.Tensor, new: torch.Tensor, number: torch.Tensor | int) -> torch.Tensor:
        if not new.is_floating_point():
            return new
        seen = float(number)
        kept = min(decay, (1 + seen) / (10 + seen))
        return old * kept + new * (1 - kept)

    return averaged
