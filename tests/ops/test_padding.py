"""The padding ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.padding import Pad, PadChannels

from .laws import check, check_overwriting, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Pad(padding=2), IMAGE),
    (Pad(padding=[1, 2, 3, 4]), IMAGE),
    (Pad(padding=1, mode="reflect"), IMAGE),
    (Pad(padding=1, mode="circular"), (3, 9)),
    (Pad(padding=1, mode="replicate"), (3, 4, 4, 4)),
    (Pad(padding=1, value=2), IMAGE),
    (Pad(padding=[0, 0, 0, 0, 1, 1]), IMAGE),
    (Pad(padding=-1), IMAGE),
    (PadChannels(channels=9), IMAGE),
    (PadChannels(channels=9, side="end"), IMAGE),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Pad(padding=8, mode="reflect"), IMAGE),
    (Pad(padding=9, mode="circular"), IMAGE),
    (Pad(padding=[1, 1], mode="reflect"), IMAGE),
    (Pad(padding=-5), IMAGE),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Pad(padding=[1]), IMAGE),
    (Pad(padding=[-3, -9]), IMAGE),
    (PadChannels(channels=4), IMAGE),
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


def test_a_border_from_the_input_around_more_axes_than_torch_has() -> None:
    with pytest.raises(ShapeError, match="takes 3 dims at the most, not 4"):
        Pad(padding=1, mode="circular").shapes((4, 5, 5, 5, 5))
