"""The edges of a scene: what flows from box to box, also through what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from archspec.connections import Module, Value
from archspec.graph import Node

from .model import Edge, EdgeKind
from .shortcuts import Shortcut
from .view import role


class _Tail(NamedTuple):
    """Where a tensor comes from. dense: as one of the earlier outputs that a dense block gives on."""

    box: str
    value: Value
    dense: bool = False


def between(
    shown: Sequence[Node],
    boxes: Mapping[Module, str],
    sources: Mapping[Value, str],
    outputs: Sequence[tuple[str, Value]],
    shortcuts: Mapping[Node, Shortcut],
    *,
    every_operand: bool,
) -> list[Edge]:
    """The edges between boxes.

    shown: the ops that are drawn, in order. boxes: the box of an op; one without is left out, and
    edges go through it. sources: the boxes of tensors from outside. outputs: boxes outside, and what
    they take. every_operand: an edge for each operand, otherwise one for each tensor.
    """
    tails = _tails(shown, boxes, sources)
    projected = {
        node.module
        for shortcut in shortcuts.values()
        if shortcut.kind == "projection"
        for node in shortcut.nodes
    }
    edges: list[Edge] = []
    seen: set[tuple[str, str, Value]] = set()
    for node in shown:
        head = boxes.get(node.module)
        if head is None:
            continue
        for slot, value in enumerate(node.inputs):
            for tail in tails.get(value, ()):
                key = (tail.box, head, tail.value)
                if tail.box == head or (not every_operand and key in seen):
                    continue
                seen.add(key)
                kind = _kind(node, slot, shortcuts.get(node), projected, dense=tail.dense)
                edges.append(Edge(tail.box, head, kind, tail.value.shape, slot))
    for head, value in outputs:
        edges += [
            Edge(tail.box, head, "dense" if tail.dense else "flow", tail.value.shape)
            for tail in tails.get(value, ())
        ]
    return edges


def _tails(
    shown: Sequence[Node], boxes: Mapping[Module, str], sources: Mapping[Value, str]
) -> dict[Value, list[_Tail]]:
    """The boxes that each tensor comes from."""
    found = {value: [_Tail(box, value)] for value, box in sources.items()}
    for node in shown:
        box = boxes.get(node.module)
        if box is not None:
            found.update((value, [_Tail(box, value)]) for value in node.outputs)
            continue
        through = [
            _Tail(
                tail.box,
                node.outputs[0] if _is_newest(node, slot) else tail.value,
                tail.dense or _is_given_on(node, slot),
            )
            for slot, value in enumerate(node.inputs)
            for tail in found.get(value, ())
        ]
        for value in node.outputs:
            found[value] = list(dict.fromkeys(through))
    return found


def _kind(
    node: Node, slot: int, shortcut: Shortcut | None, projected: set[Module], *, dense: bool
) -> EdgeKind:
    if shortcut is not None and slot == shortcut.slot:
        return shortcut.kind
    if node.module in projected:
        return "projection"
    return "dense" if dense or _is_given_on(node, slot) else "flow"


def _is_given_on(node: Node, slot: int) -> bool:
    """Whether an operand is an earlier output that the concatenation of a dense block takes."""
    return _is_dense(node) and slot < len(node.inputs) - 1


def _is_newest(node: Node, slot: int) -> bool:
    """Whether an operand is the last output that such a concatenation takes: where it is left out,
    the edge from there has all channels so far."""
    return _is_dense(node) and slot == len(node.inputs) - 1


def _is_dense(node: Node) -> bool:
    """Whether an op is a concatenation between the layers of a dense block."""
    parent = node.module.parent
    return (
        node.op.name == "concat"
        and not node.module.named
        and parent is not None
        and role(parent) == "dense"
    )
