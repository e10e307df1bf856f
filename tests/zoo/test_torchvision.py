"""The shipped networks are torchvision's: the same state_dict, the same outputs, the same gradients."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch
import torchvision

import archspec
from archspec.backends.torch.loader import SkipInit
from tests.zoo.reference import fresh_state, rows

RECORDED = {row["name"]: row for row in rows("torchvision_reference.csv")}
LARGE = frozenset(
    name
    for name, row in RECORDED.items()
    if int(row["params"]) > 35_000_000 and name not in ("alexnet", "vgg11", "vgg11_bn", "vgg16_bn")
)
KINDS = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet",
    "inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small",
    "regnet_x_400mf", "regnet_y_400mf", "resnet18", "resnet50", "resnext50_32x4d",
    "shufflenet_v2_x0_5", "squeezenet1_0", "squeezenet1_1", "swin_t", "swin_v2_t", "vgg11_bn",
)  # fmt: skip
"""One of each kind that is no large one, to compute with."""
VARIANTS = frozenset(RECORDED) - frozenset(KINDS)


def networks(slow: frozenset[str] = frozenset()) -> Any:
    """Every recorded network as a parameter of a test."""
    return pytest.mark.parametrize(
        "name",
        [pytest.param(name, marks=pytest.mark.slow if name in slow else ()) for name in RECORDED],
    )


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def theirs(name: str) -> torch.nn.Module:
    """torchvision's model without memory for its weights."""
    if name.startswith("regnet"):  # its constructor computes with tensors
        return real(name).to("meta")
    with torch.device("meta"):
        return torchvision.models.get_model(name, weights=None)


def real(name: str) -> torch.nn.Module:
    """torchvision's model with memory for weights that are not initialised."""
    with SkipInit():
        return torchvision.models.get_model(name, weights=None)


def ours(name: str) -> torch.nn.Module:
    """Our model, made as anybody makes it for weights that follow."""
    return archspec.compile(name, init=False)


def pair(name: str) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Both models, with equal weights. Parameters share their memory, buffers do not."""
    expected, model = theirs(name), ours(name)
    state = fresh_state(expected)
    for key, value in model.state_dict().items():
        if "relative_" in key and "bias_table" not in key:  # computed, not learned
            state[key] = value
    for each in (expected, model):
        buffers = {key for key, _ in each.named_buffers()}
        own = each.state_dict()  # with the metadata that MNASNet asks for
        own.update({k: v.clone() if k in buffers else v for k, v in state.items()})
        each.load_state_dict(own, assign=True)
    return expected, model


def image(name: str) -> torch.Tensor:
    """Small images, but large enough for every layer, and those of a fixed size as they are."""
    size = {"alexnet": 127, "inception_v3": 299, "vit_h_14": 224}.get(name)
    size = size or max(64, int(RECORDED[name]["min_size"].partition("x")[0]))
    return torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))


def lines(model: torch.nn.Module) -> list[str]:
    """A state_dict as text: name, shape and dtype of each entry, in order."""
    return [
        f"{key} {'x'.join(map(str, value.shape)) or 'scalar'} {str(value.dtype).removeprefix('torch.')}"
        for key, value in model.state_dict().items()
    ]


def test_every_network_of_torchvision_is_here() -> None:
    known = set(torchvision.models.list_models(module=torchvision.models))
    assert known == set(RECORDED) and len(known) == 80
    assert known <= {spec.name for spec in archspec.list_specs()}


@networks(LARGE)
def test_state_dict_and_parameter_order(name: str) -> None:
    """An optimizer's state goes by the position of parameters."""
    model, expected = ours(name), theirs(name)
    assert [k for k, _ in model.named_parameters()] == [k for k, _ in expected.named_parameters()]
    entries = lines(model)
    assert entries == lines(expected)
    assert len(entries) == int(RECORDED[name]["n_state_entries"])
    written = "".join(f"{line}\n" for line in entries).encode()
    assert hashlib.sha256(written).hexdigest() == RECORDED[name]["state_sha256"]


