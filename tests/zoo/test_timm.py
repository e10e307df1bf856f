"""The networks that torchvision does not have are timm's: the same state_dict, outputs and gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

import archspec
from archspec.backends.torch.loader import SkipInit
from tests.oracle import timm
from tests.zoo.reference import fresh_state

NAMES = (
    "resnetv2_50",
    "resnetv2_101",
    "resnext101_32x4d",
    "mobilenetv1_100",
    "semnasnet_100",
    "repvgg_a0",
    "legacy_xception",
    "inception_resnet_v2",
    "nasnetalarge",
    "pnasnet5large",
)
LARGE = ("inception_resnet_v2", "nasnetalarge", "pnasnet5large")
SIZES = {"inception_resnet_v2": 128, "legacy_xception": 96}


def networks(*, large_are_slow: bool) -> Any:
    marked = [
        pytest.param(n, marks=pytest.mark.slow if large_are_slow and n in LARGE else ())
        for n in NAMES
    ]
    return pytest.mark.parametrize("name", marked)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pair(name: str) -> tuple[torch.nn.Module, torch.nn.Module]:
    with SkipInit():
        theirs = timm.create_model(name)
    ours = archspec.compile(name, init=False)
    state = fresh_state(theirs)
    theirs.load_state_dict(state, assign=True)
    ours.load_state_dict({k: v.clone() for k, v in state.items()}, assign=True)
    return theirs, ours


def image(name: str) -> torch.Tensor:
    size = SIZES.get(name, 64)
    if name in ("nasnetalarge", "pnasnet5large"):  # their borders follow the size
        size = archspec.load(name).inputs["input"].shape[1]
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))


@networks(large_are_slow=False)
def test_state_dict(name: str) -> None:
    with SkipInit():
        expected = timm.create_model(name).state_dict()
    known = archspec.load(name).state
    assert list(known) == list(expected)
    assert [shape for shape, _dtype in known.values()] == [
        tuple(v.shape) for v in expected.values()
    ]


@networks(large_are_slow=True)
def test_outputs_are_equal(name: str) -> None:
    theirs, ours = pair(name)
    x = image(name)
    with torch.inference_mode():
        assert torch.equal(ours.eval()(x), theirs.eval()(x))


@networks(large_are_slow=True)
def test_training_step_is_equal(name: str) -> None:
    x, target = image(name), torch.tensor([3, 7])
    models = pair(name)
    for model in models:
        torch.manual_seed(5)
        torch.nn.functional.cross_entropy(model.train()(x), target).backward()
    theirs, ours = models
    for (key, one), (_, other) in zip(
        theirs.named_parameters(), ours.named_parameters(), strict=True
    ):
        assert one.grad is not None and other.grad is not None, key
        assert torch.equal(one.grad, other.grad), key
