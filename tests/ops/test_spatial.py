"""The spatial ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.spatial import (
    ChannelShuffle,
    Fold,
    PixelShuffle,
    PixelUnshuffle,
    Subsample,
    Unfold,
    Upsample,
    UpsampleLike,
)

from .laws import check, check_overwriting, torch_refuses

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Subsample(stride=2), IMAGE),
    (Subsample(stride=[2, 3]), IMAGE),
    (Upsample(scale=2), IMAGE),
    (Upsample(scale=1.5, mode="bilinear", align_corners=True), IMAGE),
    (Upsample(size=[3, 40], mode="bicubic"), IMAGE),
    (Upsample(size=7, mode="area"), IMAGE),
    (Upsample(scale=[2, 0.5], mode="nearest-exact"), IMAGE),
    (UpsampleLike(), IMAGE, (3, 16, 24)),
    (UpsampleLike(mode="bilinear", align_corners=False), IMAGE, (3, 5, 30)),
    (UpsampleLike(mode="linear", align_corners=True), (6, 8), (1, 3)),
    (PixelShuffle(factor=2), (8, 3, 3)),
    (PixelUnshuffle(factor=2), IMAGE),
    (ChannelShuffle(groups=3), IMAGE),
    (Unfold(kernel=3, padding=1, stride=2), IMAGE),
    (Fold(size=[8, 12], kernel=2, stride=2), (8, 24)),
    (Unfold(kernel=[2, 3], dilation=[2, 1]), IMAGE),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Upsample(), IMAGE),
    (Upsample(scale=2, size=3), IMAGE),
    (Upsample(scale=2, mode="linear"), IMAGE),
    (Upsample(scale=2, align_corners=True), IMAGE),
    (Upsample(scale=[2, 2, 2]), IMAGE),
    (Upsample(scale=0.01), IMAGE),
    (UpsampleLike(mode="linear"), IMAGE, IMAGE),
    (UpsampleLike(), IMAGE, (6, 8)),
    (UpsampleLike(), (6,), (6,)),
    (PixelShuffle(factor=2), IMAGE),
    (PixelUnshuffle(factor=5), IMAGE),
    (ChannelShuffle(groups=4), IMAGE),
    (ChannelShuffle(groups=2), (6,)),
    (Unfold(kernel=9), IMAGE),
    (Fold(size=[8, 12], kernel=2, stride=2), (8, 23)),
    (Fold(size=[8, 12], kernel=2, stride=2), (7, 24)),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Subsample(stride=[0, 1]), IMAGE),
    (PixelShuffle(factor=2), (8, 3)),
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
