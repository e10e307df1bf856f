"""Shared blocks against torchvision's own layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import archspec

from ..oracle import torchvision

SQUEEZE = """
archspec: 1
input: [16, 8, 8]
import: {archspec:squeeze_excitation: [squeeze_excitation]}
stages:
  se: {squeeze_excitation: 4, act: ACT, gate: GATE}
"""


@pytest.mark.parametrize(
    ("act", "gate", "theirs"),
    [
        ("relu", "sigmoid", (nn.ReLU, nn.Sigmoid)),
        ("silu", "hardsigmoid", (nn.SiLU, nn.Hardsigmoid)),
    ],
)
def test_squeeze_excitation(act: str, gate: str, theirs: tuple[type, type]) -> None:
    expected = torchvision.ops.SqueezeExcitation(16, 4, *theirs)
    model = archspec.compile(SQUEEZE.replace("ACT", act).replace("GATE", gate)).se
    assert list(model.state_dict()) == list(expected.state_dict())
    model.load_state_dict(expected.state_dict())
    x = torch.randn(2, 16, 8, 8)
    assert torch.equal(model(x), expected(x))
