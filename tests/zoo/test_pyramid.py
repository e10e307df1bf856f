"""A feature pyramid agrees with torchvision's: several inputs and outputs, of sizes that are free."""

from __future__ import annotations

import torch

import archspec

from ..oracle import torchvision

PYRAMID = """\
archspec: 1
name: feature_pyramid
source: Lin et al., Feature Pyramid Networks for Object Detection (2017), section 3
input: {fine: [8, h, w], middle: [16, h2, w2], coarse: [32, h3, w3]}
blocks:
  merge:
    inputs: [above, beside]
    body:
      larger: {upsample_like: [above, beside]}
      sum: {add: [beside, larger]}
stages:
  inner_blocks:
    body:
      "0": [{conv: 4, kernel: 1, from: fine}]
      "1": [{conv: 4, kernel: 1, from: middle}]
      "2": [{conv: 4, kernel: 1, from: coarse}]
  merged1: {merge: null, from: [inner_blocks.2, inner_blocks.1]}
  merged0: {merge: null, from: [merged1, inner_blocks.0]}
  layer_blocks:
    body:
      "0": [{conv: 4, kernel: 3, padding: 1, from: merged0}]
      "1": [{conv: 4, kernel: 3, padding: 1, from: merged1}]
      "2": [{conv: 4, kernel: 3, padding: 1, from: inner_blocks.2}]
outputs: {fine: layer_blocks.0, middle: layer_blocks.1, coarse: layer_blocks.2}
"""


def test_a_pyramid_is_torchvisions() -> None:
    theirs = torchvision.ops.FeaturePyramidNetwork([8, 16, 32], 4)
    ours = archspec.load_str(PYRAMID).compile()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    for size in (24, 37):  # 37 is no multiple of 2
        maps = {
            name: torch.randn(2, 8 << n, -(-size >> n), -(-(size + 3) >> n))
            for n, name in enumerate(("fine", "middle", "coarse"))
        }
        found = ours(*maps.values())
        for name, expected in theirs(maps).items():
            assert torch.equal(getattr(found, name), expected)
