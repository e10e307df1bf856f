"""Pooling: neighbourhoods of the spatial axes summed up in one number each, by channel."""

from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from archspec.fields import Field, PositiveFloat, PositiveInt

from .arguments import (
    AXES,
    HalfPadding1,
    HalfPadding2,
    HalfPadding3,
    OutputSize1,
    OutputSize2,
    OutputSize3,
    Size1,
    Size2,
    Size3,
    compact,
    half,
    spatial,
)
from .base import Arg, Call, Op, Operand, ShapeError, Steps, keyword, positional
from .dims import Dim, Shape, show_shape

Sizes = TypeVar("Sizes", bound=tuple[int, ...])
Padding = TypeVar("Padding")
Output = TypeVar("Output", bound=tuple[int | None, ...])
_Window: TypeAlias = "tuple[tuple[int, int, int], ...] | None"
_Reduction: TypeAlias = "Steps | None"

_CEIL = "Whether a last window that is only partly over the input counts."
_KERNEL = "Size of the window: one number, or one for each spatial axis."
_STRIDE = "Step of the window from one output to the next; the kernel's size unless given."
_PADDING = "Border on both sides, at most half the kernel. `half` is kernel // 2."


class _Pooling(Op):
    """What all pooling has: `axes` spatial axes, one module and one function in torch."""

    output_is_saved: ClassVar[bool] = False
    axes: ClassVar[int]
    module_name: ClassVar[str]
    function_name: ClassVar[str]

    def _spatial(self, shape: Shape) -> Shape:
        kind = self.name.removesuffix("1d").removesuffix("3d")
        return spatial(self.name, shape, self.axes, {1: f"{kind}1d", 2: kind, 3: f"{kind}3d"})

    def _arguments(self) -> tuple[Arg, ...]:
        """What torch's module takes, by its keywords."""
        raise NotImplementedError

    def module(self, *inputs: Shape) -> Call:
        return Call(f"nn.{self.module_name}{self.axes}d", self._arguments())

    def expression(self, *inputs: Shape) -> Call:
        first, *rest = self._arguments()
        return Call(
            f"F.{self.function_name}{self.axes}d",
            (positional("input", Operand(0), ""), first._replace(name=""), *rest),
        )


class _Window_(_Pooling, Generic[Sizes]):
    """Pooling by a window that moves over the input."""

    kernel: Sizes = Field(description=_KERNEL)
    stride: Sizes | None = Field(None, description=_STRIDE)
    ceil_mode: bool = Field(False, description=_CEIL)

    def _steps(self) -> tuple[int, ...]:
        return self.kernel if self.stride is None else self.stride

    def _dilations(self) -> tuple[int, ...]:
        return (1,) * self.axes

    def _padding(self) -> tuple[int, ...]:
        return (0,) * self.axes

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        sizes = self._spatial(shape)
        windows = zip(
            sizes, self.kernel, self._steps(), self._padding(), self._dilations(), strict=True
        )
        return ((shape[0], *(self._size(axis, *window) for axis, window in enumerate(windows))),)

    def _size(
        self, axis: int, size: int | Dim, kernel: int, stride: int, padding: int, dilation: int
    ) -> int | Dim:
        where = AXES[self.axes][axis]
        if padding > kernel // 2:
            raise ShapeError(
                f"{self.name}: padding {padding} is more than half of kernel {kernel} ({where})",
                argument="padding",
                help=f"padding {kernel // 2} would fit",
            )
        reach = dilation * (kernel - 1) + 1
        steps = size + 2 * padding - reach
        if self.ceil_mode:
            # A last window may stick out, but must not start beyond the input and its padding
            # before: the smaller of ceil(steps / stride) and (size + padding - 1) // stride.
            steps = steps + stride - 1 + min(0, reach - padding - stride)
        found = steps // stride + 1
        if not isinstance(found, Dim) and found < 1:
            padded = size + 2 * padding
            assert not isinstance(padded, Dim)
            spans = f" with dilation {dilation} spans {reach}, which" if dilation > 1 else ""
            fits = (padded - 1) // dilation + 1
            raise ShapeError(
                f"{self.name}: kernel {kernel}{spans} is larger than the padded input {padded} "
                f"({where})",
                argument="kernel",
                help=f"kernel {fits} would fit",
            )
        return found

    def reduction(self, *inputs: Shape) -> _Reduction:
        return self._steps()

    def window(self, *inputs: Shape) -> _Window:
        return tuple(zip(self.kernel, self._steps(), self._dilations(), strict=True))

    def _kernel_and_stride(self) -> tuple[Arg, Arg]:
        stride = None if self.stride is None else compact(self.stride)
        return (
            keyword("kernel_size", compact(self.kernel), slot="kernel"),
            keyword("stride", stride, None),
        )


