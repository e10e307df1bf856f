"""What a check sees, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from archspec.connections import Value
from archspec.diagnostics import Rule, Span
from archspec.expand import Program
from archspec.graph import Graph, Node


class Subject:
    """A network that works, and who takes what in it."""

    def __init__(self, graph: Graph):
        self.graph = graph

    @cached_property
    def by_op(self) -> dict[str, list[Node]]:
        """The nodes of every op, by its name."""
        return _grouped((node.op.name, node) for node in self.graph)

    @cached_property
    def by_family(self) -> dict[str, list[Node]]:
        """The nodes of every family of ops."""
        return _grouped((node.op.family, node) for node in self.graph)

    def of(self, *ops: str) -> list[Node]:
        """The nodes of these ops, in order."""
        return _together([self.by_op[op] for op in ops if op in self.by_op])

    def of_families(self, *families: str) -> list[Node]:
        """The nodes of these families, in order."""
        return _together([self.by_family[f] for f in families if f in self.by_family])

    @cached_property
    def takers(self) -> dict[Value, list[Node]]:
        """The nodes that take a value."""
        takers: dict[Value, list[Node]] = {}
        for node in self.graph:
            for value in node.inputs:
                takers.setdefault(value, []).append(node)
        return takers

    def feeding(self, node: Node) -> Node | None:
        """The node before this one, whoever else takes its output."""
        value = node.inputs[0] if node.inputs else None
        return None if value is None else self.graph.producer(value)

    def before(self, node: Node) -> Node | None:
        """The node that alone feeds this one and feeds nothing else."""
        value = node.inputs[0] if node.inputs else None
        if value is None or len(self.takers[value]) > 1:
            return None
        return self.graph.producer(value)


def _grouped(pairs: Iterable[tuple[str, Node]]) -> dict[str, list[Node]]:
    groups: dict[str, list[Node]] = {}
    for key, node in pairs:
        groups.setdefault(key, []).append(node)
    return groups


def _together(groups: list[list[Node]]) -> list[Node]:
    if len(groups) == 1:
        return groups[0]
    return sorted((node for group in groups for node in group), key=lambda node: node.index)


class Found(NamedTuple):
    """Something to warn of: at a node, or at a place of the file."""

    at: Node | Span
    message: str
    help: str
    argument: str = ""
    """The argument of the node that is to blame, where it is written."""


GraphCheck = Callable[[Subject], Iterator[Found]]
FileCheck = Callable[[Program], Iterator[Found]]

OF_GRAPHS: dict[str, GraphCheck] = {}
"""What looks at a network's graph, by the code of its rule."""

OF_FILES: dict[str, FileCheck] = {}
"""What looks at a file as written, by the code of its rule."""


def check(rule: Rule) -> Callable[[GraphCheck], GraphCheck]:
    """Declare what looks for a rule in a graph."""

    def declare(function: GraphCheck) -> GraphCheck:
        OF_GRAPHS[rule.code] = function
        return function

    return declare


def written(rule: Rule) -> Callable[[FileCheck], FileCheck]:
    """Declare what looks for a rule in a file as written."""

    def declare(function: FileCheck) -> FileCheck:
        OF_FILES[rule.code] = function
        return function

    return declare
