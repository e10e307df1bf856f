"""Generated files to check: specs of ResNet-50's size, no two alike, and Python of a like size."""

from __future__ import annotations

import random
from pathlib import Path

SMALL = """\
archspec: 1
name: small
description: A residual network for small images.
source: He et al., Deep Residual Learning for Image Recognition (2015), section 4.2

# 32 x 32 images; three stages, each half the size and twice the width of the one before.
input: [3, 32, 32]
params:
  num_classes: 10
  width: 16
  depth: 3

defaults:
  conv: {bias: false, padding: half}

blocks:
  unit:
    params:
      width: int
      stride: 1
    skip:
      body:
        conv1: {conv: $width, kernel: 3, stride: $stride}
        bn1: batch_norm
        relu: relu
        conv2: {conv: $width, kernel: 3}
        bn2: batch_norm
      shortcut:
        conv: {conv: $out_channels, kernel: 1, stride: $stride}
        bn: batch_norm
      after: relu

stages:
  conv1: {conv: $width, kernel: 3}
  bn1: batch_norm
  relu: relu
  layer1:
    repeat: $depth
    body: {unit: $width}
  layer2:
    repeat: $depth
    body: {unit: $(width * 2), stride: $(2 if i == 0 else 1)}
  layer3:
    repeat: $depth
    body: {unit: $(width * 4), stride: $(2 if i == 0 else 1)}
  avgpool: global_avg_pool
  flatten: flatten
  fc: {linear: $num_classes}

expect:
  output: [$num_classes]
"""
"""About 50 lines, as a person writes them."""


def write_specs(folder: Path, count: int, *, flat: bool = False) -> None:
    """Write specs: 16 bottlenecks in four stages each, with names, widths, numbers of layers, bodies
    and comments of their own. flat: every bottleneck written out, without blocks and repeats."""
    folder.mkdir()
    for number in range(count):
        (folder / f"net{number:04}.yaml").write_text(_spec(number, flat=flat))


def write_python(folder: Path, count: int, lines: int) -> None:
    """Write modules of as many lines as the specs have."""
    folder.mkdir()
    for number in range(count):
        body = [
            f"def layer_{n}(x: int) -> int:\n    return x * {number} + {n}\n" for n in range(lines)
        ]
        (folder / f"net{number:04}.py").write_text("\n\n".join(body[: lines // 4]))


def _spec(number: int, *, flat: bool) -> str:
    draw = random.Random(number)
    width = 8 * draw.randint(4, 40)
    layers = [3, 4, 6, 3]
    for _ in range(4):
        fewer, more = draw.sample(range(4), 2)
        if layers[fewer] > 2:
            layers[fewer] -= 1
            layers[more] += 1
    act = draw.choice(["relu", "silu", "gelu", "hardswish"])
    growth, kernel = draw.choice([2, 3, 4]), draw.choice([3, 5, 7])
    names = [draw.choice(["conv", "project", "mix", "expand"]) + str(n) for n in (1, 2, 3)]

    def unit(wide: int | str, wider: int | str, stride: int | str) -> list[str]:
        return [
            "  body:",
            f"    {names[0]}: {{conv: {wide}, kernel: 1}}",
            f"    norm1: batch_norm  # {draw.choice(['as usual', 'see the paper', 'tried without'])}",
            f"    act1: {act}",
            f"    {names[1]}: {{conv: {wide}, kernel: {kernel}, stride: {stride}}}",
            "    norm2: batch_norm",
            f"    act2: {act}",
            f"    {names[2]}: {{conv: {wider}, kernel: 1}}",
            "    norm3: batch_norm",
            "  shortcut:",
            f"    conv: {{conv: $out_channels, kernel: 1, stride: {stride}}}",
            "    norm: batch_norm",
            f"  after: {{act: {act}}}",
        ]

    lines = [
        f"# Candidate {number}: width {width}, layers {layers}.",
        "archspec: 1",
        f"name: candidate{number}",
        f"description: {sum(layers)} bottlenecks of width {width} with {act}.",
        f"input: [3, {32 * draw.randint(6, 8)}, {32 * draw.randint(6, 8)}]",
        f"params: {{num_classes: {draw.randint(2, 1000)}, width: {width}}}",
        "defaults: {conv: {bias: false, padding: half}}",
    ]
    if not flat:
        body = unit("$width", f"$(width * {growth})", "$stride")
        lines += ["blocks:", "  unit:", "    params: {width: int, stride: 1}", "    skip:"]
        lines += [f"    {line}" for line in body]
    lines += [
        "stages:",
        "  stem: {conv: $width, kernel: 7, stride: 2}",
        "  norm: batch_norm",
        f"  act: {act}",
        "  pool: {max_pool: 3, stride: 2, padding: 1}",
    ]
    for stage, depth in enumerate(layers):
        name = f"{draw.choice(['stage', 'layer', 'group'])}{stage + 1}"
        wide = f"$(width * {2**stage})"
        if not flat:
            steps = ", stride: $(2 if i == 0 else 1)" if stage else ""
            lines.append(f"  {name}: {{repeat: {depth}, body: {{unit: {wide}{steps}}}}}")
            continue
        lines.append(f"  {name}:")
        for copy in range(depth):
            stride = 2 if stage and not copy else 1
            lines.append(f"    unit{copy}:\n      skip:")
            wider = width * 2**stage * growth
            lines += [f"      {line}" for line in unit(width * 2**stage, wider, stride)]
    lines += ["  pool2: global_avg_pool", "  flat: flatten", "  fc: {linear: $num_classes}"]
    return "\n".join(lines) + "\n"
