"""Insets: blocks that occur often, drawn open once beside the network."""

from __future__ import annotations

from archspec.connections import Module
from archspec.graph import Graph
from archspec.ops.dims import show_shape

from .build import build_scene
from .model import Box, Scene
from .view import View

_MOST = 3
_LEAST_BOXES = 2
_MOST_BOXES = 30


def insets(scene: Scene, graph: Graph, root: Module) -> list[Scene]:
    """The blocks that a picture shows open, the most frequent first.

    One for each block of which there are copies; the copy is one of those that there are most of.
    """
    by_block: dict[str, list[Box]] = {}
    for box in scene.root.boxes():
        if box.kind == "block" and box.path:
            by_block.setdefault(box.op, []).append(box)
    ranked = sorted(by_block.items(), key=lambda each: -sum(box.count for box in each[1]))
    found = []
    for block, boxes in ranked:
        if sum(box.count for box in boxes) < 2:
            continue
        box = max(boxes, key=lambda each: each.count)
        inside = build_scene(graph, root, View("op", only=box.path, join=True))
        if _inner(inside) > _MOST_BOXES:  # the blocks in it stay closed
            inside = build_scene(graph, root, View("block", only=box.path))
        if not _LEAST_BOXES <= _inner(inside) <= _MOST_BOXES:
            continue
        inside.name = block
        inside.description = f"as {box.path}"
        if box.in_shape:
            inside.description += f", of {show_shape(box.in_shape).replace(' x ', '×')}"
        found.append(inside)
        if len(found) == _MOST:
            break
    return found


def _inner(scene: Scene) -> int:
    return sum(each.kind in ("op", "block", "join") for each in scene.root.boxes())
