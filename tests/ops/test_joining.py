"""The joining ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.dims import Dim
from archspec.ops.joining import Chunk, Concat, Index, Slice, Split, Stack

from .laws import check, check_overwriting, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Concat(), IMAGE, (3, 8, 12)),
    (Concat(dim=-1), IMAGE, (6, 8, 1)),
    (Stack(dim=-1), IMAGE, IMAGE),
    (Split(sizes=4), IMAGE),
    (Split(sizes=[1, 2, 3]), IMAGE),
    (Split(sizes=5, dim=-1), IMAGE),
    (Chunk(chunks=4, dim=1), IMAGE),
    (Chunk(chunks=5, dim=2), IMAGE),
    (Slice(start=1, stop=-1, step=2, dim=1), IMAGE),
    (Slice(step=3, dim=-1), IMAGE),
    (Slice(stop=2), IMAGE),
    (Index(index=0, dim=0), IMAGE),
    (Index(index=-1, dim=2), IMAGE),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Concat(), IMAGE, (6, 8, 11)),
    (Concat(dim=3), IMAGE, IMAGE),
    (Concat(dim=1), IMAGE, (5, 8, 12)),
    (Concat(), IMAGE, (6, 8)),
    (Stack(), IMAGE, (6, 8, 11)),
    (Stack(dim=4), IMAGE, IMAGE),
    (Split(sizes=[1, 2]), IMAGE),
    (Chunk(chunks=2, dim=3), IMAGE),
    (Index(index=6), IMAGE),
    (Index(index=-7), IMAGE),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Slice(start=5, stop=3), IMAGE),
    (Concat(dim=-4), (6, 8, 12), (6, 8, 12)),
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


def test_pieces_of_a_free_size_are_as_large_as_their_number_makes_them() -> None:
    width = Dim.free("width")
    assert Chunk(chunks=3, dim=2).shapes((6, 8, width * 12)) == ((6, 8, width * 4),) * 3
    with pytest.raises(ShapeError, match="may not be a multiple of 3"):
        Chunk(chunks=3, dim=2).shapes((6, 8, width * 4))