class _MaxPool(_Window_[Sizes], Generic[Sizes, Padding]):
    """Maximum of each window."""

    module_name: ClassVar[str] = "MaxPool"
    function_name: ClassVar[str] = "max_pool"

    padding: Padding = Field(0, validate_default=True, description=_PADDING)
    dilation: Sizes = Field(
        1, validate_default=True, description="Step between the elements of a window."
    )

    def _padding(self) -> tuple[int, ...]:
        return half(self.kernel) if self.padding == "half" else tuple(self.padding)  # type: ignore[arg-type]

    def _dilations(self) -> tuple[int, ...]:
        return self.dilation

    def _arguments(self) -> tuple[Arg, ...]:
        return (
            *self._kernel_and_stride(),
            keyword("padding", compact(self._padding()), 0),
            keyword("dilation", compact(self.dilation), 1),
            keyword("ceil_mode", self.ceil_mode, False),
        )


class MaxPool1d(_MaxPool[Size1, HalfPadding1], name="max_pool1d", main="kernel"):
    """Maximum of each window over the length of a sequence."""

    torch_name: ClassVar[str] = "torch.nn.MaxPool1d"
    axes: ClassVar[int] = 1


class MaxPool2d(_MaxPool[Size2, HalfPadding2], name="max_pool", main="kernel"):
    """Maximum of each window over height and width."""

    torch_name: ClassVar[str] = "torch.nn.MaxPool2d"
    axes: ClassVar[int] = 2


class MaxPool3d(_MaxPool[Size3, HalfPadding3], name="max_pool3d", main="kernel"):
    """Maximum of each window over depth, height and width."""

    torch_name: ClassVar[str] = "torch.nn.MaxPool3d"
    axes: ClassVar[int] = 3


class _AvgPool(_Window_[Sizes], Generic[Sizes, Padding]):
    """Mean of each window."""

    module_name: ClassVar[str] = "AvgPool"
    function_name: ClassVar[str] = "avg_pool"

    padding: Padding = Field(0, validate_default=True, description=_PADDING)
    count_include_pad: bool = Field(
        True, description="Whether the zeros of the padding count in the mean."
    )

    def _padding(self) -> tuple[int, ...]:
        return half(self.kernel) if self.padding == "half" else tuple(self.padding)  # type: ignore[arg-type]

    def _arguments(self) -> tuple[Arg, ...]:
        return (
            *self._kernel_and_stride(),
            keyword("padding", compact(self._padding()), 0),
            keyword("ceil_mode", self.ceil_mode, False),
            keyword("count_include_pad", self.count_include_pad, True),
        )


class AvgPool1d(_AvgPool[Size1, HalfPadding1], name="avg_pool1d", main="kernel"):
    """Mean of each window over the length of a sequence."""

    torch_name: ClassVar[str] = "torch.nn.AvgPool1d"
    axes: ClassVar[int] = 1


class _DividedAvgPool(_AvgPool[Sizes, Padding]):
    """Mean pooling whose divisor can be chosen."""

    divisor_override: PositiveInt | None = Field(
        None, description="What the sum is divided by; the size of the window unless given."
    )

    def _arguments(self) -> tuple[Arg, ...]:
        return (
            *super()._arguments(),
            keyword("divisor_override", self.divisor_override, None),
        )


class AvgPool2d(_DividedAvgPool[Size2, HalfPadding2], name="avg_pool", main="kernel"):
    """Mean of each window over height and width."""

    torch_name: ClassVar[str] = "torch.nn.AvgPool2d"
    axes: ClassVar[int] = 2


class AvgPool3d(_DividedAvgPool[Size3, HalfPadding3], name="avg_pool3d", main="kernel"):
    """Mean of each window over depth, height and width.

    Unlike in 1 and 2 dimensions, torch wants the kernel to fit into the input without its padding.
    """

    torch_name: ClassVar[str] = "torch.nn.AvgPool3d"
    axes: ClassVar[int] = 3

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        found = super().shapes(*inputs)
        _fits_unpadded(self.name, self.kernel, inputs[0])
        return found


def _fits_unpadded(op: str, kernels: tuple[int, ...], shape: Shape) -> None:
    """What torch's avg_pool3d asks for beyond the sizes working out, and lp_pool3d builds on."""
    for axis, size, kernel in zip(AXES[3], shape[1:], kernels, strict=True):
        if not isinstance(size, Dim) and size < kernel:
            raise ShapeError(
                f"{op}: kernel {kernel} is larger than the input {size} without its padding "
                f"({axis}), which torch refuses",
                argument="kernel",
                help=f"kernel {size} would fit",
            )


class _LPPool(_Window_[Sizes]):
    """Power mean (without the division) of each window."""

    module_name: ClassVar[str] = "LPPool"
    function_name: ClassVar[str] = "lp_pool"

    norm_type: PositiveFloat = Field(
        description="The power p: 1 sums the window, a large p takes nearly its maximum."
    )

    def _arguments(self) -> tuple[Arg, ...]:
        return (
            positional("norm_type", self.norm_type),
            *self._kernel_and_stride(),
            keyword("ceil_mode", self.ceil_mode, False),
        )


