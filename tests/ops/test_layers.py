"""What convolutions, pooling, norms, activations and dropouts say when they refuse, and the few
things that their law cannot check with random arguments."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import nn

import archspec
from archspec.ops import Dim, Shape, ShapeError, catalogue

from ..oracle import torchvision
from .laws import run, tensors

IMAGE = (6, 8, 12)
HEIGHT, WIDTH = Dim.free("height"), Dim.free("width")


def op(name: str, **arguments: Any) -> Any:
    return catalogue()[name](**arguments)


REFUSALS: list[tuple[str, dict[str, Any], tuple[Shape, ...], str, str | None, str | None]] = [
    (
        "conv",
        {"out_channels": 4, "kernel": 7},
        ((3, 4, 9),),
        "conv: kernel 7 is larger than the padded input 4 (height)",
        "kernel",
        "kernel 4 would fit, or 2 more padding",
    ),
    (
        "conv",
        {"out_channels": 4, "kernel": 3, "dilation": 4},
        ((3, 9, 8),),
        "conv: kernel 3 with dilation 4 spans 9, which is larger than the padded input 8 (width)",
        "kernel",
        "kernel 2 would fit, or 1 more padding",
    ),
    (
        "conv",
        {"out_channels": 4, "kernel": 1, "groups": 4},
        (IMAGE,),
        "conv divides 6 input channels into 4 groups, which does not come out even",
        "groups",
        "groups that fit 6 and 4: 1, 2",
    ),
    (
        "conv",
        {"out_channels": 4, "kernel": 1, "in_channels": 8},
        (IMAGE,),
        "conv says in_channels 8, and its input has 6 channels",
        "in_channels",
        None,
    ),
    (
        "conv",
        {"out_channels": 4, "kernel": 1},
        ((6, 10),),
        "conv takes channels x height x width, not 6 x 10",
        None,
        "conv1d takes channels x length",
    ),
    (
        "conv",
        {"out_channels": 4, "kernel": 1, "padding": 9, "padding_mode": "reflect"},
        (IMAGE,),
        "conv: padding 9 in mode reflect takes more than the input has, 8 (height)",
        "padding",
        "padding 7 would fit",
    ),
    (
        "conv_transpose",
        {"out_channels": 4, "kernel": 1, "padding": 5},
        (IMAGE,),
        "conv_transpose: padding 5 takes all of the output 8 (height)",
        "padding",
        "padding 3 would fit",
    ),
    (
        "max_pool",
        {"kernel": 3, "padding": 2},
        (IMAGE,),
        "max_pool: padding 2 is more than half of kernel 3 (height)",
        "padding",
        "padding 1 would fit",
    ),
    (
        "avg_pool",
        {"kernel": [2, 13]},
        (IMAGE,),
        "avg_pool: kernel 13 is larger than the padded input 12 (width)",
        "kernel",
        "kernel 12 would fit",
    ),
    (
        "linear",
        {"out_features": 4, "in_features": 6},
        (IMAGE,),
        "linear says in_features 6, and its input has 12 features",
        "in_features",
        None,
    ),
    (
        "batch_norm",
        {},
        ((HEIGHT, 4, 4),),
        "batch_norm has weights for height channels, and weights cannot depend on a size left free",
        None,
        "give the number of channels of height x 4 x 4 in `input:`",
    ),
    (
        "group_norm",
        {"groups": 4},
        (IMAGE,),
        "group_norm divides 6 channels into 4 groups, which does not come out even",
        "groups",
        "groups that fit 6: 1, 2, 3, 6",
    ),
    (
        "layer_norm",
        {"dims": 4},
        (IMAGE,),
        "layer_norm over the last 4 dims of 6 x 8 x 12, which has 3",
        "dims",
        None,
    ),
    (
        "softmax",
        {},
        (IMAGE,),
        "softmax of 6 x 8 x 12 needs to know over which dim",
        "dim",
        "`{softmax: 0}` is over channels, `{softmax: -1}` over the last dim",
    ),
    (
        "glu",
        {"dim": 0},
        ((5, 4),),
        "glu halves dim 0, and its size 5 is odd",
        "dim",
        None,
    ),
    (
        "dropout2d",
        {},
        ((6, 4),),
        "dropout2d takes channels and 2 spatial axes, not 6 x 4",
        None,
        "dropout1d would fit",
    ),
]


@pytest.mark.parametrize(
    ("name", "arguments", "shapes", "message", "argument", "help"),
    REFUSALS,
    ids=[f"{case[0]}: {case[3]}" for case in REFUSALS],
)
def test_refusal_says_the_numbers_and_what_would_fit(
    name: str,
    arguments: dict[str, Any],
    shapes: tuple[Shape, ...],
    message: str,
    argument: str | None,
    help: str | None,
) -> None:
    with pytest.raises(ShapeError) as refused:
        op(name, **arguments).shapes(*shapes)
    error = refused.value
    assert (error.message, error.argument, error.help) == (message, argument, help)


@pytest.mark.parametrize(
    ("name", "arguments", "argument", "message"),
    [
        (
            "conv",
            {"out_channels": 4, "kernel": [1, 2, 3]},
            "kernel",
            "a whole number of at least 1, or a list of 2 of them (height, width) was expected",
        ),
        (
            "conv1d",
            {"out_channels": 4, "kernel": True},
            "kernel",
            "a whole number of at least 1 was",
        ),
        (
            "conv",
            {"out_channels": 4, "kernel": 3, "padding": "full"},
            "padding",
            "a whole number of at least 0, or `half`, or `same`, or `valid`, or a list of 2",
        ),
        (
            "conv",
            {"out_channels": 4, "kernel": 3, "stride": 2, "padding": "same"},
            "padding",
            "`same` needs stride 1, and the stride is 2",
        ),
        (
            "conv_transpose",
            {"out_channels": 4, "kernel": 3, "stride": 2, "output_padding": 2},
            "output_padding",
            "it must be smaller than the stride 2 or the dilation 1",
        ),
        ("dropout", {"p": 1.5}, "p", "less than or equal to 1"),
        ("hardtanh", {"min": 2.0}, "max", "it must be above `min`, which is 2.0"),
        ("rrelu", {"lower": 0.5}, "upper", "it must not be below `lower`, which is 0.5"),
        ("upsample", {"scale": float("nan")}, "scale", "a number was expected"),
        ("softshrink", {"threshold": float("inf")}, "threshold", "a finite number was expected"),
    ],
)
def test_argument_is_refused_in_one_sentence(
    name: str, arguments: dict[str, Any], argument: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        op(name, **arguments)
    (detail,) = refused.value.errors()
    assert detail["loc"][0] == argument
    assert message in detail["msg"]


def test_sizes_by_number_and_by_list_are_the_same_op() -> None:
    assert op("conv", out_channels=4, kernel=3) == op("conv", out_channels=4, kernel=[3, 3])


@pytest.mark.parametrize("dilation", [1, 2])
def test_half_is_half_of_the_kernel_whatever_the_dilation(dilation: int) -> None:
    conv = op("conv", out_channels=4, kernel=[3, 5], padding="half", dilation=dilation)
    padding = {arg.name: arg.value for arg in conv.module(IMAGE).args}["padding"]
    assert padding == (1, 2)


def test_residual_sizes_agree_at_every_image_size() -> None:
    free = (64, HEIGHT, WIDTH)
    body = op("conv", out_channels=64, kernel=3, stride=2, padding=1).shapes(free)
    assert body == op("conv", out_channels=64, kernel=1, stride=2).shapes(free)
    assert [str(size) for size in body[0]] == ["64", "(height + 1)//2", "(width + 1)//2"]


def test_transposed_convolution_undoes_the_reduction() -> None:
    down = op("conv", out_channels=4, kernel=2, stride=2)
    up = op("conv_transpose", out_channels=4, kernel=2, stride=2)
    assert down.reduction(IMAGE) == (Fraction(2), Fraction(2))
    assert up.reduction(IMAGE) == (Fraction(1, 2), Fraction(1, 2))
    assert up.window(IMAGE) == ((1, 1, 1), (1, 1, 1))


@pytest.mark.parametrize("name", ["conv_transpose1d", "conv_transpose", "conv_transpose3d"])
def test_groups_divide_what_a_transposed_convolution_multiplies(name: str) -> None:
    sizes = (5,) * {"conv_transpose1d": 1, "conv_transpose": 2, "conv_transpose3d": 3}[name]
    shape = (6, *sizes)
    whole, groups = (op(name, out_channels=9, kernel=2, groups=groups) for groups in (1, 3))
    # every input number meets each weight of its group's kernels once
    assert whole.macs((shape,), whole.shapes(shape)) == 6 * 9 * 5 ** len(sizes) * 2 ** len(sizes)
    assert groups.macs((shape,), groups.shapes(shape)) * 3 == whole.macs(
        (shape,), whole.shapes(shape)
    )
    weight = groups.weights(shape)["weight"].shape
    assert weight == (6, 3, *(2 for _ in sizes))


def test_batch_norm_without_momentum_averages_all_batches() -> None:
    norm = run(op("batch_norm", momentum=None).module(IMAGE), [])
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.momentum is None
    norm(*tensors(IMAGE, device="cpu"))


def test_bilinear_multiplies_once_for_every_weight() -> None:
    bilinear = op("bilinear", out_features=7)
    shapes = ((3, 4), (3, 5))
    assert bilinear.macs(shapes, bilinear.shapes(*shapes)) == 3 * 4 * 5 * 7


@pytest.mark.parametrize("mode", ["row", "batch"])
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("training", [True, False])
def test_stochastic_depth_is_torchvisions(mode: str, p: float, training: bool) -> None:
    ours = op("stochastic_depth", p=p, mode=mode)
    module = run(ours.module(IMAGE), [], helper=ours.helper_source).train(training)
    theirs = torchvision.ops.StochasticDepth(p, mode).train(training)
    (x,) = tensors(IMAGE, device="cpu")
    results = []
    for call in (module, theirs):
        torch.manual_seed(0)
        results.append(call(x))
    torch.testing.assert_close(*results)
    torch.manual_seed(0)
    again = run(ours.expression(IMAGE), [x], module, helper=ours.helper_source)
    torch.testing.assert_close(again, results[0])
    assert "torchvision" not in ours.helper_source


@pytest.mark.parametrize("place", ["named", "unnamed"])
def test_written_out_network_brings_the_helper_along(place: str) -> None:
    drop = "{stochastic_depth: 0.5}"
    tail = f"drop: {drop}" if place == "named" else f"out: {{skip: [relu6], after: {drop}}}"
    written = archspec.load_str(
        f"archspec: 1\nname: n\ninput: [3, 4, 4]\nstages:\n  c: {{conv: 3, kernel: 1}}\n  {tail}\n"
    )
    space: dict[str, Any] = {"__name__": "written"}
    source = written.source()
    exec(source, space)
    space["N"]()(torch.rand(2, 3, 4, 4))
    assert source.count("def stochastic_depth") == 1
