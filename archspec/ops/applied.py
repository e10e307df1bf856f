"""An op applied to shapes: what the op says about its inputs, asked once for all places alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from math import prod
from typing import Any

from .base import Call, Op, ShapeError, Steps, Weight
from .dims import Dim, Shape, too_large

_NONE: Mapping[str, Weight] = {}
_long: dict[int, tuple[Any, Any]] = {}
"""Long lists that were gone through already, by identity: the list (so that it stays) and its key."""


def typed(value: Any) -> Any:
    """The value with its types, lists included: 1, 1.0 and true are equal and mean different ops."""
    kind = type(value)
    if kind is not tuple and kind is not list:
        if kind is dict:  # an option or a mapping in a list, which an op will refuse
            value = tuple([(name, typed(inner)) for name, inner in value.items()])
        return kind, value
    if len(value) < 64 or isinstance(value, list):
        return tuple([typed(item) for item in value])
    known = _long.get(id(value))
    if known is None:
        if len(_long) >= 64:
            _long.clear()
        known = _long[id(value)] = (value, tuple([typed(item) for item in value]))
    return known[1]


class Applied:
    """One op with the shapes that flow into it. Raises ShapeError where the op refuses them.

    outputs: the shapes that flow out. weights: parameters, then buffers, by name. reduction: see
    `Op.reduction`; empty also where all axes keep their size.
    """

    def __init__(self, op: Op, inputs: tuple[Shape, ...]):
        self.op = op
        self.inputs = inputs
        try:
            self.outputs: tuple[Shape, ...] = op.shapes(*inputs)
        except OverflowError:  # a float beyond 1.8e308
            raise ShapeError("this gives a size beyond 2**53") from None
        if not isinstance(self.outputs, tuple):
            raise self._no_shapes()
        if self.outputs != inputs:  # most ops keep the shape, which is fine then
            self._check(self.outputs)
        kind = type(op)
        built_in = kind.__module__.startswith("archspec.ops.")
        self.weights: Mapping[str, Weight] = _NONE
        self.reduction: Steps | None = ()
        self.params = self.buffers = 0
        if kind.weights is not Op.weights:  # most ops are functions of each number
            self.weights = op.weights(*inputs)
            sizes = _sizes if built_in else _sizes.__wrapped__  # a plugin's may be lists
            self.params, self.buffers = sizes(tuple(self.weights.values()))
        if kind.reduction is not Op.reduction:
            reduction = op.reduction(*inputs)
            self.reduction = reduction and _whole(reduction)
        if not built_in:
            _ = self.macs  # a plugin's mistake shows here, where it is told

    def _check(self, shapes: tuple[Shape, ...]) -> None:
        for shape in shapes:
            if not isinstance(shape, tuple):
                raise self._no_shapes()
        for shape in shapes:
            beyond = too_large(shape)
            if beyond is not None:
                raise ShapeError(f"this gives {beyond}")

    def _no_shapes(self) -> TypeError:
        return TypeError(
            f"`shapes` of `{self.op.name}` gives {self.outputs!r}, not a tuple of shapes"
        )

    @cached_property
    def macs(self) -> int | Dim:
        """See `Op.macs`."""
        return self.op.macs(self.inputs, self.outputs)

    @cached_property
    def window(self) -> tuple[tuple[int, int, int], ...] | None:
        """See `Op.window`."""
        return self.op.window(*self.inputs)

    @cached_property
    def module(self) -> Call | None:
        """See `Op.module`."""
        return self.op.module(*self.inputs)

    @cached_property
    def parameter(self) -> Call | None:
        """See `Op.parameter`."""
        return self.op.parameter(*self.inputs)

    @cached_property
    def invocation(self) -> Call | None:
        """See `Op.invocation`."""
        return self.op.invocation(*self.inputs)

    @cached_property
    def expression(self) -> Call:
        """See `Op.expression`."""
        return self.op.expression(*self.inputs)


@lru_cache(4096)
def _sizes(weights: tuple[Weight, ...]) -> tuple[int, int]:
    """The numbers in parameters and in buffers."""
    params = buffers = 0
    for weight in weights:
        if weight.trained:
            params += prod(weight.shape)
        else:
            buffers += prod(weight.shape)
    return params, buffers


def _whole(reduction: Steps) -> Steps:
    """Factors with whole numbers where they are whole; none where all axes keep their size."""
    whole = [int(step) if step.denominator == 1 else step for step in reduction]
    return () if whole.count(1) == len(whole) else tuple(whole)


_applied: dict[tuple[int, tuple[Shape, ...]], Applied] = {}
_LIMIT = 20_000


def apply(op: Op, inputs: tuple[Shape, ...]) -> Applied:
    """The op applied to shapes; the same object for the same op and shapes. Raises ShapeError."""
    key = (id(op), inputs)  # an entry keeps its op alive, so that no other op gets its id
    known = _applied.get(key)
    if known is None:
        known = Applied(op, inputs)
        if len(_applied) >= _LIMIT:
            _applied.clear()
        _applied[key] = known
    return known


__all__ = ["Applied", "apply", "typed"]
