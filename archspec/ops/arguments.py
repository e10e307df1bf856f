"""Argument types that ops share: sizes per spatial axis, padding by number or word.

A size is written as one number for all axes or as a list with one number per axis, and kept as a
tuple with one number per axis.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from archspec.fields import JsonSchema, Plain

from .base import ShapeError
from .dims import Dim, Shape, show_shape

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""The names of the spatial axes, by their number."""


def _is_size(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


class SizeReader:
    """Reads one number, or a list of `axes` numbers, of at least `least`; or one of `words`."""

    def __init__(self, axes: int, least: int, words: tuple[str, ...] = (), none: bool = False):
        self.axes = axes
        self.least = least
        self.words = words
        self.none = none

    def __call__(self, value: Any) -> Any:
        if value in self.words if isinstance(value, str) else self._fits(value):
            return value if isinstance(value, str) else (value,) * self.axes
        if (
            isinstance(value, list | tuple)
            and len(value) == self.axes
            and all(self._fits(item) for item in value)
        ):
            return tuple(value)
        raise ValueError(self._expected())

    def _fits(self, value: Any) -> bool:
        return _is_size(value, self.least) or (self.none and value is None)

    def _expected(self) -> str:
        words = "".join(f", or `{word}`" for word in self.words)
        null = ", null where an axis keeps its size," if self.none else ""
        if self.axes == 1:
            return f"a whole number of at least {self.least}{words} was expected"
        names = ", ".join(AXES[self.axes])
        return (
            f"a whole number of at least {self.least}{words}, or a list of {self.axes} of them "
            f"({names}){null} was expected"
        )

    def schema(self) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "integer", "minimum": self.least}
        if self.none:
            number = {"anyOf": [number, {"type": "null"}]}
        listed = {
            "type": "array",
            "items": number,
            "minItems": self.axes,
            "maxItems": self.axes,
        }
        words = [{"enum": list(self.words)}] if self.words else []
        return {"anyOf": [number, listed, *words]}


def _annotations(
    axes: int, least: int, words: tuple[str, ...] = (), none: bool = False
) -> tuple[Plain, JsonSchema]:
    sizes = SizeReader(axes, least, words, none)
    return Plain(sizes), JsonSchema(sizes.schema())


Size1: TypeAlias = Annotated[tuple[int], *_annotations(1, 1)]
Size2: TypeAlias = Annotated[tuple[int, int], *_annotations(2, 1)]
Size3: TypeAlias = Annotated[tuple[int, int, int], *_annotations(3, 1)]
"""A positive number for each spatial axis."""

Count1: TypeAlias = Annotated[tuple[int], *_annotations(1, 0)]
Count2: TypeAlias = Annotated[tuple[int, int], *_annotations(2, 0)]
Count3: TypeAlias = Annotated[tuple[int, int, int], *_annotations(3, 0)]
"""A number of at least 0 for each spatial axis."""

_HALF = ("half",)
HalfPadding1: TypeAlias = Annotated[tuple[int] | Literal["half"], *_annotations(1, 0, _HALF)]
HalfPadding2: TypeAlias = Annotated[tuple[int, int] | Literal["half"], *_annotations(2, 0, _HALF)]
HalfPadding3: TypeAlias = Annotated[
    tuple[int, int, int] | Literal["half"], *_annotations(3, 0, _HALF)
]
"""Padding on both sides of each spatial axis, or `half`: kernel // 2."""

_WORDS = ("half", "same", "valid")
Words: TypeAlias = Literal["half", "same", "valid"]
Padding1: TypeAlias = Annotated[tuple[int] | Words, *_annotations(1, 0, _WORDS)]
Padding2: TypeAlias = Annotated[tuple[int, int] | Words, *_annotations(2, 0, _WORDS)]
Padding3: TypeAlias = Annotated[tuple[int, int, int] | Words, *_annotations(3, 0, _WORDS)]
"""Padding on both sides of each spatial axis, or `half` (kernel // 2), torch's `same`, `valid`."""

OutputSize1: TypeAlias = Annotated[tuple[int], *_annotations(1, 1)]
OutputSize2: TypeAlias = Annotated[tuple[int | None, int | None], *_annotations(2, 1, none=True)]
OutputSize3: TypeAlias = Annotated[
    tuple[int | None, int | None, int | None], *_annotations(3, 1, none=True)
]
"""The size to reach along each spatial axis; None keeps the size that the input has."""


def compact(values: tuple[Any, ...]) -> Any:
    """The tuple as people write it: one number where all axes have the same."""
    same = values[0] is not None and all(value == values[0] for value in values)
    return values[0] if same else values


def half(kernel: tuple[int, ...]) -> tuple[int, ...]:
    """The padding called `half`: kernel // 2 along each axis, whatever the dilation is."""
    return tuple(size // 2 for size in kernel)


def channels(op: str, shape: Shape) -> int:
    """The channels of an input (its first size), which weights depend on."""
    return weight_size(op, shape, 0, "channels")


def features(op: str, shape: Shape) -> int:
    """The features of an input (its last size), which weights depend on."""
    return weight_size(op, shape, -1, "features")


def weight_size(op: str, shape: Shape, at: int, what: str) -> int:
    """The size at one place of a shape, refused where it is left free or missing."""
    if not shape:
        raise ShapeError(f"{op} takes an input with {what}, not a scalar")
    size = shape[at]
    if isinstance(size, Dim):
        raise ShapeError(
            f"{op} has weights for {size} {what}, and weights cannot depend on a size left free",
            help=f"give the number of {what} of {show_shape(shape)} in `input:`",
        )
    return size


def agrees(op: str, argument: str, said: int | None, found: int, what: str) -> None:
    """Refuse a size that the spec says and that the input does not have."""
    if said is not None and said != found:
        raise ShapeError(
            f"{op} says {argument} {said}, and its input has {found} {what}", argument=argument
        )


def spatial(op: str, shape: Shape, axes: int, others: dict[int, str] | None = None) -> Shape:
    """The spatial sizes of an input that must be channels and `axes` more dims.

    others: the op that takes a number of spatial axes, for the advice.
    """
    if len(shape) != axes + 1:
        wanted = " x ".join(("channels", *AXES[axes]))
        fitting = (others or {}).get(len(shape) - 1)
        raise ShapeError(
            f"{op} takes {wanted}, not {show_shape(shape)}",
            help=f"{fitting} takes {' x '.join(('channels', *AXES[len(shape) - 1]))}"
            if fitting
            else None,
        )
    return shape[1:]


def divisors(*numbers: int) -> str:
    """The numbers that divide all of these, for advice: `1, 2, 4, 8`."""
    common = [n for n in range(1, min(numbers) + 1) if all(number % n == 0 for number in numbers)]
    shown = [str(n) for n in common]
    return ", ".join(shown if len(shown) <= 10 else [*shown[:9], "...", shown[-1]])
