"""Shape errors: which op refuses its inputs, and how these came to their shapes."""

from __future__ import annotations

from archspec.codes.network import BAD_SHAPE
from archspec.connections import Call, Module, Node, Scope, Value
from archspec.diagnostics import Label, SpecError
from archspec.ops import Op, ShapeError
from archspec.ops.dims import show_shape

_STEPS = 4
"""Nodes of each arm that are shown."""


def shape_error(
    error: ShapeError,
    op: Op,
    call: Call | None,
    node: Node,
    inputs: tuple[Value, ...],
    scope: Scope,
) -> SpecError:
    """What an op says of its inputs, at the argument that is to blame, with the shapes of the last
    nodes that lead to each input."""
    span = node.span
    if call is not None and error.argument:
        if error.argument in call.args:
            span = call.args[error.argument][1].span
        elif error.argument == op.main and call.main is not None:
            span = call.main.span
    return BAD_SHAPE.error(
        span,
        error.message,
        labels=_labels(call, inputs),
        notes=tuple(f"shapes: {arm}" for arm in _arms(inputs, scope.module)),
        help=_batch(inputs) or error.help,
    )


def _labels(call: Call | None, inputs: tuple[Value, ...]) -> tuple[Label, ...]:
    """The shape of each input, where it is named."""
    refs = None if call is None else call.refs or call.common.from_
    if refs is None or len(refs) != len(inputs) or len(inputs) < 2:
        return ()
    return tuple(
        Label(ref.span, show_shape(value.shape)) for ref, value in zip(refs, inputs, strict=True)
    )


def _arms(inputs: tuple[Value, ...], at: Module) -> list[str]:
    """For each input the last nodes that lead to it, back to where the inputs part."""
    ways = [_way(value) for value in inputs]
    parted = _parted(ways)
    shown = []
    for way in ways:
        own = [value for value in way if id(value) not in parted] or way[:1]
        start = way[len(own) : len(own) + 1]  # the node where they part, from which this arm begins
        steps = [*own, *start][:_STEPS]
        more = len(own) + len(start) > _STEPS
        shown.append(
            ("... -> " if more else "")
            + " -> ".join(f"{_name(step, at)} {show_shape(step.shape)}" for step in reversed(steps))
        )
    return shown


def _way(value: Value) -> list[Value]:
    """The value and those before it, the nearest first; along the first input of every op."""
    way = [value]
    while (
        value.producer is not None
        and value.producer.inputs
        and value.producer.op is not None
        and len(way) < 10_000
    ):
        value = value.producer.inputs[0]
        way.append(value)
    return way


def _parted(ways: list[list[Value]]) -> set[int]:
    """The values that all ways go through."""
    if len(ways) < 2:
        return set()
    common = {id(value) for value in ways[0]}
    for way in ways[1:]:
        common &= {id(value) for value in way}
    return common


def _name(value: Value, at: Module) -> str:
    """What the reader of a scope calls a value in it."""
    path, scope = value.path or "here", at.label
    name = path.removeprefix(f"{scope}.") if scope else path
    if (
        name.rpartition(".")[2].isdecimal()
        and value.producer is not None
        and value.producer.op is not None
    ):
        return f"{name} ({value.producer.op.name})"  # `3 8 x 8` would say nothing
    return name


def _batch(inputs: tuple[Value, ...]) -> str | None:
    """Advice for an input that was given with its batch."""
    for value in inputs:
        if value.producer is None and len(value.shape) == 4 and value.shape[1] in (1, 3):
            rest = ", ".join(map(str, value.shape[1:]))
            return f"leave the batch out of `input:`: [{rest}]"
    return None
