"""Branches: parallel children that take the same input, and how they are merged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from archspec.fields import Field

from .building import Builder, Scope, entered
from .node import ChildNode, Connection, Node, Read, _RefersTo
from .repeat import Loop
from .sequence import Numbering, Sequence
from .tree import Value

ChildrenNode = Annotated[Sequence, Read("children"), _RefersTo("children")]
"""A field that always holds children by name or in a list, never one node."""


class Branches(Connection):
    """`branches:` side by side on the same input, joined by `merge`."""

    key: ClassVar[str] = "branches"
    branches: ChildrenNode = Field(description="the parallel children")
    merge: ChildNode | None = Field(
        description="how the outputs are joined: concat, add, mul, ...; null leaves them apart"
    )

    def nodes(self) -> Iterator[Node]:
        yield from self.branches.nodes()
        if self.merge is not None:
            yield self.merge

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        outputs: list[Value] = []
        numbering = Numbering()
        for item in self.branches.items:
            node = build.choose(item.node, scope)
            if node is None:
                if isinstance(item.name, str):
                    build.skipped(item.name, item.node, scope, inputs)
                continue
            if isinstance(node, Loop) and node.inline:
                outputs += node.beside(build, scope, entered(build, node, scope, inputs), numbering)
                continue
            name = numbering.take() if item.name is None else build.name(item.name, scope)
            outputs += build.child(name, node, scope, inputs)
        merge = None if self.merge is None else build.choose(self.merge, scope)
        if merge is None or len(outputs) == 1:
            return tuple(outputs)
        return build.child(None, merge, scope, tuple(outputs))
