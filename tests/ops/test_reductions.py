"""The reductions ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.reductions import AMax, AMin, CumSum, Mean, Sum, Var

from .laws import check, check_overwriting, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Mean(dims=[1, 2]), IMAGE),
    (Mean(dims=-1, keepdim=True), IMAGE),
    (Sum(dims=0), IMAGE),
    (AMax(dims=[0, 2]), IMAGE),
    (AMin(dims=1), IMAGE),
    (Var(dims=1, correction=0), IMAGE),
    (CumSum(dim=1), IMAGE),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Mean(dims=3), IMAGE),
    (Sum(dims=[1, 1]), IMAGE),
    (AMax(dims=[0, -3]), IMAGE),
    (CumSum(dim=3), IMAGE),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Mean(dims=[]), IMAGE),
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
