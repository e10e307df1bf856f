"""What a check sees, and how one is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from archspec.connections import Value
from archspec.diagnostics import Rule, Span
from archspec.expand import Program
from archspec.graph import Graph, Node
from archspec.ops import Applied, Op


class Subject:
    """A network that works, and who takes what in it.

    A check asks the outline first whether there can be what it looks for: in most networks there is
    not, and then the nodes of copies need not be made.
    """

    def __init__(self, graph: Graph):
        self.graph = graph
        self.outline = graph.outline

    @cached_property
    def by_applied(self) -> dict[Applied, list[Node]]:
        """The nodes that are one op with inputs of one shape: what a check finds out from these
        alone holds for all of them."""
        groups: dict[Applied, list[Node]] = {}
        for node in self.graph.nodes:
            group = groups.get(node.applied)
            if group is None:
                groups[node.applied] = [node]
            else:
                group.append(node)
        return groups

    @cached_property
    def by_op(self) -> dict[str, list[Applied]]:
        """The ops with their shapes, by the op's name."""
        groups: dict[str, list[Applied]] = {}
        for applied in self.outline.counts:
            groups.setdefault(applied.op.name, []).append(applied)
        return groups

    def of(self, *ops: str) -> list[Applied]:
        """These ops, with the shapes that each is applied to."""
        return [applied for op in ops for applied in self.by_op.get(op, ())]

    def of_families(self, *families: str) -> list[Applied]:
        """The ops of these families, with the shapes that each is applied to."""
        return [applied for applied in self.outline.counts if applied.op.family in families]

    @cached_property
    def by_kinds(self) -> dict[tuple[type[Op], type[Op]], list[Applied]]:
        """The ops that are taken by another one, by the kinds of the two."""
        kinds: dict[tuple[type[Op], type[Op]], list[Applied]] = {}
        for first, then in self.outline.pairs:
            if first is not None:
                kinds.setdefault((type(first.op), type(then.op)), []).append(first)
        return kinds

    def before_ops(self, first: Kind, then: Kind) -> list[Applied]:
        """The ops of one kind that one of another kind takes; none that any such pair lacks."""
        return [
            one
            for (before, after), ops in self.by_kinds.items()
            if first(before) and then(after)
            for one in ops
        ]

    def nodes(self, applied: Iterable[Applied]) -> list[Node]:
        """The nodes of ops with their shapes, in order."""
        asked = list(applied)
        if not asked:
            return []
        groups = [self.by_applied[one] for one in asked]
        if len(groups) == 1:
            return groups[0]
        return sorted([node for group in groups for node in group], key=_index)

    @cached_property
    def takers(self) -> dict[Value, list[Node]]:
        """The nodes that take a value."""
        takers: dict[Value, list[Node]] = {}
        for node in self.graph.nodes:
            for value in node.inputs:
                known = takers.get(value)
                if known is None:
                    takers[value] = [node]
                else:
                    known.append(node)
        return takers

    def feeding(self, node: Node) -> Applied | None:
        """The op before this node, whoever else takes its output."""
        producer = node.inputs[0].producer if node.inputs else None
        return None if producer is None else producer.applied

    def before(self, node: Node) -> Applied | None:
        """The op that alone feeds this node and feeds nothing else."""
        if not node.inputs or len(self.takers[node.inputs[0]]) > 1:
            return None
        return self.feeding(node)


Kind = Callable[[type[Op]], bool]
"""Which ops are meant."""

_index = attrgetter("index")


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
