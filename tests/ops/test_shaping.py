"""The shaping ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.shaping import (
    Expand,
    Flatten,
    Permute,
    Reshape,
    Roll,
    Squeeze,
    Tile,
    Transpose,
    Unflatten,
    Unsqueeze,
)

from .laws import check, check_overwriting, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Flatten(), IMAGE),
    (Flatten(start_dim=1), IMAGE),
    (Flatten(start_dim=-2, end_dim=2), IMAGE),
    (Reshape(shape=[3, -1]), IMAGE),
    (Reshape(shape=[24, 24]), IMAGE),
    (Unflatten(sizes=[2, -1]), IMAGE),
    (Unflatten(sizes=[3, 4], dim=-1), IMAGE),
    (Permute(dims=[2, 0, -2]), IMAGE),
    (Transpose(dims=[0, -1]), IMAGE),
    (Squeeze(dims=[1, -1]), (4, 1, 1)),
    (Squeeze(dims=0), (1, 3)),
    (Unsqueeze(dim=-1), IMAGE),
    (Unsqueeze(dim=0), IMAGE),
    (Expand(shape=[-1, 4, 5]), (6, 1, 1)),
    (Tile(repeats=[1, 2, 3]), IMAGE),
    (Roll(shifts=[-3, -3], dims=[1, 2]), IMAGE),
    (Roll(shifts=1, dims=0), IMAGE),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Flatten(start_dim=2, end_dim=0), IMAGE),
    (Flatten(start_dim=3), IMAGE),
    (Reshape(shape=[5, -1]), IMAGE),
    (Reshape(shape=[-1, -1]), IMAGE),
    (Reshape(shape=[6, 8]), IMAGE),
    (Unflatten(sizes=[4, -1]), IMAGE),
    (Unflatten(sizes=[2, 2]), IMAGE),
    (Transpose(dims=[0, 3]), IMAGE),
    (Unsqueeze(dim=4), IMAGE),
    (Expand(shape=[6, 8, 13]), IMAGE),
    (Tile(repeats=[2]), IMAGE),
    (Roll(shifts=[1, 2], dims=[0]), IMAGE),
    (Roll(shifts=1, dims=3), IMAGE),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Permute(dims=[0, 1]), IMAGE),
    (Permute(dims=[0, 1, 1]), IMAGE),
    (Squeeze(dims=0), IMAGE),
    (Flatten(), ()),
    (Reshape(shape=[-1, 0]), IMAGE),
]
"""torch takes these, or would be given something else: they are more likely mistakes."""


def _label(case: tuple[Op, *tuple[Shape, ...]]) -> str:
    return f"{case[0].name}({case[0]}) of {case[1:]}"


@pytest.mark.parametrize("case", ACCEPTED, ids=_label)
def test_op_agrees_with_torch(case: tuple[Op, *tuple[Shape, ...]]) -> None:
    op, *shapes = case
    check(op, *shapes)


@pytest.mark.parametrize(
    "case", [case for case in ACCEPTED if not case[0].output_is_saved], ids=_label
)
def test_output_may_be_overwritten(case: tuple[Op, *tuple[Shape, ...]]) -> None:
    op, *shapes = case
    check_overwriting(op, *shapes)


@pytest.mark.parametrize("case", REFUSED, ids=_label)
def test_op_refuses_what_torch_refuses(case: tuple[Op, *tuple[Shape, ...]]) -> None:
    op, *shapes = case
    assert torch_refuses(op, *shapes)
    with pytest.raises(ShapeError):
        op.shapes(*shapes)


@pytest.mark.parametrize("case", STRICTER, ids=_label)
def test_op_refuses_a_likely_mistake(case: tuple[Op, *tuple[Shape, ...]]) -> None:
    op, *shapes = case
    with pytest.raises(ShapeError):
        op.shapes(*shapes)
