"""Sequences: a list or a mapping of nodes, each fed by the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archspec.diagnostics import Span, SpecError
from archspec.expressions import Template

from .building import Builder, Scope, entered, register
from .node import NOTHING, Call, Common, Node, Reference
from .repeat import Loop, take_number
from .tree import Value


class Item(NamedTuple):
    """One child as written; `name` is None in a list."""

    name: str | Template | None
    span: Span
    node: Node


class Numbering:
    """Gives the children of a list their names 0, 1, 2, ..., loops spliced into it included."""

    __slots__ = ("next",)

    def __init__(self) -> None:
        self.next = 0

    def take(self) -> str:
        name = str(self.next)
        self.next += 1
        return name


class Sequence(Node):
    """Children in order; the last one's output is the output, unless `output:` names another.

    register: the children that come first in the `state_dict`, where that is not in order of flow.
    """

    __slots__ = ("common", "items", "output", "register", "span")

    def __init__(
        self,
        items: tuple[Item, ...],
        span: Span,
        common: Common | None = None,
        output: tuple[Reference, ...] | None = None,
        register: tuple[Reference, ...] = (),
    ):
        self.items = items
        self.span = span
        self.common = common or NOTHING
        self.output = output
        self.register = register

    def nodes(self) -> Iterator[Node]:
        return (item.node for item in self.items)

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        return self.splice(build, scope, inputs, Numbering())

    def splice(
        self, build: Builder, scope: Scope, inputs: tuple[Value, ...], numbering: Numbering | None
    ) -> tuple[Value, ...]:
        """Build the children into the scope, numbered on from `numbering` where this is a list;
        None where the scope is a mapping, in which nothing is numbered."""
        current = inputs
        for item in self.items:
            name, _span, node = item
            try:
                if type(name) is str and node.common is NOTHING and type(node) is Call:
                    current = build.child(name, node, scope, current)  # nearly every item
                else:
                    current = self._item(build, scope, current, numbering, item)
            except SpecError as error:
                current = build.failed(error, item.name, item.node, scope)
        if self.register:
            register(build, scope, self.register)
        if self.output is not None:
            return build.resolve(self.output, scope)
        return current

    @staticmethod
    def _item(
        build: Builder,
        scope: Scope,
        current: tuple[Value, ...],
        numbering: Numbering | None,
        item: Item,
    ) -> tuple[Value, ...]:
        """Build one child; gives what the next one takes."""
        node = build.choose(item.node, scope, named=item.name is not None)
        if node is None:
            if isinstance(item.name, str):
                build.skipped(item.name, item.node, scope, current)
            return current
        if isinstance(node, Loop) and node.inline:
            counted = numbering if item.name is None else None
            return node.splice(build, scope, entered(build, node, scope, current), counted)
        name = (
            take_number(numbering, item.span) if item.name is None else build.name(item.name, scope)
        )
        output = build.child(name, node, scope, current)
        return current if node.common.train_only else output  # a head stands beside the flow
