"""What a picture shows: boxes and the edges between them, at one level of the module tree.

Levels are named by the spec: `stage` (the network's own children), `block` (instances of blocks, and
ops that stand in no block) and `op` (everything).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from archspec.analysis.summary import made_of
from archspec.connections import Module, Value
from archspec.graph import Graph, Node
from archspec.ops import Op, Shape
from archspec.ops.dims import show_shape

Level = Literal["stage", "block", "op"]
LEVELS: tuple[Level, ...] = ("stage", "block", "op")

_MOST_TRACED = 10_000  # boxes; what follows what takes their number squared in bits


@dataclass(slots=True)
class Box:
    """A module or an op as it is drawn.

    name: the path, for the tooltip. group: the paths of the scopes around it, outermost first.
    """

    name: str
    title: str
    lines: list[str]
    family: str
    shape: Shape
    group: tuple[str, ...] = ()
    train_only: bool = False
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Edge:
    """A tensor from one box to another, by their numbers; `skip` where a longer way goes there too."""

    tail: int
    head: int
    skip: bool = False


@dataclass(slots=True)
class Scene:
    """Everything in a picture."""

    name: str
    boxes: list[Box]
    edges: list[Edge]


def build_scene(graph: Graph, root: Module, level: Level) -> Scene:
    """The scene of a graph at a level.

    An edge is drawn for each operand at the level `op`, and for each tensor above it.
    """
    boxes: list[Box] = []
    drawn: dict[Module | Value, int] = {}
    for name, value in graph.inputs.items():
        drawn[value] = len(boxes)
        boxes.append(Box(name, name, [], "input", value.shape))
    home: dict[Module, int] = {}
    for node in graph:
        module = _drawn(node.module, level)
        if module not in drawn:
            drawn[module] = len(boxes)
            boxes.append(_box(node, module, root, level))
        home[node.module] = drawn[module]
        boxes[drawn[module]].nodes.append(node)

    def source(value: Value) -> int:
        return drawn[value] if value.producer is None else home[value.producer]

    edges: list[Edge] = []
    seen: set[tuple[Value, int]] = set()
    for node in graph:
        head = home[node.module]
        for value in node.inputs:
            tail = source(value)
            if tail == head or (level != "op" and (value, head) in seen):
                continue
            seen.add((value, head))
            edges.append(Edge(tail, head))
    _mark_skips(edges, len(boxes))
    for name, value in graph.outputs.items():
        edges.append(Edge(source(value), len(boxes)))
        title = name if len(graph.outputs) > 1 else "output"
        boxes.append(Box(name, title, [], "output", value.shape))
    for box in boxes:
        _describe(box)
    return Scene(graph.name, boxes, edges)


def _drawn(leaf: Module, level: Level) -> Module:
    """The module that stands for an op at a level."""
    if level == "op":
        return leaf
    chain = [leaf]
    while chain[-1].parent is not None and chain[-1].parent.parent is not None:
        chain.append(chain[-1].parent)
    if level == "stage":
        return chain[-1]
    return next((module for module in reversed(chain) if module.kind == "block"), leaf)


def _box(node: Node, module: Module, root: Module, level: Level) -> Box:
    groups: list[str] = []
    parent = module.parent
    while parent is not None and parent is not root:
        if parent.named:
            groups.append(parent.path)
        parent = parent.parent
    title = module.name if module.named else ""
    if module.op is not None:
        family, kind = module.op.family, _notation(module.op)
    else:
        family, kind = "block", made_of(module)
        title = module.path if level == "block" else title
    shape = (module.outputs or node.outputs)[0].shape
    lines = [] if kind in ("", title) else [kind]
    name = module.path or node.label
    return Box(name, title, lines, family, shape, tuple(reversed(groups)), module.train_only)


def _mark_skips(edges: list[Edge], count: int) -> None:
    """Mark the edges that go past something: their head follows from the tail another way too."""
    if count > _MOST_TRACED:
        return
    heads: list[list[Edge]] = [[] for _ in range(count)]
    for edge in edges:
        heads[edge.tail].append(edge)
    after = [0] * count  # a bit for each box that follows
    for tail in reversed(range(count)):
        through = 0
        for edge in heads[tail]:
            through |= after[edge.head]
        for edge in heads[tail]:
            edge.skip = bool(through >> edge.head & 1)
            after[tail] |= 1 << edge.head
        after[tail] |= through


def _describe(box: Box) -> None:
    """Add what a box says below its title."""
    if box.family == "block":
        params = sum(node.params for node in box.nodes)
        if params:
            box.lines.append(f"{_short(params)} params")
    if box.shape:
        box.lines.append(show_shape(box.shape))


def _short(count: int) -> str:
    for unit, size in (("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return str(count)


def _notation(op: Op) -> str:
    """An op as papers write it: `3x3 conv, 64, /2`."""
    given = dict(vars(op))
    text = op.name
    kernel = given.get("kernel")
    if isinstance(kernel, tuple):
        text = f"{'x'.join(str(k) for k in kernel)} {text}"
    for key in ("out_channels", "out_features"):
        if key in given:
            text += f", {given[key]}"
    stride = given.get("stride")
    if isinstance(stride, tuple) and any(s != 1 for s in stride):
        text += f", /{stride[0]}" if len(set(stride)) == 1 else f", /{'x'.join(map(str, stride))}"
    if given.get("groups", 1) != 1 and op.family == "convolution":
        text += f", {given['groups']} groups"
    if op.name in ("dropout", "stochastic_depth"):
        text += f" {given['p']}"
    return text
