"""Spatial: resizing and moving elements between channels and image axes."""

from fractions import Fraction
from math import floor, prod
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from archspec.fields import Before, Field

from .axes import Ints, OneOrMore
from .base import Call, Op, Operand, ShapeError, keyword, positional
from .dims import Dim, Shape, show_shape

_Window: TypeAlias = "tuple[tuple[int, int, int], ...] | None"
_Reduction: TypeAlias = "tuple[Fraction, ...] | None"


def _image(op: str, shape: Shape, rank: int = 3) -> None:
    if len(shape) != rank:
        wanted = "channels x height x width" if rank == 3 else f"{rank} dims"
        raise ShapeError(f"{op} takes {wanted}, not {show_shape(shape)}")


def _divides(op: str, number: int, size: int | Dim, what: str, argument: str) -> None:
    """Refuse a known size that `number` does not divide; a free one is torch's to refuse."""
    if not isinstance(size, Dim) and size % number:
        raise ShapeError(
            f"{op} needs {what} to be a multiple of {number}, and {size} is not",
            argument=argument,
        )


class Subsample(Op, name="subsample", main="stride"):
    """Every `stride`th element along all axes but the channels."""

    torch_name: ClassVar[str] = "torch.Tensor.__getitem__"

    stride: OneOrMore = Field(description="One number for all axes, or one for each.")

    def _strides(self, shape: Shape) -> tuple[int, ...]:
        strides = self.stride * (len(shape) - 1) if len(self.stride) == 1 else self.stride
        if len(shape) < 2 or len(strides) != len(shape) - 1 or any(step < 1 for step in strides):
            raise ShapeError(
                f"subsample of {show_shape(shape)} by {list(self.stride)}: it needs a positive "
                "number for each dim after the channels",
                argument="stride",
            )
        return strides

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        strides = self._strides(shape)
        sizes = ((d + s - 1) // s for d, s in zip(shape[1:], strides, strict=True))
        return ((shape[0], *sizes),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return tuple(Fraction(step) for step in self._strides(inputs[0]))

    def window(self, *inputs: Shape) -> _Window:
        return tuple((1, step, 1) for step in self._strides(inputs[0]))

    def expression(self, *inputs: Shape) -> Call:
        strides = self._strides(inputs[0])
        if len(self.stride) == 1:  # one literal, written once for every axis
            return Call(
                f"{{0}}[:, :{', ::{stride}' * len(strides)}]", (keyword("stride", strides[0]),)
            )
        names = [f"stride{number}" for number in range(len(strides))]
        return Call(
            f"{{0}}[:, :{''.join(f', ::{{{name}}}' for name in names)}]",
            tuple(
                keyword(name, step, slot="stride")
                for name, step in zip(names, strides, strict=True)
            ),
        )


def _numbers(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_Scale: TypeAlias = Annotated[tuple[int | float, ...], Before(_numbers)]
_Mode: TypeAlias = Literal[
    "nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"
]
_INTERPOLATING = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
_MODE = "How values between the elements are found."
_CORNERS = "Whether corner elements keep their place (interpolating modes)."


def _resized_axes(op: str, shape: Shape, mode: str, align_corners: bool | None) -> int:
    """How many axes an interpolation resizes."""
    axes = len(shape) - 1
    if not 1 <= axes <= 3:
        raise ShapeError(f"{op} takes channels and 1 to 3 axes, not {show_shape(shape)}")
    if _INTERPOLATING.get(mode, axes) != axes:
        fitting = [name for name, rank in _INTERPOLATING.items() if rank == axes]
        raise ShapeError(
            f"{op} in mode {mode} resizes {_INTERPOLATING[mode]} axes, and "
            f"{show_shape(shape)} has {axes}",
            argument="mode",
            help=f"{' or '.join(fitting)} fits {axes} axes",
        )
    if align_corners is not None and mode not in _INTERPOLATING:
        raise ShapeError(
            f"{op} in mode {mode} takes no align_corners",
            argument="align_corners",
            help=f"it belongs to the modes {', '.join(_INTERPOLATING)}",
        )
    return axes


class Upsample(Op, name="upsample", main="scale"):
    """An image resized by interpolation, by a factor or to a size."""

    torch_name: ClassVar[str] = "torch.nn.Upsample"
    output_is_saved: ClassVar[bool] = False

    scale: int | float | _Scale | None = Field(
        None, description="The factor: one number, or one for each axis after the channels."
    )
    size: Annotated[int, Field(gt=0)] | Ints | None = Field(
        None, description="The size to reach, instead of a factor."
    )
    mode: _Mode = Field("nearest", description=_MODE)
    align_corners: bool | None = Field(None, description=_CORNERS)

    def _checked(self, shape: Shape) -> int:
        """How many axes are resized."""
        axes = _resized_axes(self.name, shape, self.mode, self.align_corners)
        if (self.scale is None) == (self.size is None):
            raise ShapeError(
                "upsample takes either a scale or a size"
                + (", and has neither" if self.scale is None else ", not both"),
                argument="scale" if self.scale is None else "size",
            )
        for argument in ("scale", "size"):
            given = getattr(self, argument)
            if isinstance(given, tuple) and len(given) != axes:
                raise ShapeError(
                    f"upsample has {len(given)} numbers in {argument} for {axes} axes",
                    argument=argument,
                )
        return axes

    def _scales(self, axes: int) -> tuple[int | float, ...]:
        assert self.scale is not None
        return self.scale if isinstance(self.scale, tuple) else (self.scale,) * axes

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        axes = self._checked(shape)
        if self.size is None:
            scales = self._scales(axes)
            sizes = tuple(_scaled(d, s) for d, s in zip(shape[1:], scales, strict=True))
        else:
            sizes = self.size if isinstance(self.size, tuple) else (self.size,) * axes
        if any(not isinstance(size, Dim) and size < 1 for size in sizes):
            raise ShapeError(
                f"upsample of {show_shape(shape)} to {show_shape((shape[0], *sizes))}: "
                "nothing is left",
                argument="size" if self.scale is None else "scale",
            )
        return ((shape[0], *sizes),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        if self.scale is None:
            return None
        return tuple(1 / Fraction(str(scale)) for scale in self._scales(len(inputs[0]) - 1))

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Upsample",
            (
                keyword("size", self.size, None),
                keyword("scale_factor", self.scale, None, "scale"),
                keyword("mode", self.mode, "nearest"),
                keyword("align_corners", self.align_corners, None),
            ),
        )

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "F.interpolate", (positional("input", Operand(0), ""), *self.module(*inputs).args)
        )


def _scaled(size: int | Dim, scale: int | float) -> int | Dim:
    if isinstance(size, Dim):
        ratio = Fraction(scale)
        if ratio.denominator > 64:
            raise ShapeError(
                f"upsample by {scale} of the free size {size}: torch rounds the result in a way "
                "that depends on the size",
                argument="scale",
                help="use a factor such as 1.5 or 0.25, or give the size",
            )
        return size * ratio.numerator // ratio.denominator
    return floor(float(size) * scale)


class UpsampleLike(Op, name="upsample_like"):
    """An image resized by interpolation to the size of a second one, whatever that is: in decoders
    whose input's size is free.

    Source: Lin et al., Feature Pyramid Networks for Object Detection (2017), section 3.
    """

    torch_name: ClassVar[str] = "torch.nn.functional.interpolate"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    sized_by: ClassVar[int | None] = 1
    output_is_saved: ClassVar[bool] = False

    mode: _Mode = Field("nearest", description=_MODE)
    align_corners: bool | None = Field(None, description=_CORNERS)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        image, like = inputs
        _resized_axes(self.name, image, self.mode, self.align_corners)
        if len(like) != len(image):
            raise ShapeError(
                f"upsample_like brings {show_shape(image)} to the size of {show_shape(like)}, "
                "which has another number of axes"
            )
        return ((image[0], *like[1:]),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return None

    def expression(self, *inputs: Shape) -> Call:
        given = [keyword("mode", self.mode), keyword("align_corners", self.align_corners)]
        places = ", mode={mode}"
        if self.align_corners is None:
            given.pop()
        else:
            places += ", align_corners={align_corners}"
        return Call(f"F.interpolate({{0}}, {{1}}.shape[2:]{places})", tuple(given))


class PixelShuffle(Op, name="pixel_shuffle", main="factor"):
    """Channels moved into the image: `factor`² times fewer channels, `factor` times the size."""

    torch_name: ClassVar[str] = "torch.nn.PixelShuffle"

    factor: int = Field(gt=0, description="How many times larger height and width become.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        _image("pixel_shuffle", shape)
        _divides("pixel_shuffle", self.factor**2, shape[0], "the channels", "factor")
        return ((shape[0] // self.factor**2, *(size * self.factor for size in shape[1:])),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return (Fraction(1, self.factor),) * 2

    def module(self, *inputs: Shape) -> Call:
        return Call("nn.PixelShuffle", (positional("factor", self.factor),))

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "F.pixel_shuffle",
            (positional("input", Operand(0), ""), positional("factor", self.factor)),
        )


class PixelUnshuffle(Op, name="pixel_unshuffle", main="factor"):
    """The image moved into channels: `factor`² times the channels, `factor` times smaller."""

    torch_name: ClassVar[str] = "torch.nn.PixelUnshuffle"

    factor: int = Field(gt=0, description="How many times smaller height and width become.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        _image("pixel_unshuffle", shape)
        for size, what in zip(shape[1:], ("the height", "the width"), strict=True):
            _divides("pixel_unshuffle", self.factor, size, what, "factor")
        return ((shape[0] * self.factor**2, *(size // self.factor for size in shape[1:])),)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return (Fraction(self.factor),) * 2

    def window(self, *inputs: Shape) -> _Window:
        return ((self.factor, self.factor, 1),) * 2

    def module(self, *inputs: Shape) -> Call:
        return Call("nn.PixelUnshuffle", (positional("factor", self.factor),))

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "F.pixel_unshuffle",
            (positional("input", Operand(0), ""), positional("factor", self.factor)),
        )


class ChannelShuffle(Op, name="channel_shuffle", main="groups"):
    """Channels dealt out so that each group gets some of every other, as in ShuffleNet."""

    torch_name: ClassVar[str] = "torch.nn.ChannelShuffle"

    groups: int = Field(gt=0, description="How many groups the channels are in.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if len(shape) < 2:
            raise ShapeError(f"channel_shuffle takes channels and an image, not {shape}")
        _divides("channel_shuffle", self.groups, shape[0], "the channels", "groups")
        return (shape,)

    def module(self, *inputs: Shape) -> Call:
        return Call("nn.ChannelShuffle", (positional("groups", self.groups),))

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.channel_shuffle",
            (positional("input", Operand(0), ""), positional("groups", self.groups)),
        )


_Pair: TypeAlias = Annotated[int, Field(gt=0)] | Ints


class Patches(Op):
    """An op between an image and its patches as columns."""

    kernel: _Pair
    stride: _Pair = Field(1, description="The step from one patch to the next.")
    padding: Annotated[int, Field(ge=0)] | Ints = Field(
        0, description="How many zeros around the image."
    )
    dilation: _Pair = Field(1, description="The step between elements of a patch.")

    def _pair(self, argument: str) -> tuple[int, int]:
        given = getattr(self, argument)
        pair = (given, given) if isinstance(given, int) else given
        if len(pair) != 2 or any(number < (argument != "padding") for number in pair):
            raise ShapeError(
                f"{self.name} needs one or two positive numbers as {argument}, not {list(pair)}",
                argument=argument,
            )
        return pair[0], pair[1]

    def _grid(self, sizes: Shape) -> Shape:
        """How many patches there are down and across."""
        counts: list[int | Dim] = []
        for size, kernel, stride, padding, dilation in zip(
            sizes,
            *(self._pair(a) for a in ("kernel", "stride", "padding", "dilation")),
            strict=True,
        ):
            reach = dilation * (kernel - 1) + 1
            if not isinstance(size, Dim) and size + 2 * padding < reach:
                raise ShapeError(
                    f"{self.name}: a patch of {reach} does not fit into {size} with padding "
                    f"{padding}",
                    argument="kernel",
                )
            counts.append((size + 2 * padding - reach) // stride + 1)
        return tuple(counts)

    def reduction(self, *inputs: Shape) -> _Reduction:
        return None

    def window(self, *inputs: Shape) -> _Window:
        triples = zip(*(self._pair(a) for a in ("kernel", "stride", "dilation")), strict=True)
        return tuple(triples)

    def expression(self, *inputs: Shape) -> Call:
        made = self.module(*inputs)
        assert made is not None
        function = {"nn.Unfold": "F.unfold", "nn.Fold": "F.fold"}[made.function]
        return Call(function, (positional("input", Operand(0), ""), *made.args))


class Unfold(Patches, name="unfold", main="kernel"):
    """All patches of an image as columns: channels·kernel² x number of patches."""

    torch_name: ClassVar[str] = "torch.nn.Unfold"

    kernel: _Pair = Field(description="The size of a patch.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        _image("unfold", shape)
        down, across = self._grid(shape[1:])
        return ((shape[0] * prod(self._pair("kernel")), down * across),)

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Unfold",
            (
                keyword("kernel_size", self.kernel, slot="kernel"),
                keyword("dilation", self.dilation, 1),
                keyword("padding", self.padding, 0),
                keyword("stride", self.stride, 1),
            ),
        )


class Fold(Patches, name="fold", main="size"):
    """Patches as columns added up into an image; where patches overlap, they are summed."""

    torch_name: ClassVar[str] = "torch.nn.Fold"

    size: _Pair = Field(description="Height and width of the image.")
    kernel: _Pair = Field(description="The size of a patch.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        _image("fold", shape, 2)
        size = self._pair("size")
        area = prod(self._pair("kernel"))
        _divides("fold", area, shape[0], "the first dim", "kernel")
        down, across = self._grid(size)
        if down * across != shape[1]:
            raise ShapeError(
                f"fold to {size[0]} x {size[1]} needs {down} x {across} = {down * across} "
                f"patches, and there are {shape[1]}",
                argument="size",
            )
        return ((shape[0] // area, *size),)

    def window(self, *inputs: Shape) -> _Window:
        return ()

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Fold",
            (
                keyword("output_size", self.size, slot="size"),
                keyword("kernel_size", self.kernel, slot="kernel"),
                keyword("dilation", self.dilation, 1),
                keyword("padding", self.padding, 0),
                keyword("stride", self.stride, 1),
            ),
        )
