"""The index of the zoo: a page with a row for each shipped network, and a small picture of each."""

from __future__ import annotations

import csv
import math
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import archspec
from archspec.analysis.reach import receptive_field
from archspec.connections import Loop, Module

DOCS = Path(__file__).parent

FAMILIES = (
    ("AlexNet and ZFNet", ("alexnet", "zfnet")),
    ("VGG", ("vgg",)),
    ("Inception", ("googlenet", "inception", "legacy_xception")),
    ("Residual networks", ("resnet", "plain", "wide_resnet", "resnext")),
    ("Residual networks with pre-activation", ("resnetv2", "preresnet", "cifar_preresnet")),
    ("Residual networks for CIFAR", ("cifar_resnet", "cifar_plain")),
    ("DenseNet", ("densenet", "cifar_densenet")),
    ("RepVGG", ("repvgg",)),
    ("SqueezeNet and ShuffleNet", ("squeezenet", "shufflenet")),
    ("MobileNet", ("mobilenet",)),
    ("Searched networks", ("mnasnet", "semnasnet", "nasnet", "pnasnet")),
    ("EfficientNet", ("efficientnet",)),
    ("RegNet", ("regnet",)),
    ("ConvNeXt", ("convnext",)),
    ("Transformers", ("vit", "swin", "maxvit")),
)

INTRODUCTION = """# The zoo

Every network that comes with archspec: `archspec list` has the names, `archspec show NAME` prints a
spec. All parameters, MACs (multiply-accumulates of convolutions, linear layers and matrix products for
one image) and receptive fields (pixels along one axis that an output sees before anything pools globally;
none where everything sees everything) are counted from the specs. The `state_dict`s, outputs and
gradients of the networks that torchvision or timm have are equal to theirs, bit for bit.

A picture is read from left to right: a bar for each run of blocks whose outputs have one shape, as high
as the image is large (by powers of two), as wide as the run is long, and the darker the more channels
there are. Linear layers are orange.

Accuracies are the published ones, top-1 and top-5 in per cent, with where they stand.
"""


class Run(NamedTuple):
    """Blocks, or single layers, one after the other whose outputs have one shape."""

    count: int
    size: int  # along one axis of the image; 1 where there is no image
    channels: int
    linear: bool
    what: str


def families() -> list[tuple[str, list[str]]]:
    """The networks by family; every one must have a place."""
    names = [spec.name for spec in archspec.list_specs()]
    place = {}
    for name in names:
        fitting = [p for _title, prefixes in FAMILIES for p in prefixes if name.startswith(p)]
        if not fitting:
            raise SystemExit(f"docs/zoo_index.py: {name} belongs to no family")
        place[name] = max(fitting, key=len)
    return [
        (title, [name for name in names if place[name] in prefixes]) for title, prefixes in FAMILIES
    ]


def page_and_pictures() -> dict[Path, bytes]:
    """The page `zoo.md` and the pictures that it shows."""
    with (DOCS / "published.csv").open(newline="") as file:
        published = {row["name"]: row for row in csv.DictReader(file)}
    made: dict[Path, bytes] = {}
    text = INTRODUCTION
    used = set()
    for title, names in families():
        loaded = sorted((archspec.load(name) for name in names), key=lambda a: a.cost.params)
        papers = dict.fromkeys(paper for a in loaded if (paper := _paper(a)))
        text += f"\n## {title}\n\n" + "".join(f"- {paper}\n" for paper in papers)
        text += "\n| network | | parameters | MACs | input | field | accuracy |\n"
        text += "| --- | --- | ---: | ---: | --- | ---: | --- |\n"
        for architecture in loaded:
            name = architecture.name
            used.add(name)
            (given,) = architecture.inputs.values()
            field = receptive_field(architecture.ir)
            cells = (
                f"[{name}](../specs/{name}.yaml)",
                f"![{architecture.description}](images/zoo/{name}.svg)",
                f"{architecture.cost.params:,}",
                f"{int(architecture.cost.macs):,}",
                "x".join(map(str, given.shape)),
                str(field or ""),
                _accuracy(published.get(name)),
            )
            text += f"| {' | '.join(cells)} |\n"
            made[DOCS / "images" / "zoo" / f"{name}.svg"] = strip(runs(architecture)).encode()
    unknown = published.keys() - used
    if unknown:
        raise SystemExit(f"docs/published.csv: no such networks: {', '.join(sorted(unknown))}")
    return {DOCS / "zoo.md": text.encode(), **made}


def _paper(architecture: Any) -> str:
    """The paper without where in it, and without the code that the spec follows."""
    source = str(architecture.network.program.origin).partition(";")[0].strip()
    return source.rpartition("),")[0] + ")" if ")," in source else source


def _accuracy(row: dict[str, str] | None) -> str:
    if row is None:
        return ""
    both = " / ".join(value or "-" for value in (row["top1"], row["top5"]))
    return f"{both} ({row['data']}; {row['source']})"


def runs(architecture: Any) -> list[Run]:
    """The network as a row of runs: its blocks, and the weighted layers that stand in none."""
    found = []
    for unit in _units(architecture.root):
        outputs = unit.outputs
        if not outputs or not any(m.op and m.applied.params for m in unit.walk()):
            continue
        shape = outputs[0].shape
        channels, size = int(shape[0]), int(shape[-1])
        if len(shape) == 2:  # a sequence: places x features
            size, channels = math.isqrt(int(shape[0])), int(shape[1])
        elif len(shape) == 3 and shape[0] == shape[1]:  # channels last
            channels, size = int(shape[2]), int(shape[0])
        linear = unit.op is not None and unit.op.family == "linear"
        if len(shape) == 1:
            size, linear = 1, True
        found.append((size, channels, linear, unit.block or (unit.op.name if unit.op else "scope")))
    return [Run(len(list(group)), *key) for key, group in groupby(found, key=lambda unit: unit)]


def _units(module: Module) -> list[Module]:
    """The outermost blocks in which nothing is repeated, and what stands in none."""
    units: list[Module] = []
    for child in module.children:
        if child.train_only:
            continue
        repeats = any(isinstance(module.node, Loop) for module in child.walk())
        if child.op is not None or (child.kind == "block" and not repeats):
            units.append(child)
        else:
            units += _units(child)
    return units


def strip(row: list[Run]) -> str:
    """The picture: bars on one middle line, 48 pixels high."""
    height, x, bars = 48, 1.0, []
    for run in row:
        tall = 4 + 5.2 * math.log2(max(run.size, 1)) if run.size > 1 else 6.0
        tall = min(tall, height - 2)
        wide = 3 + 4 * math.log2(run.count) if run.count > 1 else 3.0
        dark = min(1.0, math.log2(max(run.channels, 2)) / 12)
        color = "213,94,0" if run.linear else "0,114,178"  # vermilion and blue of Okabe and Ito
        shape = f"{run.channels} x {run.size} x {run.size}" if run.size > 1 else f"{run.channels}"
        count = f"{run.count} x " if run.count > 1 else ""
        bars.append(
            f'<rect x="{x:.1f}" y="{(height - tall) / 2:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" fill="rgba({color},{0.15 + 0.85 * dark:.2f})">'
            f"<title>{count}{run.what}: {shape}</title></rect>"
        )
        x += wide + 1
    body = "\n".join(bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{x:.0f}" height="{height}" '
        f'viewBox="0 0 {x:.0f} {height}">\n{body}\n</svg>\n'
    )
