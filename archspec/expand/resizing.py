"""Resizing: the ops of an instance worked out anew, where another one of its block has the same modules
and differs in sizes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from archspec.connections import Call, Module, Scope, Value, keeps
from archspec.connections.skip import Flow
from archspec.ops import Applied, Op, apply

from .leaves import Use, stride_after

Used: TypeAlias = Callable[[Call, Use, Scope], Op]

Choice: TypeAlias = tuple[Value, Value, bool]
"""Of a skip: its input, what its body gives, and whether they are added as they are."""


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


def planned(
    module: Module, choice: Choice | None, names: Mapping[str, Any], uses: Mapping[Call, Use]
) -> Plan:
    """How copies of an instance are worked out. names: what names mean in it. uses: how calls use
    ops."""
    ops = module.ops()
    numbers: dict[Value, int] = {}
    by = [-1] * len(module.inputs)
    for at, value in enumerate(module.inputs):
        numbers.setdefault(value, at)
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


class Differs(Exception):
    """The instance has other modules than the original."""


Own: TypeAlias = tuple[Applied, Any]
"""An op with its shapes, and the stride of what it gives."""


class Resized:
    """The ops of an instance that has other sizes than the original.

    inner: the block's scope. names: what names mean in the original. kept: whether the skip of the
    original adds its input as it is. shapes, strides: of the values by number. ops: in order.
    """

    def __init__(
        self,
        plan: Plan,
        inputs: tuple[Value, ...],
        inner: Scope,
        names: Mapping[str, Any],
        kept: bool,
    ):
        self.shapes = [value.shape for value in inputs]
        self.strides = [value.stride for value in inputs]
        self.ops: list[Applied] = []
        self._inner = inner
        self._names = names
        self._beside: Scope | None = None
        self._steps = plan.steps
        self._choice = plan.choice
        self._kept = kept

    def work_out(self, used: Used) -> None:
        """Apply the ops. Raises SpecError, ShapeError or Differs."""
        ops, shapes, strides, inner = self.ops, self.shapes, self.strides, self._inner
        for op, call, use, takes, beside, outputs, weights in self._steps:
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
                raise Differs
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
                raise Differs

    def _flow(self, at: int) -> Flow:
        return Flow(self.shapes[at], self.strides[at])

    def env(self, old: Module) -> Mapping[str, Any]:
        """What names mean where a module of the original stands."""
        return (self._inner if old.env is self._names else self.beside()).env.values

    def own(self, inputs: int) -> Iterator[Own]:
        """The ops in order, and the strides of what they give."""
        at = inputs
        for applied in self.ops:
            yield applied, self.strides[at] if applied.outputs else ()
            at += len(applied.outputs)