@networks()
def test_the_state_is_known_before_anything_is_compiled(name: str) -> None:
    known = [
        f"{key} {'x'.join(map(str, shape)) or 'scalar'} {dtype.removeprefix('torch.')}"
        for key, (shape, dtype) in archspec.load(name).state.items()
    ]
    written = "".join(f"{line}\n" for line in known).encode()
    assert hashlib.sha256(written).hexdigest() == RECORDED[name]["state_sha256"]


@networks()
def test_counts(name: str) -> None:
    cost = archspec.load(name).cost
    assert cost.params == int(RECORDED[name]["params"])
    assert cost.buffers == int(RECORDED[name]["buffers_numel"])
    crop = (
        "macs_224" if archspec.load(name).inputs["input"].shape[1] == 224 else "macs_default_crop"
    )
    assert cost.macs == int(RECORDED[name][crop])


@networks(VARIANTS)
def test_outputs_are_equal(name: str) -> None:
    expected, model = pair(name)
    x = image(name)
    with torch.inference_mode():
        assert_equal(model.eval()(x), expected.eval()(x))


@networks(VARIANTS)
def test_training_step_is_equal(name: str) -> None:
    """Gradients bit for bit, dropout included, and the running statistics after the step."""
    models = pair(name)
    x, target = image(name), torch.tensor([3, 7])
    steps = []
    for model in models:
        torch.manual_seed(5)
        model.train().zero_grad()
        outputs = model(x)  # with the logits of auxiliary classifiers, in torchvision's order
        outputs = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
        loss = torch.stack(
            [torch.nn.functional.cross_entropy(output, target) for output in outputs]
        ).sum()
        loss.backward()
        steps.append(loss.detach())
    assert_equal(*steps)
    expected, model = models
    for (key, one), (_, other) in zip(
        expected.named_parameters(), model.named_parameters(), strict=True
    ):
        assert one.grad is not None and other.grad is not None, key
        assert torch.equal(one.grad, other.grad), key
    for (key, one), (_, other) in zip(
        expected.state_dict().items(), model.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), key


@pytest.mark.parametrize("name", ["swin_t", "swin_v2_t", "maxvit_t"])
def test_computed_buffers(name: str) -> None:
    """Indices are equal. Swin V2's table of coordinates is rounded once here and at every step
    there, half a unit in the last place apart."""
    buffers = dict(ours(name).named_buffers())
    for key, expected in real(name).named_buffers():
        if key.endswith("relative_position_index"):
            assert torch.equal(buffers[key], expected)
        elif key.endswith("relative_coords_table"):
            torch.testing.assert_close(buffers[key], expected, rtol=0, atol=6e-8)


@pytest.mark.parametrize("name", ["swin_t", "swin_v2_t"])
@pytest.mark.parametrize("size", [100, 200])
def test_windows_at_sizes_that_they_do_not_divide(name: str, size: int) -> None:
    """Borders are padded, odd rows too, and nothing is shifted where there is one window."""
    expected, _ = pair(name)
    model = archspec.compile(name, init=False, image=size)
    model.load_state_dict(expected.state_dict(), strict=True)
    x = torch.randn(2, 3, size, size)
    with torch.inference_mode():
        assert_equal(model.eval()(x), expected.eval()(x))


@pytest.mark.parametrize("name", ["alexnet", "vgg11_bn", "resnet18"])
def test_modes_are_those_of_torchvision(name: str) -> None:
    """Every setting of every layer with weights or state is torchvision's."""
    for (path, one), (_, other) in zip(weighted(theirs(name)), weighted(ours(name)), strict=True):
        assert type(one) is type(other), path
        assert one.extra_repr() == other.extra_repr(), path


@pytest.mark.parametrize("classes", [1, 10])
def test_other_numbers_of_classes(classes: int) -> None:
    for name in ("resnet18", "alexnet"):
        with torch.device("meta"):
            expected = torchvision.models.get_model(name, weights=None, num_classes=classes)
            model = archspec.compile(name, init=False, num_classes=classes)
        assert lines(model) == lines(expected)


def weighted(model: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    for path, module in model.named_modules():
        own = (*module.parameters(recurse=False), *module.buffers(recurse=False))
        if own:
            yield path, module


def assert_equal(actual: torch.Tensor, expected: torch.Tensor) -> None:
    assert torch.isfinite(expected).all()
    assert actual.dtype == expected.dtype
    assert torch.equal(actual, expected)
