"""Copies: an instance of a block that is like an earlier one is copied and not worked out again.

Deep networks are mostly repetition. Two instances of a block are alike where their parameters, and the
shapes, strides and kinds of what flows in, are equal; everything below follows from these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.connections import Block, Call, Common, Module, Origin, Scope, Value
from archspec.ops import typed

from .parameters import NodeValue


class Original:
    """An instance that was worked out: its module, its scope, its origin, how many modules and
    tensors it has, and how deep they stand inside it."""

    __slots__ = ("count", "edges", "height", "module", "origin", "scope")

    def __init__(
        self,
        module: Module,
        scope: Scope,
        origin: Origin,
        *,
        count: int,
        edges: int,
        height: int,
    ):
        self.module = module
        self.scope = scope
        self.origin = origin
        self.count = count
        self.edges = edges
        self.height = height


def likeness(
    block: Block,
    values: Mapping[str, Any],
    tainted: frozenset[str],
    module: Module,
) -> Any:
    """What instances that are alike have in common; None where that cannot be said."""
    inputs = module.inputs
    key: list[Any] = [id(block), tainted, module.train_only]
    shape = inputs[0].shape
    for value in values.values():
        kind = type(value)
        if kind is int:
            key.append(value)
            continue
        if value is shape:
            continue  # said below
        if kind is NodeValue:
            value = _bare(value)
            if value is None:
                return None
        elif kind is dict:
            return None
        key.append(typed(value))
    tokens: list[object] = []
    for value in inputs:
        stride: Any = value.stride
        if not isinstance(stride, tuple):  # only which ones are the same says something
            if not any(stride is token for token in tokens):
                tokens.append(stride)
            stride = next(n for n, token in enumerate(tokens) if token is stride)
        head = value.producer is not None and value.producer.train_only
        first = next(n for n, other in enumerate(inputs) if other is value)
        key.append((value.shape, stride, value.shared, value.bare, head, first))
    return tuple(key)


def _bare(value: NodeValue) -> Any:
    """An op or a block that was given by its name alone."""
    node = value.node
    if isinstance(node, Call) and isinstance(node.key, str):
        if not (node.main or node.args or node.refs) and node.common == Common():
            return ("node", node.key, id(node.key_span.source))
    return None


def copy_into(original: Original, module: Module, origin: Origin) -> Scope:
    """Give `module` what the original has below it; gives the scope by which it is named."""
    copying = _Copying(original, module, origin)
    module.register = original.module.register
    module.taken = original.module.taken
    module.children = [copying.module(child, module) for child in original.module.children]
    module.outputs = copying.values_of(original.module.outputs)
    return _CopiedScope(original.scope, copying.values)


class _Copying:
    def __init__(self, original: Original, module: Module, origin: Origin):
        pairs = list(zip(original.module.inputs, module.inputs, strict=True))
        self.values: dict[Value, Value] = dict(pairs)
        self.origins: dict[Origin | None, Origin] = {original.origin: origin}
        self.strides: dict[int, object] = {
            id(old.stride): new.stride for old, new in pairs if not isinstance(old.stride, tuple)
        }

    def values_of(self, values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple([self.values[value] for value in values])

    def module(self, old: Module, parent: Module) -> Module:
        new: Module = Module.__new__(Module)
        new.name = old.name
        new.kind = old.kind
        new.parent = parent
        new.depth = parent.depth + 1
        new.node = old.node
        new.origin = self.origin(old.origin)
        new.named = old.named
        new.op = old.op
        new.applied = old.applied
        new.block = old.block
        new.block_written = old.block_written
        new.call = old.call
        new.env = old.env
        new.bound = old.bound
        new.declared = old.declared
        new.register = old.register
        new.taken = old.taken
        new.train_only = old.train_only
        new.loss_weight = old.loss_weight
        new.init = old.init
        new.inputs = self.values_of(old.inputs)
        if old.op is not None:
            new.children = []
            new.outputs = tuple([self.value(value, new) for value in old.outputs])
        else:
            new.children = [self.module(child, new) for child in old.children]
            new.outputs = self.values_of(old.outputs)
        return new

    def value(self, old: Value, producer: Module) -> Value:
        stride = old.stride
        if not isinstance(stride, tuple):
            stride = self.strides.setdefault(id(stride), object())
        new = Value(producer, old.index, old.shape, stride, old.name, shared=old.shared)
        self.values[old] = new
        return new

    def origin(self, old: Origin) -> Origin:
        known = self.origins.get(old)
        if known is None:
            assert old.parent is not None  # the steps of the original begin with its own
            known = self.origins[old] = old.within(self.origin(old.parent))
        return known


class _CopiedScope(Scope):
    """The scope of a copy, worked out when something is looked up in it."""

    def __init__(self, original: Scope, values: Mapping[Value, Value]):
        self._original = original
        self._values = values

    @property
    def names(self) -> dict[str, tuple[Value, ...]]:  # type: ignore[override]
        return {
            name: tuple(self._values[value] for value in values)
            for name, values in self._original.names.items()
        }

    @property
    def inner(self) -> dict[str, Scope]:  # type: ignore[override]
        return {
            name: _CopiedScope(scope, self._values) for name, scope in self._original.inner.items()
        }
