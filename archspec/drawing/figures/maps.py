"""The feature maps of a network in order of flow, and its classifier: what the volumes figure shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from archspec.connections import Module
from archspec.diagnostics import RenderError
from archspec.graph import Graph, Node

from .cells import is_depthwise
from .trunk import Unit, trunk

Kind = Literal["input", "conv", "pool", "block", "other"]
_INSTEAD = "`--level block` draws any network"


@dataclass(slots=True)
class Volume:
    """Neighbouring feature maps of one size, drawn as one solid.

    told: the ops or blocks that make them, in order, each with its number. kernel: of the first
    convolution, for the pyramid that enters it. dense: channels are those after the last map.
    """

    height: int
    width: int
    channels: int
    kind: Kind
    told: dict[str, int] = field(default_factory=dict)
    kernel: tuple[int, int] | None = None
    dense: bool = False

    @property
    def count(self) -> int:
        return sum(self.told.values())

    @property
    def slabs(self) -> int:
        """As how many slabs the maps are drawn: each of a row of convolutions is one."""
        return self.count if self.kind == "conv" else 1

    @property
    def size(self) -> str:
        return f"{self.height}×{self.width}×{self.channels}"

    def joins(self, other: Volume) -> bool:
        """Whether the maps of another volume that comes next belong to this one."""
        same = (self.height, self.width, self.kind, self.dense) == (
            *(other.height, other.width, other.kind, other.dense),
        )
        mergeable = self.kind in ("conv", "block")
        return same and mergeable and (self.dense or self.channels == other.channels)


@dataclass(slots=True)
class Tail:
    """A layer of the classifier: how many numbers come out, and what makes them."""

    width: int
    op: str


def feature_maps(graph: Graph, root: Module) -> tuple[list[Volume], list[Tail]]:
    """The volumes of a network, the input first, and the fully connected layers after them.

    Raises RenderError for a network that has no two-dimensional feature maps of known size.
    """
    volumes: list[Volume] = []
    tail: list[Tail] = []
    for unit in trunk(graph, root):
        if unit.map is None:
            _tail(unit, graph, tail)
            continue
        if tail:
            raise _refused(graph, f"{unit.module.label} makes feature maps of a vector")
        if not volumes:
            volumes.append(_input(unit, graph))
        made = _volume(unit, graph, volumes[-1])
        if made is None:
            continue
        if volumes[-1].joins(made):
            _merge(volumes[-1], made)
        else:
            volumes.append(made)
    if not any(volume.kind in ("conv", "block") for volume in volumes):
        raise _refused(graph, _why_not(graph))
    return volumes, tail


def _input(unit: Unit, graph: Graph) -> Volume:
    shape = unit.source.shape
    if len(shape) != 3:
        raise _refused(graph, f"{unit.module.label} is the first to make a feature map")
    channels, height, width = _known(shape, graph)
    return Volume(height, width, channels, "input", {"input": 1})


def _volume(unit: Unit, graph: Graph, before: Volume) -> Volume | None:
    """The map that a unit makes; None for one that only rewrites the map before it."""
    assert unit.map is not None
    sizes, channels = unit.map
    height, width, channels = _known((*sizes, channels), graph)
    changes = (height, width, channels) != (before.height, before.width, before.channels)
    layers = unit.layers
    pools = [node for node in unit.nodes if _pools(node)]
    convolution = layers and layers[0].op.family == "convolution"
    if unit.dense or len(layers) > 1 or (layers and (pools or not convolution)):
        block = (unit.module.block or unit.module.name).replace("_", " ")
        return Volume(height, width, channels, "block", {block: 1}, None, unit.dense)
    if layers:
        kernel = getattr(layers[0].op, "kernel", None)
        square = kernel if isinstance(kernel, tuple) and len(kernel) == 2 else None
        return Volume(height, width, channels, "conv", {_notation(layers[0]): 1}, square)
    if not changes or unit.module.op is None or unit.module.op.name in ("pad", "permute"):
        return None
    if pools:
        return Volume(height, width, channels, "pool", {_notation(pools[0]): 1})
    return Volume(height, width, channels, "other", {unit.module.op.name.replace("_", " "): 1})


def _merge(volume: Volume, other: Volume) -> None:
    for text, count in other.told.items():
        volume.told[text] = volume.told.get(text, 0) + count
    volume.channels = other.channels


def _tail(unit: Unit, graph: Graph, tail: list[Tail]) -> None:
    shape, op = unit.out.shape, unit.op
    if len(shape) != 1:
        if unit.layers:
            shown = "×".join(map(str, shape))
            raise _refused(graph, f"{unit.module.label} works on {shown}, which is no feature map")
        return
    if op is not None and op.name in ("softmax", "log_softmax") and tail:
        tail[-1].op = "softmax"
    elif unit.layers:
        (width,) = _known(shape, graph)
        tail.append(Tail(width, "fc"))


def _pools(node: Node) -> bool:
    return node.op.family == "pooling" or node.op.name == "mean"


def _notation(node: Node) -> str:
    """A convolution or pooling without its channels, which the size tells: `11×11 conv, /4`."""
    given = vars(node.op)
    kernel, stride = given.get("kernel"), given.get("stride")
    if node.op.family == "convolution":
        name = "transposed conv" if "transpose" in node.op.name else "conv"
        name = "dw conv" if is_depthwise(node) else name
    elif node.op.family == "pooling" or node.op.name == "mean":
        name = "max pool" if "max" in node.op.name else "average pool"
        name = name if isinstance(kernel, tuple) else name.replace("average", "avg")
        name = f"global {name}" if not isinstance(kernel, tuple) and _is_one(node) else name
    else:
        name = node.op.name.replace("_", " ")
    if not isinstance(kernel, tuple):
        return name
    steps = stride if isinstance(stride, tuple) else kernel if stride is None else ()
    text = f"{'×'.join(map(str, kernel))} {name}"
    if any(step != 1 for step in steps):
        text += f", /{steps[0]}" if len(set(steps)) == 1 else f", /{'×'.join(map(str, steps))}"
    return text


def _is_one(node: Node) -> bool:
    return all(size == 1 for size in node.outputs[0].shape[1:])


def _known(sizes: Sequence[object], graph: Graph) -> tuple[int, ...]:
    for size in sizes:
        if not isinstance(size, int):
            raise _refused(
                graph, f"the size {size} is left free: give the input's sizes in the spec"
            )
    return tuple(size for size in sizes if isinstance(size, int))


def _why_not(graph: Graph) -> str:
    ranks = {len(value.shape) - 1 for value in graph.inputs.values()}
    if ranks == {2}:
        return "it has no convolution or pooling whose output is an image"
    axes = " and ".join(str(rank) for rank in sorted(ranks))
    return f"its input has {axes} spatial axes, and a feature map has 2"


def _refused(graph: Graph, why: str) -> RenderError:
    return RenderError(
        f"{graph.name} cannot be drawn as volumes, which show feature maps: {why}; {_INSTEAD}"
    )
