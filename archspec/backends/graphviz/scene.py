"""What a picture shows: boxes and the edges between them, at one level of the module tree.

Levels are named by the spec: `stage` (the network's own children), `block` (instances of blocks, and
ops that stand in no block) and `op` (everything).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from archspec.connections import Module, Value
from archspec.graph import Graph, Node
from archspec.ops import Op, Shape
from archspec.ops.dims import show_shape

Level = Literal["stage", "block", "op"]
LEVELS: tuple[Level, ...] = ("stage", "block", "op")


@dataclass(slots=True)
class Box:
    """A module or an op as it is drawn."""

    key: str
    title: str
    lines: list[str]
    family: str
    shape: Shape = ()
    group: tuple[str, ...] = ()
    nodes: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edge:
    """A tensor from one box to another."""

    tail: str
    head: str
    skip: bool = False


@dataclass(slots=True)
class Scene:
    """Everything in a picture."""

    name: str
    boxes: list[Box]
    edges: list[Edge]


def build_scene(graph: Graph, root: Module, level: Level) -> Scene:
    """The scene of a graph at a level. Every edge between two boxes is drawn once for each operand."""
    boxes: dict[str, Box] = {}
    home: dict[Module, str] = {}
    for name, value in graph.inputs.items():
        boxes[f"input:{name}"] = Box(
            f"input:{name}", name, [show_shape(value.shape)], "input", value.shape
        )
    for node in graph:
        module = _drawn(node.module, level)
        key = node.label if module is node.module else module.path or f"({node.label})"
        box = boxes.get(key)
        if box is None:
            box = boxes[key] = _box(key, node, module, root, level)
        box.nodes.append(node)
        box.shape = node.outputs[0].shape
        home[node.module] = key

    def source(value: Value) -> str:
        return f"input:{value.name}" if value.producer is None else home[value.producer]

    edges: list[Edge] = []
    seen: set[tuple[Value, str]] = set()
    order = {key: i for i, key in enumerate(boxes)}
    for node in graph:
        head = home[node.module]
        for value in node.inputs:
            tail = source(value)
            if tail == head or (level != "op" and (value, head) in seen):
                continue
            seen.add((value, head))
            edges.append(Edge(tail, head, skip=order[head] - order[tail] > 1))
    for name, value in graph.outputs.items():
        key = f"output:{name}"
        boxes[key] = Box(key, name, [show_shape(value.shape)], "output", value.shape)
        edges.append(Edge(source(value), key))
    for box in boxes.values():
        _describe(box)
    return Scene(graph.name, list(boxes.values()), edges)


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


def _box(key: str, node: Node, module: Module, root: Module, level: Level) -> Box:
    groups: list[str] = []
    parent = module.parent
    while parent is not None and parent is not root:
        if parent.named:
            groups.append(parent.path)
        parent = parent.parent
    title = module.name if module.named else ""
    if module.op is not None:
        return Box(
            key, title, [_notation(module.op)], module.op.family, (), tuple(reversed(groups))
        )
    kind = module.block or ""
    return Box(
        key,
        module.path if level == "block" else title,
        [kind] if kind else [],
        "block",
        (),
        tuple(reversed(groups)),
    )


def _describe(box: Box) -> None:
    """What a box says below its title."""
    if box.family == "block":
        params = sum(node.params for node in box.nodes)
        if params:
            box.lines.append(f"{_short(params)} params")
    if box.shape and box.family not in ("input", "output"):
        box.lines.append(show_shape(box.shape))


def _short(count: int) -> str:
    for unit, size in (("G", 10**9), ("M", 10**6), ("K", 10**3)):
        if count >= size:
            return f"{count / size:.3g}{unit}"
    return str(count)


def _notation(op: Op) -> str:
    """An op as papers write it: `3x3 conv, 64, /2`."""
    given = dict(op)
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
