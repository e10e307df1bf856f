"""For arguments drawn at random, torch gives the shape of the shape rule, or both refuse; and a
shape rule gives the same for a free size as for the number that it becomes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archspec.ops import Dim, Op, Shape, ShapeError
from archspec.ops.arithmetic import Add, MatMul, Mul
from archspec.ops.joining import Chunk, Concat, Index, Slice, Split
from archspec.ops.padding import Pad
from archspec.ops.reductions import Mean
from archspec.ops.shaping import Flatten, Reshape, Transpose, Unflatten
from archspec.ops.spatial import PixelUnshuffle, Subsample, Unfold, Upsample

from .laws import check, torch_refuses

SIZE = st.integers(1, 12)
COUNT = st.integers(1, 4)
DIM = st.integers(-4, 4)
SHAPE = st.lists(SIZE, min_size=1, max_size=4).map(tuple)
IMAGE = st.tuples(SIZE, SIZE, SIZE)


def of(kind: type[Op], *shapes: Any, **arguments: Any) -> Any:
    """One op with arguments drawn at random, and shapes for it."""
    return st.tuples(st.builds(kind, **arguments), st.tuples(*shapes))


def twins(kind: type[Op], **arguments: Any) -> Any:
    """One op on two shapes that differ in at most one place."""

    def change(shape: Shape) -> Any:
        other = st.tuples(st.integers(0, len(shape) - 1), SIZE | st.just(1)).map(
            lambda at: (*shape[: at[0]], at[1], *shape[at[0] + 1 :])
        )
        return st.tuples(st.just(shape), other | st.just(shape))

    return st.tuples(st.builds(kind, **arguments), SHAPE.flatmap(change))


PATCH = {
    "kernel": COUNT | st.lists(COUNT, min_size=2, max_size=2),
    "stride": COUNT,
    "padding": st.integers(0, 2),
    "dilation": st.integers(1, 2),
}
OPS = {
    "concat": twins(Concat, dim=DIM),
    "mul": twins(Mul),
    "add with broadcast": twins(Add, broadcast=st.just(True)),
    "matmul": of(MatMul, *(st.tuples(*[st.integers(1, 3)] * 3),) * 2),
    "split": of(Split, SHAPE, sizes=SIZE | st.lists(COUNT, min_size=1, max_size=3), dim=DIM),
    "chunk": of(Chunk, SHAPE, chunks=COUNT, dim=DIM),
    "index": of(Index, SHAPE, index=st.integers(-13, 13), dim=DIM),
    "flatten": of(Flatten, SHAPE, start_dim=DIM, end_dim=DIM),
    "reshape": of(Reshape, SHAPE, shape=st.lists(st.just(-1) | COUNT, min_size=1, max_size=3)),
    "unflatten": of(
        Unflatten, SHAPE, sizes=st.lists(st.just(-1) | COUNT, min_size=1, max_size=3), dim=DIM
    ),
    "transpose": of(Transpose, SHAPE, dims=st.lists(DIM, min_size=2, max_size=2)),
    "mean": of(Mean, SHAPE, dims=st.lists(DIM, min_size=1, max_size=3), keepdim=st.booleans()),
    "upsample": of(
        Upsample,
        SHAPE.filter(lambda shape: len(shape) > 1),
        scale=st.integers(1, 3) | st.floats(0.1, 3),
        mode=st.sampled_from(["nearest", "linear", "bilinear", "trilinear", "area"]),
    ),
    "pixel_unshuffle": of(PixelUnshuffle, IMAGE, factor=COUNT),
    "unfold": of(Unfold, IMAGE, **PATCH),
    "pad": of(
        Pad,
        SHAPE,
        padding=st.integers(0, 3),
        mode=st.sampled_from(["constant", "reflect", "replicate", "circular"]),
    ),
}


@pytest.mark.parametrize("kind", OPS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_torch_gives_this_shape_or_both_refuse(kind: str, data: st.DataObject) -> None:
    op, shapes = data.draw(OPS[kind])
    # the batch would be taken for an axis of the sample
    assume(all(dim >= -len(shapes[0]) for dim in _dims(op)))
    try:
        op.shapes(*shapes)
    except ShapeError:
        assert torch_refuses(op, *shapes)
    else:
        check(op, *shapes)


def _dims(op: Op) -> list[int]:
    given = [
        getattr(op, name) for name in ("dim", "dims", "start_dim", "end_dim") if hasattr(op, name)
    ]
    return [dim for value in given for dim in (value if isinstance(value, tuple) else (value,))]


@given(
    shape=SHAPE,
    start=st.none() | st.integers(-5, 5),
    stop=st.none() | st.integers(-5, 12),
    step=COUNT,
    dim=st.integers(-1, 0),
)
@settings(max_examples=200, deadline=None)
def test_slice_takes_what_python_takes(
    shape: Shape, start: int | None, stop: int | None, step: int, dim: int
) -> None:
    op = Slice(start=start, stop=stop, step=step, dim=dim)
    try:
        op.shapes(shape)
    except ShapeError:
        assert not range(int(str(shape[dim])))[start:stop:step]
    else:
        check(op, shape)


FREE = [
    Slice(dim=1, step=2),
    Slice(dim=1, start=1, stop=-2),
    Slice(dim=2, start=-3),
    Pad(padding=2),
    Subsample(stride=2),
    Unfold(kernel=3, stride=2, padding=1),
    Upsample(scale=2),
    Upsample(scale=1.5),
    Upsample(size=7),
    Flatten(),
    Flatten(start_dim=1),
    Reshape(shape=[2, -1]),
    Transpose(dims=[0, 2]),
    Mean(dims=[1, 2]),
    PixelUnshuffle(factor=1),
]


@pytest.mark.parametrize("op", FREE, ids=lambda op: f"{op.name}({op})")
@given(height=st.integers(6, 40), width=st.integers(6, 40))
@settings(max_examples=30, deadline=None)
def test_free_sizes_give_what_numbers_give(op: Op, height: int, width: int) -> None:
    free = (8, Dim.free("height"), Dim.free("width"))
    sizes = {"height": height, "width": width}
    worked_out = [
        tuple(size.at(sizes) if isinstance(size, Dim) else size for size in shape)
        for shape in op.shapes(free)
    ]
    assert worked_out == list(op.shapes((8, height, width)))
