"""The attention ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.attention import MultiHeadAttention, ScaledDotProductAttention

from .laws import check, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (MultiHeadAttention(num_heads=4), (7, 16)),
    (MultiHeadAttention(num_heads=4, bias=False), (7, 16)),
    (MultiHeadAttention(num_heads=2), (7, 16), (5, 12), (5, 10)),
    (ScaledDotProductAttention(), (4, 7, 16), (4, 7, 16), (4, 7, 16)),
    (
        ScaledDotProductAttention(is_causal=True, scale=0.3, dropout=0.1),
        (4, 7, 16),
        (4, 9, 16),
        (4, 9, 8),
    ),
    (ScaledDotProductAttention(), (4, 7, 16), (4, 9, 16), (4, 9, 16), (1, 7, 9)),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (MultiHeadAttention(num_heads=3), (7, 16)),
    (MultiHeadAttention(num_heads=2), (7, 16), (5, 16), (4, 16)),
    (ScaledDotProductAttention(), (4, 7, 16), (4, 7, 15), (4, 7, 16)),
    (ScaledDotProductAttention(), (4, 7, 16), (4, 6, 16), (4, 7, 16)),
    (ScaledDotProductAttention(is_causal=True), (4, 7, 16), (4, 7, 16), (4, 7, 16), (1, 7, 7)),
    (ScaledDotProductAttention(), (4, 7, 16), (4, 7, 16), (4, 7, 16), (3, 7, 7)),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (MultiHeadAttention(num_heads=2), (7, 16), (7, 16)),
    (MultiHeadAttention(num_heads=2), (6, 8, 16)),
]
"""torch takes these, or would be given something else: they are more likely mistakes."""


def _label(case: tuple[Op, *tuple[Shape, ...]]) -> str:
    return f"{case[0].name}({case[0]}) of {case[1:]}"


@pytest.mark.parametrize("case", ACCEPTED, ids=_label)
def test_op_agrees_with_torch(case: tuple[Op, *tuple[Shape, ...]]) -> None:
    op, *shapes = case
    check(op, *shapes)


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
