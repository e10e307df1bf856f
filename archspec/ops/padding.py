"""Padding: borders around an image, and channels of zeros."""

from typing import ClassVar, Literal

from archspec.fields import Field

from .axes import Ints, replace
from .base import Call, Op, Operand, ShapeError, keyword, positional
from .dims import Dim, Shape, show_shape


class Pad(Op, name="pad", main="padding"):
    """A border around the last axes, of zeros unless told otherwise.

    A number pads every axis but the channels on both sides; a list is torch's:
    `[left, right, top, bottom]`, the last axis first. Negative numbers crop.
    """

    torch_name: ClassVar[str] = "torch.nn.functional.pad"
    output_is_saved: ClassVar[bool] = False

    padding: int | Ints = Field(
        description="The width of the border: a number, or before and after, the last axis first."
    )
    mode: Literal["constant", "reflect", "replicate", "circular"] = Field(
        "constant", description="What the border is filled with."
    )
    value: float = Field(0.0, description="The constant of mode `constant`.")

    def _pairs(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        """Before and after for each padded axis, the last axis first."""
        if isinstance(self.padding, int):
            return ((self.padding, self.padding),) * max(len(shape) - 1, min(len(shape), 1))
        if len(self.padding) % 2 or len(self.padding) > 2 * len(shape) or not self.padding:
            raise ShapeError(
                f"pad of {show_shape(shape)} by {list(self.padding)}: it needs two numbers for "
                "each padded dim, the last dim first",
                argument="padding",
            )
        return tuple(zip(self.padding[::2], self.padding[1::2], strict=True))

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        pairs = self._pairs(shape)
        if self.mode != "constant":
            if self.value:
                raise ShapeError(f"pad in mode {self.mode} takes no value", argument="value")
            if len(pairs) > 3:
                raise ShapeError(
                    f"pad in mode {self.mode} takes 3 dims at the most, not {len(pairs)}",
                    argument="padding",
                )
            if not (len(shape) - 1 <= len(pairs) <= len(shape) and pairs):
                raise ShapeError(
                    f"pad in mode {self.mode} of {show_shape(shape)} takes all "
                    f"{len(shape) - 1} dims after the channels, not {len(pairs)}",
                    argument="padding",
                )
        result = list(shape)
        for number, (before, after) in enumerate(pairs, 1):
            self._fits(shape[-number], before, after)
            size = shape[-number] + before + after
            if not isinstance(size, Dim) and size < 1:
                raise ShapeError(
                    f"pad by {before} and {after} leaves nothing of size {shape[-number]}",
                    argument="padding",
                )
            result[-number] = size
        return (tuple(result),)

    def _fits(self, size: int | Dim, before: int, after: int) -> None:
        most = max(before, after)
        if isinstance(size, Dim):
            return
        if (self.mode == "reflect" and most >= size) or (self.mode == "circular" and most > size):
            raise ShapeError(
                f"pad in mode {self.mode} by {most} of an axis of size {size}, which has no "
                f"{most} elements to take the border from",
                argument="padding",
            )

    def module(self, *inputs: Shape) -> Call | None:
        axes = len(self._pairs(inputs[0]))
        if axes > 3:
            return None
        padding = positional("padding", self.padding)
        if self.mode == "constant" and self.value:
            return Call(f"nn.ConstantPad{axes}d", (padding, positional("value", self.value)))
        kinds = {
            "constant": "Zero",
            "reflect": "Reflection",
            "replicate": "Replication",
            "circular": "Circular",
        }
        return Call(f"nn.{kinds[self.mode]}Pad{axes}d", (padding,))

    def expression(self, *inputs: Shape) -> Call:
        flat = tuple(width for pair in self._pairs(inputs[0]) for width in pair)
        return Call(
            "F.pad",
            (
                positional("input", Operand(0), ""),
                positional("padding", flat),
                keyword("mode", self.mode, "constant"),
                keyword("value", self.value, 0.0),
            ),
        )


class PadChannels(Op, name="pad_channels", main="channels"):
    """Channels of zeros added up to a given number, as in a parameter-free ResNet shortcut."""

    torch_name: ClassVar[str] = "torch.nn.functional.pad"
    output_is_saved: ClassVar[bool] = False

    channels: int = Field(gt=0, description="How many channels there are afterwards.")
    side: Literal["both", "end"] = Field(
        "both", description="Whether half of the new channels come first, or all come last."
    )

    def _missing(self, shape: Shape) -> int:
        if not shape or isinstance(shape[0], Dim):
            raise ShapeError(f"pad_channels of {show_shape(shape)}, which has no known channels")
        if shape[0] > self.channels:
            raise ShapeError(
                f"pad_channels to {self.channels} channels, and there are {shape[0]} already",
                argument="channels",
            )
        return self.channels - shape[0]

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._missing(inputs[0])
        return (replace(inputs[0], 0, self.channels),)

    def expression(self, *inputs: Shape) -> Call:
        missing = self._missing(inputs[0])
        before = missing // 2 if self.side == "both" else 0
        padding = (*(0, 0) * (len(inputs[0]) - 1), before, missing - before)
        return Call("F.pad", (positional("input", Operand(0), ""), positional("channels", padding)))
