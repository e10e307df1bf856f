"""The tensors ops agree with torch: shapes, weights, cost, and what is refused."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError

from archspec.ops import Op, Shape, ShapeError
from archspec.ops.arithmetic import Mul
from archspec.ops.tensors import GRU, LSTM, RNN, Arange, Buffer, Constant, Embedding, Parameter

from .laws import check, run, tensors, torch_refuses, ways

IMAGE = (6, 8, 12)

ACCEPTED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Parameter(shape=[1, 8]), IMAGE),
    (Parameter(shape=[8, 1, 1], batch=False, init=1e-6), IMAGE),
    (Parameter(shape=[8], init="normal", std=0.02), IMAGE),
    (Buffer(shape=[2, 2], fill=1), IMAGE),
    (Buffer(shape=[2, 2], persistent=False), IMAGE),
    (Constant(value=[[1, 2], [3, 4]]), IMAGE),
    (Constant(value=[0.5, 1], batch=False), IMAGE),
    (Arange(stop=9, step=2), IMAGE),
    (LSTM(hidden_size=5, num_layers=2, bidirectional=True), (7, 6)),
    (GRU(hidden_size=5), (7, 6)),
    (RNN(hidden_size=5, bias=False, nonlinearity="relu"), (7, 6)),
]

REFUSED: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Embedding(num_embeddings=9, dim=4, padding_idx=9), (7,)),
    (LSTM(hidden_size=4), (7,)),
    (Buffer(shape=[-1]), IMAGE),
]

STRICTER: list[tuple[Op, *tuple[Shape, ...]]] = [
    (Arange(stop=0), IMAGE),
    (GRU(hidden_size=4), (3, 7, 5)),
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


def test_embedding_agrees_with_torch() -> None:
    check(Embedding(num_embeddings=9, dim=4, padding_idx=-1), (7,), integers=True)


@pytest.mark.parametrize("batch", [True, False])
def test_parameter_meets_each_sample(batch: bool) -> None:
    gamma = Parameter(shape=[6, 1, 1], batch=batch, init=0.5)
    ((gamma_call, tensor),) = ways(gamma, IMAGE, device="cpu")
    (image,) = tensors(IMAGE, device="cpu")
    product = run(Mul().expression(IMAGE, (6, 1, 1)), [image, run(gamma_call, [image], tensor)])
    torch.testing.assert_close(product, image * 0.5)
    assert Mul.broadcasts_batch and gamma.bare is not batch


@pytest.mark.parametrize("value", [[], [[1], [2, 3]], ["a"], True, [0] * 65_537])
def test_constant_refuses_what_is_no_block_of_numbers(value: object) -> None:
    with pytest.raises(ValidationError):
        Constant(value=value)
