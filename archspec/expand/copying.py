"""Copies: an instance of a block that is like an earlier one is copied and not worked out again.

Deep networks are mostly repetition. Two instances of a block are alike where their parameters, and the
shapes, strides and kinds of what flows in, are equal; everything below follows from these. Where only
the sizes differ, as from stage to stage, the instance has the same modules with other ops in them: of a
plain block (`plain.py`) that is copied too, and each op is worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.connections import Block, Call, Common, Env, Module, Origin, Scope, Value
from archspec.diagnostics import SpecError
from archspec.ops import Shape, ShapeError, typed

from .leaves import Use
from .parameters import NodeValue
from .resizing import Choice, Differs, Own, Plan, Resized, Used, planned


class Original:
    """An instance that was worked out: its module, its scope, its origin, how many modules and
    tensors it has, and how deep they stand inside it.

    choice: of a skip, its input, what its body gives, and whether they are added as they are.
    """

    __slots__ = ("_plan", "choice", "count", "edges", "height", "module", "origin", "scope")

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
        self._plan: Plan | None = None

    @property
    def plan(self) -> Plan:
        """How its resized copies are worked out; there is one of them."""
        assert self._plan is not None
        return self._plan

    def planned(self, uses: Mapping[Call, Use]) -> Plan:
        """Its ops in order, with the values between them by number, and how calls use ops."""
        if self._plan is None:
            self._plan = planned(self.module, self.choice, self.scope.env.values, uses)
        return self._plan


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
        first = next(n for n, other in enumerate(inputs) if other is value)
        key.append((value.shape, stride, value.shared, value.bare, value.train_only, first))
    return tuple(key)


def family(block: Block, tainted: frozenset[str], module: Module, first: bool) -> Any:
    """What instances that may differ in sizes alone have in common.

    first: whether it is the first child of its parent, which most often has a shortcut of its own.
    """
    key: list[Any] = [id(block), tainted, module.train_only, first]
    for value in module.inputs:
        place = module.inputs.index(value)
        key.append((len(value.shape), value.shared, value.bare, value.train_only, place))
    return tuple(key)


def _bare(value: NodeValue) -> Any:
    """An op or a block that was given by its name alone."""
    node = value.node
    if isinstance(node, Call) and isinstance(node.key, str):
        if not (node.main or node.args or node.refs) and node.common == Common():
            return ("node", node.key, id(node.key_span.source))
    return None


def copy_into(original: Original, module: Module, origin: Origin) -> Scope:
    """Make `module` a copy of the original; gives the scope by which it is named."""
    values = dict(zip(original.module.inputs, module.inputs, strict=True))
    for old in original.module.outputs:
        if old not in values:
            stride = old.stride
            if not isinstance(stride, tuple):
                stride = _strides(values).get(id(stride)) or object()
            values[old] = Value.out_of(module, old, old.shape, stride, old.applied)
    return Copy(original, origin).into(module, values, original.scope.env)


def resize_into(
    original: Original,
    module: Module,
    origin: Origin,
    inner: Scope,
    uses: Mapping[Call, Use],
    used: Used,
) -> Scope | None:
    """`copy_into` with the ops that the names of `inner`, the block's scope, and the shapes that
    flow in make of the calls; None where the modules would be others, or something is wrong.

    uses: how calls use ops. used: gives the op of a call in a scope.
    """
    plan = original.planned(uses)
    kept = original.choice is not None and original.choice[2]
    resized = Resized(plan, module.inputs, inner, original.scope.env.values, kept)
    try:
        resized.work_out(used)
    except (SpecError, ShapeError, Differs):
        return None
    values = dict(zip(original.module.inputs, module.inputs, strict=True))
    for old, at in zip(original.module.outputs, plan.outputs, strict=True):
        if old not in values:
            shape, stride, applied = (
                resized.shapes[at],
                resized.strides[at],
                resized.ops[plan.by[at]],
            )
            values[old] = Value.out_of(module, old, shape, stride, applied)
    return Copy(original, origin, resized).into(module, values, inner.env)


def _strides(values: Mapping[Value, Value]) -> dict[int, Any]:
    """The tokens that stand for strides in a copy, by those of the original."""
    return {
        id(old.stride): new.stride
        for old, new in values.items()
        if not isinstance(old.stride, tuple)
    }


class Copy:
    """A copy of an original. Only what flows out of it is there before somebody asks for more.

    resized: the ops and shapes that are its own; None where all is as in the original.
    """

    __slots__ = ("_origins", "_strides", "origin", "original", "resized", "values")

    def __init__(self, original: Original, origin: Origin, resized: Resized | None = None):
        self.original = original
        self.origin = origin
        self.resized = resized
        self.values: dict[Value, Value] = {}
        """What stands for the values of the original, when the children are made."""

    def into(self, module: Module, values: dict[Value, Value], env: Env) -> Scope:
        """Make a module this copy; gives its scope."""
        original = self.original.module
        module.register = original.register
        module.taken = original.taken
        module.outputs = tuple([values[value] for value in original.outputs])
        module.become(self)
        return _CopiedScope(self.original.scope, module, self, env)

    def children(self, module: Module) -> list[Module]:
        """The children of `module`, which is the copy."""
        original = self.original.module
        self.values = dict(zip(original.inputs, module.inputs, strict=True))
        self.values |= zip(original.outputs, module.outputs, strict=True)
        self._origins: dict[Origin | None, Origin] = {self.original.origin: self.origin}
        self._strides = _strides(self.values)
        own = None if self.resized is None else self.resized.own(len(module.inputs))
        return [self._module(child, module, own) for child in original.children]

    def _module(self, old: Module, parent: Module, own: Iterator[Own] | None) -> Module:
        new: Module = Module.__new__(Module)
        new.name = old.name
        new.kind = old.kind
        new.parent = parent
        new.depth = parent.depth + 1
        new.node = old.node
        new.origin = self._origin(old.origin)
        new.named = old.named
        new.op = old.op
        new.applied = old.applied
        new.block = old.block
        new.block_written = old.block_written
        new.call = old.call
        new.env = old.env if self.resized is None else self.resized.env(old)
        new.bound = old.bound
        new.declared = old.declared
        new.register = old.register
        new.taken = old.taken
        new.train_only = old.train_only
        new.loss_weight = old.loss_weight
        new.init = old.init
        new.copied = None
        new.inputs = tuple([self.values[value] for value in old.inputs])
        if old.op is None:
            new.children = [self._module(child, new, own) for child in old.children]
            new.outputs = tuple([self.values[value] for value in old.outputs])
            return new
        new.children = []
        if own is None:
            new.outputs = tuple(
                [self._value(value, new, value.shape, self._stride(value)) for value in old.outputs]
            )
        else:
            new.applied, stride = next(own)
            new.op = new.applied.op
            new.outputs = tuple(
                [
                    self._value(value, new, shape, stride)
                    for value, shape in zip(old.outputs, new.applied.outputs, strict=True)
                ]
            )
        return new

    def _value(self, old: Value, producer: Module, shape: Shape, stride: Any) -> Value:
        new = self.values.get(old)
        if new is None:
            new = Value(producer, old.index, shape, stride, old.name, shared=old.shared)
            self.values[old] = new
        else:  # it flows out of the copy
            new.producer = producer
        return new

    def _stride(self, old: Value) -> Any:
        if isinstance(old.stride, tuple):
            return old.stride
        return self._strides.setdefault(id(old.stride), object())

    def _origin(self, old: Origin) -> Origin:
        known = self._origins.get(old)
        if known is None:
            assert old.parent is not None  # the steps of the original begin with its own
            known = self._origins[old] = old.within(self._origin(old.parent))
        return known


class _CopiedScope(Scope):
    """The scope of a copy, worked out when something is looked up in it."""

    def __init__(self, original: Scope, module: Module, copy: Copy, env: Env):
        self._original = original
        self._module = module
        self._copy = copy
        self.env = env

    @property
    def names(self) -> dict[str, tuple[Value, ...]]:  # type: ignore[override]
        _ = self._module.children
        known = self._copy.values
        return {
            name: tuple(known[value] for value in values)
            for name, values in self._original.names.items()
        }

    @property
    def inner(self) -> dict[str, Scope]:  # type: ignore[override]
        return {
            name: _CopiedScope(scope, self._module, self._copy, scope.env)
            for name, scope in self._original.inner.items()
        }
