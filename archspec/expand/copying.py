"""Copies: an instance of a block that is like an earlier one is copied and not worked out again.

Deep networks are mostly repetition. Two instances of a block are alike where their parameters, and the
shapes, strides and kinds of what flows in, are equal; everything below follows from these. Where only
the sizes differ, as from stage to stage, the instance has the same modules with other ops in them: of a
plain block (`plain.py`) that is copied too, and each op is worked out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from archspec.connections import Block, Call, Common, Env, Module, Origin, Scope, Value, keeps
from archspec.connections.skip import Flow
from archspec.diagnostics import SpecError
from archspec.ops import Applied, Op, Shape, ShapeError, apply, typed

from .leaves import Use, stride_after
from .parameters import NodeValue

Used: TypeAlias = Callable[[Call, Use, Scope], Op]


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
        """How the latest of its resized copies were worked out."""
        assert self._plan is not None
        return self._plan

    def planned(self, uses: Mapping[Call, Use]) -> Plan:
        """Its ops in order, with the values between them by number, and how calls use ops."""
        if self._plan is None:
            self._plan = _plan(self, uses)
        return self._plan


def _plan(original: Original, uses: Mapping[Call, Use]) -> Plan:
    module, choice, names = original.module, original.choice, original.scope.env.values
    ops = module.ops()
    numbers: dict[Value, int] = {}
    by = [-1] * len(module.inputs)
    for value in module.inputs:
        numbers.setdefault(value, len(numbers))
    known = len(by)
    takers: list[list[int]] = [[] for _ in by]
    links, steps, said = [], [], []
    for number, op in enumerate(ops):
        takes = tuple([numbers[value] for value in op.inputs])
        for at in takes:
            if at < len(takers):
                takers[at].append(number)
            else:
                links.append((by[at], number))
        for value in op.outputs:
            numbers[value] = known
            known += 1
            by.append(number)
        call = op.call
        use = None if call is None else uses[call]
        if call is not None and call.args:
            said.append((call, number))
        fixed = op.op if use is None or use.op is not None else None
        applied: Applied = op.applied  # type: ignore[assignment]
        weights, beside = len(applied.weights), op.env is not names
        steps.append(Step(fixed, call, use, takes, beside, len(op.outputs), weights))
    return Plan(
        tuple(steps),
        choice and (numbers[choice[0]], numbers[choice[1]]),
        tuple([numbers[value] for value in module.outputs]),
        tuple(links),
        tuple(map(tuple, takers)),
        tuple(said),
        tuple(by),
    )


class Step(NamedTuple):
    """An op of an original: what it is in all copies, or its call and how that uses an op; the
    numbers of what it takes, and how many outputs and weights it has. beside: it stands in the
    shortcut of a skip, where names mean more."""

    op: Op | None
    call: Call | None
    use: Use | None
    takes: tuple[int, ...]
    beside: bool
    outputs: int
    weights: int


class Plan(NamedTuple):
    """The ops of an original; the values are those that flow in, and then what each op gives.

    choice: the input of a skip and what its body gives. outputs: what flows out. links: the numbers
    of two ops of which the second takes what the first gives. takers: of each value that flows in, the
    numbers of the ops that take it. said: the ops whose calls have arguments. by: of each value, the
    number of the op that gives it, or -1.
    """

    steps: tuple[Step, ...]
    choice: tuple[int, int] | None
    outputs: tuple[int, ...]
    links: tuple[tuple[int, int], ...]
    takers: tuple[tuple[int, ...], ...]
    said: tuple[tuple[Call, int], ...]
    by: tuple[int, ...]


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
    resized = _Resized(original, module.inputs, inner)
    try:
        resized.work_out(plan.steps, used)
    except (SpecError, ShapeError, _Differs):
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

    def __init__(self, original: Original, origin: Origin, resized: _Resized | None = None):
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

    def _module(self, old: Module, parent: Module, own: Iterator[_Own] | None) -> Module:
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


class _Differs(Exception):
    """The instance has other modules than the original."""


_Own: TypeAlias = tuple[Applied, Any]
"""An op with its shapes, and the stride of what it gives."""


class _Resized:
    """The ops of an instance that has other sizes than the original.

    shapes, strides: of the values by number. ops: in order.
    """

    def __init__(self, original: Original, inputs: tuple[Value, ...], inner: Scope):
        self.shapes = [value.shape for value in inputs]
        self.strides = [value.stride for value in inputs]
        self.ops: list[Applied] = []
        self._inner = inner
        self._names = original.scope.env.values
        self._beside: Scope | None = None
        self._choice = original.plan.choice
        self._kept = original.choice is not None and original.choice[2]

    def work_out(self, steps: tuple[Step, ...], used: Used) -> None:
        """Apply the ops. Raises SpecError, ShapeError or _Differs."""
        ops, shapes, strides, inner = self.ops, self.shapes, self.strides, self._inner
        for op, call, use, takes, beside, outputs, weights in steps:
            if op is None:
                op = used(call, use, self.beside() if beside else inner)  # type: ignore[arg-type]
            if len(takes) == 1:
                (at,) = takes
                applied = apply(op, (shapes[at],))
                stride = strides[at]
                if applied.reduction != ():
                    stride = stride_after(applied, [stride])
            else:
                applied = apply(op, tuple([shapes[at] for at in takes]))
                stride = stride_after(applied, [strides[at] for at in takes])
            found = applied.outputs
            if len(found) != outputs or len(applied.weights) != weights:
                raise _Differs
            ops.append(applied)
            shapes += found
            if outputs == 1:
                strides.append(stride)
            else:
                strides += [stride] * outputs
        self.check_choice()

    def beside(self) -> Scope:
        """The scope of a skip's shortcut, which knows what the body gives."""
        if self._beside is None:
            assert self._choice is not None
            self.check_choice()
            end = self.shapes[self._choice[1]]
            values = {"out_channels": end[0], "out_features": end[-1]}
            self._beside = self._inner.with_values(values, self._inner.origin)
        return self._beside

    def check_choice(self) -> None:
        """Go on where the skip has a shortcut as in the original, or has none as there."""
        if self._choice is not None:
            start, end = self._choice
            if keeps(self._flow(start), self._flow(end)) is not self._kept:
                raise _Differs

    def _flow(self, at: int) -> Flow:
        return Flow(self.shapes[at], self.strides[at])

    def env(self, old: Module) -> Mapping[str, Any]:
        """What names mean where a module of the original stands."""
        return (self._inner if old.env is self._names else self.beside()).env.values

    def own(self, inputs: int) -> Iterator[_Own]:
        """The ops in order, and the strides of what they give."""
        at = inputs
        for applied in self.ops:
            yield applied, self.strides[at] if applied.outputs else ()
            at += len(applied.outputs)


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
