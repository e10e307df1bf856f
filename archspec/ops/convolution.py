"""Convolutions: weights slid over the spatial axes, shared by all places."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from archspec.fields import Field, PositiveInt, check

from .arguments import (
    AXES,
    Count1,
    Count2,
    Count3,
    HalfPadding1,
    HalfPadding2,
    HalfPadding3,
    Padding1,
    Padding2,
    Padding3,
    Size1,
    Size2,
    Size3,
    agrees,
    channels,
    compact,
    divisors,
    half,
    spatial,
)
from .axes import product
from .base import Arg, Call, Op, ShapeError, Steps, Weight, keyword, positional
from .dims import Dim, Shape

Sizes = TypeVar("Sizes", bound=tuple[int, ...])
Counts = TypeVar("Counts", bound=tuple[int, ...])
Padding = TypeVar("Padding")
_Window: TypeAlias = "tuple[tuple[int, int, int], ...] | None"
_Reduction: TypeAlias = "Steps | None"

_BY_AXES = {
    "conv": {1: "conv1d", 2: "conv", 3: "conv3d"},
    "conv_transpose": {1: "conv_transpose1d", 2: "conv_transpose", 3: "conv_transpose3d"},
    "depthwise_conv": {1: "depthwise_conv1d", 2: "depthwise_conv", 3: "depthwise_conv3d"},
}


@lru_cache(4096)
def _slid(
    sizes: Shape,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Any,
    dilation: tuple[int, ...],
) -> Shape | None:
    """What `_Forward` makes of sizes that are known; None where it has more to say."""
    found: list[int | Dim] = []
    if padding == "half":
        padding = half(kernel)
    if isinstance(padding, str):
        return None
    for size, width, step, border, spread in zip(
        sizes, kernel, stride, padding, dilation, strict=True
    ):
        left = size + 2 * border - spread * (width - 1) - 1
        if isinstance(left, Dim) or left < 0:
            return None
        found.append(left // step + 1)
    return tuple(found)


class _Convolution(Op, Generic[Sizes, Padding]):
    """What all convolutions have: a kernel that is slid over `axes` spatial axes."""

    output_is_saved: ClassVar[bool] = False
    axes: ClassVar[int]

    def _spatial(self, shape: Shape) -> Shape:
        if len(shape) == self.axes + 1:
            return shape[1:]
        kind = self.name.removesuffix("1d").removesuffix("3d")
        return spatial(self.name, shape, self.axes, _BY_AXES.get(kind))

    def _groups_divide(self, groups: int, into: int, out: int) -> None:
        if groups == 1:
            return
        for number, what in ((into, "input channels"), (out, "output channels")):
            if number % groups:
                raise ShapeError(
                    f"{self.name} divides {number} {what} into {groups} groups, which does not "
                    "come out even",
                    argument="groups",
                    help=f"groups that fit {into} and {out}: {divisors(into, out)}",
                )


class _Forward(_Convolution[Sizes, Padding]):
    """A convolution whose output is as large as the input or smaller (`conv`, depthwise)."""

    kernel: Sizes = Field(
        description="Size of the kernel: one number, or one for each spatial axis."
    )
    stride: Sizes = Field(
        1, validate_default=True, description="Step of the kernel from one output to the next."
    )
    padding: Padding = Field(
        0,
        validate_default=True,
        description="Border on both sides. `half` is kernel // 2 (without regard to dilation), "
        "`same` keeps the size (stride 1 only), `valid` is none.",
    )
    dilation: Sizes = Field(
        1, validate_default=True, description="Step between the elements of the kernel."
    )

    @check("padding")
    @staticmethod
    def _same_needs_stride_1(padding: Any, before: Mapping[str, Any]) -> Any:
        stride = before.get("stride", ())
        if padding == "same" and any(step != 1 for step in stride):
            raise ValueError(
                f"`same` needs stride 1, and the stride is {compact(stride)}; "
                "`half` pads kernel // 2 at any stride"
            )
        return padding

    def _padding(self) -> tuple[int, ...]:
        """How much is added to each axis on each side; `same` is not asked."""
        if self.padding == "half":
            return half(self.kernel)
        return (0,) * self.axes if isinstance(self.padding, str) else tuple(self.padding)  # type: ignore[arg-type]

    def _sizes(self, sizes: Shape, mode: str) -> Shape:
        """The spatial sizes of the output."""
        if mode == "zeros":
            known = _slid(sizes, self.kernel, self.stride, self.padding, self.dilation)
            if known is not None:
                return known
        found: list[int | Dim] = []
        same = self.padding == "same"
        paddings = self._padding()
        for axis, (size, kernel, stride, dilation) in enumerate(
            zip(sizes, self.kernel, self.stride, self.dilation, strict=True)
        ):
            reach = dilation * (kernel - 1) + 1
            padding = reach // 2 if same else paddings[axis]
            if mode != "zeros":
                self._mode_fits(mode, size, padding, axis)
            if same:
                found.append(size)
                continue
            padded = size + 2 * padding
            if not isinstance(padded, Dim) and padded < reach:
                self._refuse_kernel(kernel, dilation, padded, axis)
            found.append((padded - reach) // stride + 1)
        return tuple(found)

    def _refuse_kernel(self, kernel: int, dilation: int, padded: int, axis: int) -> None:
        reach = dilation * (kernel - 1) + 1
        dilated = f" with dilation {dilation} spans {reach}, which" if dilation > 1 else ""
        raise ShapeError(
            f"{self.name}: kernel {kernel}{dilated} is larger than the padded input {padded} "
            f"({AXES[self.axes][axis]})",
            argument="kernel",
            help=f"kernel {(padded - 1) // dilation + 1} would fit, or "
            f"{-(-(reach - padded) // 2)} more padding",
        )

    def _mode_fits(self, mode: str, size: int | Dim, padding: int, axis: int) -> None:
        if isinstance(size, Dim):
            return
        if (mode == "reflect" and padding >= size) or (mode == "circular" and padding > size):
            most = size - 1 if mode == "reflect" else size
            raise ShapeError(
                f"{self.name}: padding {padding} in mode {mode} takes more than the input has, "
                f"{size} ({AXES[self.axes][axis]})",
                argument="padding",
                help=f"padding {most} would fit",
            )

    def _arguments(self) -> tuple[Arg, ...]:
        """kernel_size and what follows it in torch's signature."""
        padding = "same" if self.padding == "same" else compact(self._padding())
        return (
            keyword("kernel_size", compact(self.kernel), slot="kernel"),
            keyword("stride", compact(self.stride), 1),
            keyword("padding", padding, 0),
            keyword("dilation", compact(self.dilation), 1),
        )

    def reduction(self, *inputs: Shape) -> _Reduction:
        return self.stride

    def window(self, *inputs: Shape) -> _Window:
        return tuple(zip(self.kernel, self.stride, self.dilation, strict=True))


_PaddingMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]
_MODE = "What the border is filled with."
_IN = "Channels of the input; they are inferred, and checked where they are said."


class _Conv(_Forward[Sizes, Padding]):
    """Dense and grouped convolutions."""

    out_channels: PositiveInt = Field(description="Channels of the output.")
    groups: PositiveInt = Field(
        1, description="Parts that the channels are divided into, each convolved by itself."
    )
    bias: bool = Field(True, description="Whether a learned number is added to each channel.")
    padding_mode: _PaddingMode = Field("zeros", description=_MODE)
    in_channels: PositiveInt | None = Field(None, description=_IN)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        sizes = self._spatial(shape)
        into = channels(self.name, shape)
        agrees(self.name, "in_channels", self.in_channels, into, "channels")
        self._groups_divide(self.groups, into, self.out_channels)
        return ((self.out_channels, *self._sizes(sizes, self.padding_mode)),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        into = channels(self.name, inputs[0]) // self.groups
        weights = {"weight": Weight((self.out_channels, into, *self.kernel))}
        if self.bias:
            weights["bias"] = Weight((self.out_channels,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        into = channels(self.name, inputs[0]) // self.groups
        return product(outputs[0]) * (into * prod(self.kernel))

    def module(self, *inputs: Shape) -> Call:
        return Call(
            f"nn.Conv{self.axes}d",
            (
                positional("in_channels", channels(self.name, inputs[0])),
                positional("out_channels", self.out_channels),
                *self._arguments(),
                keyword("groups", self.groups, 1),
                keyword("bias", self.bias, True),
                keyword("padding_mode", self.padding_mode, "zeros"),
            ),
        )


class Conv1d(_Conv[Size1, Padding1], name="conv1d", main="out_channels"):
    """1-d convolution over the length of a sequence (channels x length)."""

    torch_name: ClassVar[str] = "torch.nn.Conv1d"
    axes: ClassVar[int] = 1


class Conv2d(_Conv[Size2, Padding2], name="conv", main="out_channels"):
    """2-d convolution over the height and width of an image (channels x height x width)."""

    torch_name: ClassVar[str] = "torch.nn.Conv2d"
    axes: ClassVar[int] = 2


class Conv3d(_Conv[Size3, Padding3], name="conv3d", main="out_channels"):
    """3-d convolution over depth, height and width of a volume or a video."""

    torch_name: ClassVar[str] = "torch.nn.Conv3d"
    axes: ClassVar[int] = 3


class _DepthwiseConv(_Forward[Sizes, Padding]):
    """Convolutions of each channel by itself."""

    multiplier: PositiveInt = Field(
        1, description="Channels of the output for each channel of the input."
    )
    bias: bool = Field(True, description="Whether a learned number is added to each channel.")
    padding_mode: _PaddingMode = Field("zeros", description=_MODE)
    in_channels: PositiveInt | None = Field(None, description=_IN)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        sizes = self._spatial(shape)
        into = channels(self.name, shape)
        agrees(self.name, "in_channels", self.in_channels, into, "channels")
        return ((into * self.multiplier, *self._sizes(sizes, self.padding_mode)),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        out = channels(self.name, inputs[0]) * self.multiplier
        weights = {"weight": Weight((out, 1, *self.kernel))}
        if self.bias:
            weights["bias"] = Weight((out,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        return product(outputs[0]) * prod(self.kernel)

    def module(self, *inputs: Shape) -> Call:
        into = channels(self.name, inputs[0])
        return Call(
            f"nn.Conv{self.axes}d",
            (
                positional("in_channels", into),
                positional("out_channels", into * self.multiplier, ""),
                *self._arguments(),
                keyword("groups", into, slot=""),
                keyword("bias", self.bias, True),
                keyword("padding_mode", self.padding_mode, "zeros"),
            ),
        )


class DepthwiseConv1d(_DepthwiseConv[Size1, Padding1], name="depthwise_conv1d", main="kernel"):
    """1-d convolution of each channel by itself (groups = input channels)."""

    torch_name: ClassVar[str] = "torch.nn.Conv1d"
    axes: ClassVar[int] = 1


class DepthwiseConv2d(_DepthwiseConv[Size2, Padding2], name="depthwise_conv", main="kernel"):
    """2-d convolution of each channel by itself (groups = input channels), as in MobileNet."""

    torch_name: ClassVar[str] = "torch.nn.Conv2d"
    axes: ClassVar[int] = 2


class DepthwiseConv3d(_DepthwiseConv[Size3, Padding3], name="depthwise_conv3d", main="kernel"):
    """3-d convolution of each channel by itself (groups = input channels)."""

    torch_name: ClassVar[str] = "torch.nn.Conv3d"
    axes: ClassVar[int] = 3


class _ConvTranspose(_Convolution[Sizes, Padding], Generic[Sizes, Counts, Padding]):
    """Convolutions that run backwards: a stride makes the output larger."""

    out_channels: PositiveInt = Field(description="Channels of the output.")
    kernel: Sizes = Field(
        description="Size of the kernel: one number, or one for each spatial axis."
    )
    stride: Sizes = Field(
        1, validate_default=True, description="How far apart neighbouring inputs land."
    )
    padding: Padding = Field(
        0,
        validate_default=True,
        description="Border taken off the output on both sides. `half` is kernel // 2.",
    )
    dilation: Sizes = Field(
        1, validate_default=True, description="Step between the elements of the kernel."
    )
    output_padding: Counts = Field(
        0,
        validate_default=True,
        description="Added to the size of the output, to choose among the sizes that the "
        "stride leaves open.",
    )
    groups: PositiveInt = Field(
        1, description="Parts that the channels are divided into, each convolved by itself."
    )
    bias: bool = Field(True, description="Whether a learned number is added to each channel.")
    in_channels: PositiveInt | None = Field(None, description=_IN)

    @check("output_padding")
    @staticmethod
    def _less_than_a_step(added: Any, before: Mapping[str, Any]) -> Any:
        steps = zip(before.get("stride", ()), before.get("dilation", ()), strict=False)
        for number, (stride, dilation) in zip(added, steps, strict=False):
            if number >= max(stride, dilation):
                raise ValueError(
                    f"it must be smaller than the stride {stride} or the dilation {dilation}"
                )
        return added

    def _padding(self) -> tuple[int, ...]:
        return half(self.kernel) if self.padding == "half" else tuple(self.padding)  # type: ignore[arg-type]

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        sizes = self._spatial(shape)
        into = channels(self.name, shape)
        agrees(self.name, "in_channels", self.in_channels, into, "channels")
        self._groups_divide(self.groups, into, self.out_channels)
        found: list[int | Dim] = []
        for axis, (size, kernel, stride, padding, dilation, added) in enumerate(
            zip(
                sizes,
                self.kernel,
                self.stride,
                self._padding(),
                self.dilation,
                self.output_padding,
                strict=True,
            )
        ):
            whole = (size - 1) * stride + dilation * (kernel - 1) + added + 1
            left = whole - 2 * padding
            if not isinstance(left, Dim) and left < 1:
                assert not isinstance(whole, Dim)
                raise ShapeError(
                    f"{self.name}: padding {padding} takes all of the output {whole} "
                    f"({AXES[self.axes][axis]})",
                    argument="padding",
                    help=f"padding {(whole - 1) // 2} would fit",
                )
            found.append(left)
        return ((self.out_channels, *found),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        into = channels(self.name, inputs[0])
        weights = {"weight": Weight((into, self.out_channels // self.groups, *self.kernel))}
        if self.bias:
            weights["bias"] = Weight((self.out_channels,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        return product(inputs[0]) * (self.out_channels // self.groups * prod(self.kernel))

    def reduction(self, *inputs: Shape) -> _Reduction:
        return tuple(Fraction(1, step) for step in self.stride)

    def window(self, *inputs: Shape) -> _Window:
        """The inputs that one output can depend on lie `stride` apart in the output."""
        steps = zip(self.kernel, self.stride, self.dilation, strict=True)
        return tuple((d * (k - 1) // s + 1, 1, 1) for k, s, d in steps)

    def module(self, *inputs: Shape) -> Call:
        return Call(
            f"nn.ConvTranspose{self.axes}d",
            (
                positional("in_channels", channels(self.name, inputs[0])),
                positional("out_channels", self.out_channels),
                keyword("kernel_size", compact(self.kernel), slot="kernel"),
                keyword("stride", compact(self.stride), 1),
                keyword("padding", compact(self._padding()), 0),
                keyword("output_padding", compact(self.output_padding), 0),
                keyword("groups", self.groups, 1),
                keyword("bias", self.bias, True),
                keyword("dilation", compact(self.dilation), 1),
            ),
        )


class ConvTranspose1d(
    _ConvTranspose[Size1, Count1, HalfPadding1], name="conv_transpose1d", main="out_channels"
):
    """1-d transposed convolution: a stride of 2 doubles the length."""

    torch_name: ClassVar[str] = "torch.nn.ConvTranspose1d"
    axes: ClassVar[int] = 1


class ConvTranspose2d(
    _ConvTranspose[Size2, Count2, HalfPadding2], name="conv_transpose", main="out_channels"
):
    """2-d transposed convolution: a stride of 2 doubles height and width, as in a U-Net."""

    torch_name: ClassVar[str] = "torch.nn.ConvTranspose2d"
    axes: ClassVar[int] = 2


class ConvTranspose3d(
    _ConvTranspose[Size3, Count3, HalfPadding3], name="conv_transpose3d", main="out_channels"
):
    """3-d transposed convolution: a stride of 2 doubles depth, height and width."""

    torch_name: ClassVar[str] = "torch.nn.ConvTranspose3d"
    axes: ClassVar[int] = 3
