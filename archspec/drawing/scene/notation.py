"""How papers write an op: `3×3 conv, 64, /2`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archspec.ops import Op, Shape

_SHORT = {
    "batch_norm": "BN",
    "layer_norm": "LN",
    "group_norm": "GN",
    "instance_norm": "IN",
    "local_response_norm": "LRN",
    "rms_norm": "RMSNorm",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "prelu": "PReLU",
    "gelu": "GELU",
    "selu": "SELU",
    "elu": "ELU",
    "silu": "SiLU",
    "hardswish": "h-swish",
    "hardsigmoid": "h-sigmoid",
    "multi_head_attention": "multi-head attention",
    "global_avg_pool": "global avg pool",
    "scaled_dot_product_attention": "attention",
    "conv_transpose": "transposed conv",
}
_SIGNS = {"add": "+", "mul": "×", "concat": "‖", "sub": "−", "div": "÷", "matmul": "·"}


def short_name(op: Op) -> str:
    """An op's name in a list of what goes with another: `BN, ReLU`."""
    text = short_word(op.name)
    given = vars(op)
    if op.family == "regularization" and "p" in given:
        text += f" {given['p']:.3g}"
    return text


def short_word(name: str) -> str:
    """What a drawing calls an op or a block of a name."""
    return _SHORT.get(name, name.replace("_", " "))


def sign(op: Op) -> str:
    """The sign in the circle of an op that joins its inputs."""
    return _SIGNS.get(op.name, short_name(op))


def notation(op: Op, out_shape: Shape | None) -> str:
    """An op as papers write it; channels and features are those that come out."""
    given: Mapping[str, Any] = vars(op)
    text = short_name(op)
    kernel = given.get("kernel")
    if isinstance(kernel, tuple):
        text = f"{_sizes(kernel)} {text}"
    elif isinstance(given.get("size"), tuple) and op.family == "pooling":
        text += f" {_sizes(given['size'])}"
    if op.family == "convolution" and out_shape:
        text += f", {out_shape[0]}"
    elif op.family == "linear" and out_shape:
        text += f", {out_shape[-1]}"
    stride = given.get("stride")
    if stride is None and op.family == "pooling":  # a window steps by its own size
        stride = kernel
    text += stride_suffix(stride, op)
    if op.family == "convolution":
        if op.name.startswith("conv") and given.get("groups", 1) != 1:
            text += f", {given['groups']} groups"
        dilation = given.get("dilation")
        if isinstance(dilation, tuple) and any(d != 1 for d in dilation):
            text += f", dilation {_sizes(dilation)}"
    if op.name == "multi_head_attention" and "num_heads" in given:
        text += f", {given['num_heads']} heads"
    return text


def stride_suffix(stride: Any, op: Op | None = None) -> str:
    """`, /2`, `, ×2` for what makes an image larger, and nothing where the stride is 1."""
    if not isinstance(stride, tuple) or all(s == 1 for s in stride):
        return ""
    grows = op is not None and "transpose" in op.name
    if all(s <= 1 for s in stride):  # of a block that upsamples
        stride, grows = tuple([1 / Fraction(s) for s in stride]), True
    shown = str(stride[0]) if len(set(stride)) == 1 else "×".join(map(str, stride))
    return f", ×{shown}" if grows else f", /{shown}"


def show_size(shape: Shape) -> str:
    """A shape without the batch: `64×56×56`."""
    return "×".join(str(size) for size in shape)


def show_count(count: int) -> str:
    """A number of parameters or MACs in three digits: `25.6M`."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return (
                f"{count / size:.3g}{unit}" if count < 999.5 * size else f"{count / size:.0f}{unit}"
            )
    return str(count)


def _sizes(sizes: tuple[Any, ...]) -> str:
    return "×".join(str(size) for size in sizes)
