"""Copies: an instance of a block that is like an earlier one is copied and not worked out again.

Deep networks are mostly repetition. Two instances of a block are alike where their parameters, and the
shapes, strides and kinds of what flows in, are equal; everything below follows from these. Where only
the sizes differ, as from stage to stage, the instance has the same modules with other ops in them: of a
plain block (`plain.py`) that is copied too, and each op is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from archspec.connections import Block, Call, Common, Env, Module, Origin, Scope, Value, keeps
from archspec.diagnostics import SpecError
from archspec.ops import Op, ShapeError, apply, typed

from .leaves import stride_after
from .parameters import NodeValue

Used: TypeAlias = Callable[[Call, Scope], Op]


class Original:
    """An instance that was worked out: its module, its scope, its origin, how many modules and
    tensors it has, and how deep they stand inside it.

    choice: of a skip, its input, what its body gives, and whether they are added as they are.
    """

    __slots__ = ("choice", "count", "edges", "height", "module", "origin", "scope")

    def __init__(
        self,
        module: Module,
        scope: Scope,
        origin: Origin,
        *,
        count: int,
        edges: int,
        height: int,
        choice: Choice | None = None,
    ):
        self.module = module
        self.scope = scope
        self.origin = origin
        self.count = count
        self.edges = edges
        self.height = height
        self.choice = choice


Choice: TypeAlias = tuple[Value, Value, bool]


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


def family(block: Block, tainted: frozenset[str], module: Module, first: bool) -> Any:
    """What instances that may differ in sizes alone have in common.

    first: whether it is the first child of its parent, which most often has a shortcut of its own.
    """
    key: list[Any] = [id(block), tainted, module.train_only, first]
    for value in module.inputs:
        head = value.producer is not None and value.producer.train_only
        key.append((len(value.shape), value.shared, value.bare, head, module.inputs.index(value)))
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
    return _CopiedScope(original.scope, copying.values, original.scope.env)


def resize_into(
    original: Original, module: Module, origin: Origin, inner: Scope, used: Used
) -> Scope | None:
    """`copy_into` with the ops that the names of `inner`, the block's scope, and the shapes that
    flow in make of the calls; None where the modules would be others, or something is wrong.

    used: gives the op of a call in a scope.
    """
    resizing = _Resizing(original, module, origin, inner, used)
    try:
        children = [resizing.module(child, module) for child in original.module.children]
        resizing.check_choice()
    except (SpecError, ShapeError, _Differs):
        return None
    module.register = original.module.register
    module.taken = original.module.taken
    module.children = children
    module.outputs = resizing.values_of(original.module.outputs)
    return _CopiedScope(original.scope, resizing.values, inner.env)


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
        new = self.like(old, parent)
        new.inputs = self.values_of(old.inputs)
        if old.op is not None:
            new.children = []
            new.outputs = tuple([self.value(value, new) for value in old.outputs])
        else:
            new.children = [self.module(child, new) for child in old.children]
            new.outputs = self.values_of(old.outputs)
        return new

    def like(self, old: Module, parent: Module) -> Module:
        """The module in its new place, without what flows through it."""
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


class _Differs(Exception):
    """The instance has other modules than the original."""


class _Resizing(_Copying):
    def __init__(
        self, original: Original, module: Module, origin: Origin, inner: Scope, used: Used
    ):
        super().__init__(original, module, origin)
        self.inner = inner
        self.used = used
        self.choice = original.choice
        self.names = original.scope.env.values
        self.shortcut: Scope | None = None

    def module(self, old: Module, parent: Module) -> Module:
        new = self.like(old, parent)
        scope = self.inner if old.env is self.names else self.beside()
        new.env = scope.env.values
        new.inputs = inputs = self.values_of(old.inputs)
        if old.op is None:
            new.children = [self.module(child, new) for child in old.children]
            new.outputs = self.values_of(old.outputs)
            return new
        op = old.op if old.call is None else self.used(old.call, scope)
        applied = apply(op, tuple([value.shape for value in inputs]))
        if len(applied.outputs) != len(old.outputs) or len(applied.weights) != len(
            old.applied.weights  # type: ignore[union-attr]
        ):
            raise _Differs
        new.op = op
        new.applied = applied
        new.children = []
        stride = stride_after(applied, inputs)
        outputs = []
        for value, shape in zip(old.outputs, applied.outputs, strict=True):
            made = Value(new, value.index, shape, stride, value.name, shared=value.shared)
            self.values[value] = made
            outputs.append(made)
        new.outputs = tuple(outputs)
        return new

    def beside(self) -> Scope:
        """The scope of a skip's shortcut, which knows what the body gives."""
        if self.shortcut is None:
            assert self.choice is not None
            self.check_choice()
            end = self.values[self.choice[1]].shape
            values = {"out_channels": end[0], "out_features": end[-1]}
            self.shortcut = self.inner.with_values(values, self.inner.origin)
        return self.shortcut

    def check_choice(self) -> None:
        """Go on where the skip has a shortcut as in the original, or has none as there."""
        if self.choice is not None:
            start, end, kept = self.choice
            if keeps(self.values[start], self.values[end]) is not kept:
                raise _Differs


class _CopiedScope(Scope):
    """The scope of a copy, worked out when something is looked up in it."""

    def __init__(self, original: Scope, values: Mapping[Value, Value], env: Env):
        self._original = original
        self._values = values
        self.env = env

    @property
    def names(self) -> dict[str, tuple[Value, ...]]:  # type: ignore[override]
        return {
            name: tuple(self._values[value] for value in values)
            for name, values in self._original.names.items()
        }

    @property
    def inner(self) -> dict[str, Scope]:  # type: ignore[override]
        return {
            name: _CopiedScope(scope, self._values, scope.env)
            for name, scope in self._original.inner.items()
        }
