"""Shortcuts: which input of an addition goes around the others, and what is on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archspec.connections import Skip, Value
from archspec.graph import Graph, Node

_LONGEST = 6  # ops on a projection
_WEIGHTED = {"convolution", "linear"}


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One shortcut. start: the tensor that it begins with. nodes: the ops on it, from its end."""

    kind: Literal["identity", "projection"]
    start: Value
    slot: int
    nodes: tuple[Node, ...] = ()


def shortcuts(graph: Graph) -> Mapping[Node, Shortcut]:
    """The shortcuts by the addition that they end in.

    The shortcut is the input with fewer convolutions between the addition and a tensor that the
    other input depends on too.
    """
    takers: dict[Value, int] = {}
    for node in graph:
        for value in node.inputs:
            takers[value] = takers.get(value, 0) + 1
    found = {}
    for node in graph:
        if node.op.name == "add" and len(node.inputs) == 2:
            shortcut = _shortcut(node, graph, takers)
            if shortcut is not None:
                found[node] = shortcut
    return found


def _shortcut(add: Node, graph: Graph, takers: Mapping[Value, int]) -> Shortcut | None:
    chains = [_chain(value, graph, takers) for value in add.inputs]
    usable = []
    for slot, (start, nodes) in enumerate(chains):
        other = add.inputs[1 - slot]
        if len(nodes) <= _LONGEST and _depends(other, start, graph):
            usable.append((_weighted(nodes), len(nodes), slot))
    if not usable:
        return None
    usable.sort()
    if len(usable) == 2 and usable[0][:2] == usable[1][:2]:
        if not isinstance(add.module.node, Skip):
            return None  # branches alike: neither goes around the other
        usable.sort(key=lambda each: -each[2])
    slot = usable[0][2]
    start, nodes = chains[slot]
    if start is chains[1 - slot][0] and not chains[1 - slot][1]:
        return None  # both are the same tensor
    kind: Literal["identity", "projection"] = "projection" if _weighted(nodes) else "identity"
    return Shortcut(kind, start, slot, tuple(nodes))


def _chain(value: Value, graph: Graph, takers: Mapping[Value, int]) -> tuple[Value, list[Node]]:
    """Back from a tensor to one that others take too; and the ops on the way."""
    nodes: list[Node] = []
    while takers.get(value, 0) <= 1 and len(nodes) <= _LONGEST:
        node = graph.producer(value)
        if node is None or len(node.inputs) != 1:
            break
        nodes.append(node)
        value = node.inputs[0]
    return value, nodes


def _depends(value: Value, start: Value, graph: Graph) -> bool:
    """Whether a tensor is made from another."""
    begin = graph.producer(start)
    first = -1 if begin is None else begin.index
    stack, seen = [value], set()
    while stack:
        current = stack.pop()
        node = graph.producer(current)
        if node is None or node.index <= first or node in seen:
            continue
        seen.add(node)
        if start in node.inputs:
            return True
        stack.extend(node.inputs)
    return False


def _weighted(nodes: list[Node]) -> int:
    return sum(node.op.family in _WEIGHTED for node in nodes)
