"""A hash of what a network computes, by which isomorphic children are known as one.

Two networks have one fingerprint where one is the other with its modules renamed and rearranged: the
same ops with the same arguments on the same shapes, joined alike. Operands of `add`, `mul`, `maximum`
and `minimum` have no order. What no output depends on counts for nothing, nor do `identity` and
dropout that drops nothing. Weights of their own are told apart: the sum of two convolutions of one
input is not twice one of them.

Each node has a colour, made of its op and the colours of its operands, then of those that take it, and
again (Weisfeiler and Leman's refinement; Douglas, The Weisfeiler-Lehman Method (2011)). The hash is
that of all colours together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from archspec.connections import Value
from archspec.graph import Graph, Node

_UNORDERED = {"add", "mul", "maximum", "minimum"}
_ROUNDS = 3


def fingerprint(graph: Graph, *, zero: bool = False) -> str:
    """The hash, in hexadecimal digits.

    zero: take what multiplies by 0 for no connection, and all that is computed from nothing else for
    nothing, as papers do that count cells with a `none` operation. A norm's bias makes this false to
    the letter, so it is not the default.
    """
    return _Colours(graph, zero=zero).hash()


class _Colours:
    def __init__(self, graph: Graph, *, zero: bool):
        self.graph = graph
        self.zero = zero
        self.stands: dict[Value, Value | None] = {}
        """What a value is another name of; None for zeros."""
        self.nodes = self._alive()
        self.operands = {node: self._operands(node) for node in self.nodes}

    def _through(self, value: Value) -> Value | None:
        return self.stands.get(value, value)

    def _operands(self, node: Node) -> list[Value]:
        found = [self._through(value) for value in node.inputs]
        return [value for value in found if value is not None]

    def _alive(self) -> list[Node]:
        """The nodes that an output depends on, without those that do nothing."""
        kept: list[Node] = []
        for node in self.graph:
            inputs = [self._through(value) for value in node.inputs]
            if _does_nothing(node):
                self.stands[node.outputs[0]] = inputs[0]
            elif self.zero and self._is_zero(node, inputs):
                self.stands.update(dict.fromkeys(node.outputs))
            elif self.zero and node.op.name == "add" and inputs.count(None) == len(inputs) - 1:
                self.stands[node.outputs[0]] = next(v for v in inputs if v is not None)
            else:
                kept.append(node)
        wanted = {self._through(value) for value in self.graph.outputs.values()}
        alive = []
        for node in reversed(kept):
            if any(value in wanted for value in node.outputs):
                alive.append(node)
                wanted |= {self._through(value) for value in node.inputs}
        return alive[::-1]

    @staticmethod
    def _is_zero(node: Node, inputs: list[Value | None]) -> bool:
        if node.op.name == "scale" and vars(node.op).get("factor") == 0:
            return True
        return bool(inputs) and all(value is None for value in inputs)

    def hash(self) -> str:
        """The colours of all nodes and of the outputs, as one hash."""
        colours: Mapping[Node, str] = dict.fromkeys(self.nodes, "")
        names = {
            value: _digest("input", n, str(value.shape))
            for n, value in enumerate(self.graph.inputs.values())
        }
        for _ in range(_ROUNDS):
            colours = self._down(colours, names)
            colours = self._up(colours)
        outputs = []
        for name, value in self.graph.outputs.items():
            end = self._through(value)
            outputs.append(name if len(self.graph.outputs) > 1 else "")
            outputs.append("zero" if end is None else self._colour(end, colours, names))
        return _digest(outputs, sorted(colours.values()))

    def _down(self, before: Mapping[Node, str], names: Mapping[Value, str]) -> dict[Node, str]:
        """Colours along the flow: a node by its op and what flows in."""
        colours: dict[Node, str] = {}
        for node in self.nodes:
            operands = [self._colour(value, colours, names) for value in self.operands[node]]
            if node.op.name in _UNORDERED:
                operands.sort()
            colours[node] = _digest(before[node], *_kind(node), operands)
        return colours

    def _up(self, before: Mapping[Node, str]) -> dict[Node, str]:
        """Colours against the flow: a node by what takes it, and as which operand."""
        takers: dict[Node, list[str]] = {node: [] for node in self.nodes}
        colours: dict[Node, str] = {}
        for node in reversed(self.nodes):
            colours[node] = _digest(before[node], sorted(takers[node]))
            for slot, value in enumerate(self.operands[node]):
                producer = self.graph.producer(value)
                if producer is not None:
                    place = 0 if node.op.name in _UNORDERED else slot
                    takers[producer].append(_digest(colours[node], place, value.index))
        return colours

    def _colour(self, value: Value, colours: Mapping[Node, str], names: Mapping[Value, str]) -> str:
        producer = self.graph.producer(value)
        return names[value] if producer is None else f"{colours[producer]}.{value.index}"


def _kind(node: Node) -> tuple[Any, ...]:
    """What a node is by itself: its op with its arguments, and the shapes of its weights."""
    args = sorted(vars(node.op).items())
    weights = [(name, weight.shape) for name, weight in node.weights.items()]
    outputs = [str(value.shape) for value in node.outputs]
    return node.op.name, args, weights, outputs, node.train_only


def _does_nothing(node: Node) -> bool:
    if node.op.name == "identity":
        return True
    return node.op.name.startswith("dropout") and vars(node.op).get("p") == 0


def _digest(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
