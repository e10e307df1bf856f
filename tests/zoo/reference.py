"""The recorded facts that the zoo is tested against, and weights that two models share."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the CSV files beside this module."""
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def fresh_state(model: Any, seed: int = 0) -> dict[str, Any]:
    """Values for a model's whole state_dict that keep activations near 1, made quickly.

    The large weights are one block of random numbers, repeated.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    block = torch.rand(1 << 20, generator=generator).mul_(2).sub_(1)
    state = {}
    for key, tensor in model.state_dict().items():
        if tensor.dtype == torch.long:
            state[key] = torch.zeros((), dtype=torch.long)
            continue
        size = tensor.numel()
        start = int(torch.randint(1 << 10, (), generator=generator))
        values = block[start:].repeat(-(-size // (len(block) - start)))[:size]
        if key.endswith("running_var") or (tensor.dim() == 1 and key.endswith("weight")):
            values = values.abs() + 0.5
        elif tensor.dim() > 1:
            values = values * math.sqrt(6 / (size / tensor.shape[0]))
        else:
            values = values * 0.1
        state[key] = values.reshape(tensor.shape)
    return state
