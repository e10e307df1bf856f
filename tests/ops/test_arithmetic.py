"""The arithmetic ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.arithmetic import (
    Abs,
    Add,
    Clamp,
    Div,
    Exp,
    Log,
    MatMul,
    Maximum,
    Minimum,
    Mul,
    Neg,
    Offset,
    Pow,
    Scale,
    Sqrt,
    Sub,
)

from .laws import check, check_overwriting, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Add(), IMAGE, IMAGE),
    (Add(), IMAGE, IMAGE, IMAGE),
    (Add(broadcast=True), IMAGE, (1, 8, 1)),
    (Mul(), IMAGE, (6, 1, 1)),
    (Sub(), IMAGE, IMAGE),
    (Div(), IMAGE, IMAGE),
    (Maximum(), IMAGE, IMAGE, IMAGE),
    (Minimum(), IMAGE, IMAGE),
    (Scale(factor=0.5), IMAGE),
    (Offset(amount=-1), IMAGE),
    (Pow(exponent=2), IMAGE),
    (Sqrt(), IMAGE),
    (Exp(), IMAGE),
    (Log(), IMAGE),
    (Abs(), IMAGE),
    (Neg(), IMAGE),
    (Clamp(max=1), IMAGE),
    (MatMul(), (3, 4, 5), (3, 5, 6)),
    (MatMul(), (1, 4, 5), (3, 5, 6)),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Add(), IMAGE, (7, 8, 12)),
    (Add(broadcast=True), IMAGE, (7, 8, 12)),
    (Mul(), IMAGE, (6, 8, 5)),
    (Clamp(), IMAGE),
    (MatMul(), (4, 5), (4, 5)),
    (MatMul(), (3, 4, 5), (2, 5, 4)),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Add(), IMAGE, (6, 1, 1)),
    (Add(), IMAGE, (8, 12)),
    (MatMul(), (4, 5), (3, 5, 2)),
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
