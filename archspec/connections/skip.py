"""Skip connections: a body with a shortcut around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from archspec.codes.network import NO_PROJECTION
from archspec.diagnostics import Label
from archspec.fields import Field
from archspec.ops.dims import Shape, show_shape

from .building import Builder, Scope, entered
from .node import Broken, ChildNode, Connection, Node
from .sequence import Sequence
from .tree import Origin, Value


class Skip(Connection):
    """`skip:` a body with a shortcut around it, added at the end.

    The shortcut is the identity where the body keeps channels and its total stride is 1, and the
    given projection otherwise. `from:` on the shortcut says where the projection starts; `when:`
    on it says whether there is a shortcut at all.
    """

    key: ClassVar[str] = "skip"
    body: ChildNode = Field(description="the residual branch")
    shortcut: ChildNode | None = Field(
        None,
        description="the projection, where the body changes channels or stride; "
        "`$out_channels` is the body's",
    )
    merge: ChildNode | None = Field(None, description="how the two are joined; `add` by default")
    after: ChildNode | None = Field(None, description="what follows the addition, e.g. `relu`")

    def nodes(self) -> Iterator[Node]:
        yield self.body
        for node in (self.shortcut, self.merge, self.after):
            if node is not None:
                yield node

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        body = self.content(build, self.body, scope, inputs)
        shortcut = self._shortcut(build, scope, inputs, body)
        merge = None if self.merge is None else build.choose(self.merge, scope)
        if shortcut is None:
            joined = body
        elif merge is not None:
            joined = build.child(None, merge, scope, (*body, *shortcut))
        else:
            joined = build.operation("add", scope, (*body, *shortcut), self)
        if self.after is None:
            return joined
        return self.content(build, self.after, scope, joined)

    @staticmethod
    def content(
        build: Builder, node: Node, scope: Scope, inputs: tuple[Value, ...]
    ) -> tuple[Value, ...]:
        """Build a part into the scope itself: its children are the scope's children."""
        chosen = build.choose(node, scope)
        if chosen is None:
            return inputs
        return chosen.expand(build, scope, entered(build, chosen, scope, inputs))

    def _shortcut(
        self,
        build: Builder,
        scope: Scope,
        inputs: tuple[Value, ...],
        body: tuple[Value, ...],
    ) -> tuple[Value, ...] | None:
        node = self.shortcut
        chosen = None
        if node is not None:
            chosen = build.choose(node, scope)
            if chosen is None:
                return None
        (start, end) = inputs[0], body[0]
        if build.keeps(start, end):
            if isinstance(chosen, Sequence):  # what names them gets the block's input
                for item in chosen.items:
                    if isinstance(item.name, str):
                        build.skipped(item.name, item.node, scope, inputs)
            return inputs
        if chosen is None or _is_identity(chosen):
            where = chosen.span if chosen is not None else self.span
            raise NO_PROJECTION.error(
                where,
                "the body changes its input, and the skip has no projection",
                labels=(
                    Label(
                        self.body.span,
                        f"{show_shape(start.shape)} becomes {show_shape(end.shape)}",
                    ),
                ),
                help="give the skip a projection: `shortcut: {proj: {conv: $out_channels, "
                "kernel: 1, stride: ...}}`",
            )
        values = {"out_channels": end.shape[0], "out_features": end.shape[-1]}
        inner = scope.with_values(values, Origin(chosen.span, "shortcut", scope.origin))
        return chosen.expand(build, inner, entered(build, chosen, scope, inputs))


class Flow(NamedTuple):
    """What is known of a value before there is one."""

    shape: Shape
    stride: Any


def keeps(start: Value | Flow, end: Value | Flow) -> bool:
    """Whether two values have the same channels and strides, so that they can be added."""
    return (
        start.shape[0] == end.shape[0]
        and len(start.shape) == len(end.shape)
        and start.stride == end.stride
    )


def _is_identity(node: Node) -> bool:
    if isinstance(node, Broken):
        return False
    return not any(True for _ in node.nodes()) and getattr(node, "key", "identity") == "identity"
