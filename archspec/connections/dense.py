"""Dense connections: each copy takes the concatenation of the input and every earlier output."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from archspec.fields import Field

from .building import Builder, Scope
from .node import ChildNode, Connection, Node, TextOrExpression, Value_, _RefersTo
from .repeat import count
from .tree import Origin, Value


class Dense(Connection):
    """`dense:` a body repeated; the block gives the concatenation of its input and all copies.

    Source: Huang et al., Densely Connected Convolutional Networks (2017), section 3.
    """

    key: ClassVar[str] = "dense"
    dense: ChildNode = Field(description="the layer that is repeated")
    repeat: Annotated[Value_, _RefersTo("count")] = Field(description="how many copies")
    names: TextOrExpression | None = Field(
        None, description="the copies' names, e.g. `denselayer$(i + 1)`; otherwise 0, 1, 2, ..."
    )

    def nodes(self) -> Iterator[Node]:
        yield self.dense

    def expand(self, build: Builder, scope: Scope, inputs: tuple[Value, ...]) -> tuple[Value, ...]:
        features = list(inputs)
        n = count(self.repeat, build, scope)
        build.repeated(n, self, scope)
        for i in range(n):
            origin = Origin(self.span, f"dense copy {i + 1} of {n}", scope.origin)
            copy = scope.with_values({"i": i}, origin)
            name = str(i) if self.names is None else build.name(self.names, copy)
            joined = self._joined(build, scope, features)
            body = build.choose(self.dense, copy)
            if body is not None:
                features += build.child(name, body, copy, joined)
        return self._joined(build, scope, features)

    def _joined(self, build: Builder, scope: Scope, features: list[Value]) -> tuple[Value, ...]:
        if len(features) == 1:
            return tuple(features)
        return build.operation("concat", scope, tuple(features), self, dim=0)