class LPPool1d(_LPPool[Size1], name="lp_pool1d", main="kernel"):
    """p-norm of each window over the length of a sequence: (Σ xᵖ)^(1/p)."""

    torch_name: ClassVar[str] = "torch.nn.LPPool1d"
    axes: ClassVar[int] = 1


class LPPool2d(_LPPool[Size2], name="lp_pool", main="kernel"):
    """p-norm of each window over height and width: (Σ xᵖ)^(1/p)."""

    torch_name: ClassVar[str] = "torch.nn.LPPool2d"
    axes: ClassVar[int] = 2


class LPPool3d(_LPPool[Size3], name="lp_pool3d", main="kernel"):
    """p-norm of each window over depth, height and width: (Σ xᵖ)^(1/p)."""

    torch_name: ClassVar[str] = "torch.nn.LPPool3d"
    axes: ClassVar[int] = 3

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        found = super().shapes(*inputs)
        _fits_unpadded(self.name, self.kernel, inputs[0])
        return found


class _Adaptive(_Pooling, Generic[Output]):
    """Pooling to a size, whatever the size of the input."""

    size: Output = Field(
        description="Size to reach: one number, or one for each spatial axis; null keeps an axis."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        sizes = zip(self._spatial(shape), self.size, strict=True)
        return ((shape[0], *(found if size is None else size for found, size in sizes)),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return None

    def window(self, *inputs: Shape) -> _Window:
        return None

    def _arguments(self) -> tuple[Arg, ...]:
        return (positional("size", compact(self.size)),)


class _AdaptiveAvgPool(_Adaptive[Output]):
    module_name: ClassVar[str] = "AdaptiveAvgPool"
    function_name: ClassVar[str] = "adaptive_avg_pool"


class _AdaptiveMaxPool(_Adaptive[Output]):
    module_name: ClassVar[str] = "AdaptiveMaxPool"
    function_name: ClassVar[str] = "adaptive_max_pool"


class AdaptiveAvgPool1d(_AdaptiveAvgPool[OutputSize1], name="adaptive_avg_pool1d", main="size"):
    """Means over windows chosen so that the output has a given length."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveAvgPool1d"
    axes: ClassVar[int] = 1

    size: OutputSize1 = Field(description="Length to reach.")


class AdaptiveAvgPool2d(_AdaptiveAvgPool[OutputSize2], name="adaptive_avg_pool", main="size"):
    """Means over windows chosen so that the output has a given height and width."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveAvgPool2d"
    axes: ClassVar[int] = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool[OutputSize3], name="adaptive_avg_pool3d", main="size"):
    """Means over windows chosen so that the output has a given depth, height and width."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveAvgPool3d"
    axes: ClassVar[int] = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool[OutputSize1], name="adaptive_max_pool1d", main="size"):
    """Maxima over windows chosen so that the output has a given length."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveMaxPool1d"
    axes: ClassVar[int] = 1

    size: OutputSize1 = Field(description="Length to reach.")


class AdaptiveMaxPool2d(_AdaptiveMaxPool[OutputSize2], name="adaptive_max_pool", main="size"):
    """Maxima over windows chosen so that the output has a given height and width."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveMaxPool2d"
    axes: ClassVar[int] = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool[OutputSize3], name="adaptive_max_pool3d", main="size"):
    """Maxima over windows chosen so that the output has a given depth, height and width."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveMaxPool3d"
    axes: ClassVar[int] = 3


class _GlobalPool(Op):
    """One number for each channel: channels x 1 x 1 of an image."""

    output_is_saved: ClassVar[bool] = False
    kind: ClassVar[str]

    def _axes(self, shape: Shape) -> int:
        if not 2 <= len(shape) <= 4:
            raise ShapeError(
                f"{self.name} takes channels and 1 to 3 spatial axes, not {show_shape(shape)}"
            )
        return len(shape) - 1

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        return ((shape[0], *(1,) * self._axes(shape)),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return None

    def window(self, *inputs: Shape) -> _Window:
        return None

    def module(self, *inputs: Shape) -> Call:
        one: Any = positional("output_size", 1, "")
        return Call(f"nn.Adaptive{self.kind}Pool{self._axes(inputs[0])}d", (one,))

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            f"F.adaptive_{self.kind.lower()}_pool{self._axes(inputs[0])}d",
            (positional("input", Operand(0), ""), positional("output_size", 1, "")),
        )


class GlobalAvgPool(_GlobalPool, name="global_avg_pool"):
    """Mean of each channel over all spatial axes, which are kept with size 1.

    Source: Lin, Chen and Yan, Network In Network (2013), section 3.2.
    """

    torch_name: ClassVar[str] = "torch.nn.AdaptiveAvgPool2d"
    kind: ClassVar[str] = "Avg"


class GlobalMaxPool(_GlobalPool, name="global_max_pool"):
    """Maximum of each channel over all spatial axes, which are kept with size 1."""

    torch_name: ClassVar[str] = "torch.nn.AdaptiveMaxPool2d"
    kind: ClassVar[str] = "Max"
