"""Axis numbers: 0 is the first axis after the batch (channels), negative ones count from the end.

torch counts the batch as axis 0, so generated code has one more for every non-negative number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, TypeAlias

from archspec.fields import Before, JsonSchema

from .base import ShapeError
from .dims import Dim, Shape, show_shape


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _at_least_one(value: Any) -> Any:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else _tuple(value)


Ints: TypeAlias = Annotated[tuple[int, ...], Before(_tuple)]
"""A list of integers."""

OneOrMore: TypeAlias = Annotated[
    tuple[int, ...],
    Before(_at_least_one),
    JsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}),
]
"""An integer or a list of integers."""


def axis(op: str, dim: int, shape: Shape, argument: str = "dim", *, extra: int = 0) -> int:
    """The axis `dim` counted from the front, of a shape that is about to get `extra` axes."""
    rank = len(shape) + extra
    if -rank <= dim < rank:
        return dim % rank
    if rank == 0:
        raise ShapeError(f"{op} over dim {dim} of a scalar, which has no dims", argument=argument)
    last = f"dims 0 to {rank - 1}, or -{rank} to -1 from the end" if rank > 1 else "dim 0 alone"
    raise ShapeError(
        f"{op} over dim {dim} of shape {show_shape(shape)}, which has {last}",
        argument=argument,
        help="dims are counted without the batch: 0 is channels",
    )


def axes(op: str, dims: Iterable[int], shape: Shape, argument: str = "dims") -> tuple[int, ...]:
    """The axes `dims` counted from the front, each at most once."""
    found: list[int] = []
    for dim in dims:
        number = axis(op, dim, shape, argument)
        if number in found:
            raise ShapeError(f"{op} names dim {dim} twice", argument=argument)
        found.append(number)
    return tuple(found)


def torch_dim(dim: int) -> int:
    """The same axis in torch's numbering, which has the batch in front."""
    return dim + 1 if dim >= 0 else dim


def torch_dims(dims: Iterable[int]) -> tuple[int, ...]:
    """The same axes in torch's numbering."""
    return tuple(torch_dim(dim) for dim in dims)


def product(sizes: Iterable[int | Dim]) -> int | Dim:
    """How many elements a tensor of these sizes has."""
    total: int | Dim = 1
    for size in sizes:
        total = total * size
    return total


def replace(shape: Shape, at: int, *sizes: int | Dim) -> Shape:
    """The shape with the axis `at` replaced by `sizes`."""
    return (*shape[:at], *sizes, *shape[at + 1 :])
