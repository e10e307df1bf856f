"""Shaping: the same elements in another arrangement."""

from fractions import Fraction
from math import prod
from typing import Annotated, ClassVar

from archspec.fields import Field

from .axes import Ints, OneOrMore, axes, axis, product, replace, torch_dim, torch_dims
from .base import Call, Op, Operand, ShapeError, keyword, positional
from .dims import Dim, Shape, show_shape


class Rearrangement(Op):
    """An op after which the axes are no longer those of an image."""

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None


class Flatten(Rearrangement, name="flatten", main="start_dim"):
    """A range of axes merged into one; all of them (not the batch) unless told otherwise."""

    torch_name: ClassVar[str] = "torch.nn.Flatten"

    start_dim: int = Field(0, description="The first axis to merge; 0 is channels.")
    end_dim: int = Field(-1, description="The last axis to merge.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if not shape:
            raise ShapeError(
                "flatten of one number a sample: there is nothing to merge",
                help="`unsqueeze: 0` makes it a vector of length 1",
            )
        start = axis("flatten", self.start_dim, shape, "start_dim")
        end = axis("flatten", self.end_dim, shape, "end_dim")
        if start > end:
            raise ShapeError(
                f"flatten from dim {self.start_dim} to dim {self.end_dim} of {show_shape(shape)}: "
                "the end is before the start",
                argument="end_dim",
            )
        return ((*shape[:start], product(shape[start : end + 1]), *shape[end + 1 :]),)

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Flatten",
            (
                keyword("start_dim", torch_dim(self.start_dim), 1),
                keyword("end_dim", torch_dim(self.end_dim), -1),
            ),
        )

    def expression(self, *inputs: Shape) -> Call:
        args = (
            positional("input", Operand(0), ""),
            positional("start_dim", torch_dim(self.start_dim)),
        )
        return Call("torch.flatten", (*args, keyword("end_dim", torch_dim(self.end_dim), -1)))


def _sized(op: str, sizes: tuple[int, ...], total: int | Dim, argument: str) -> Shape:
    """The sizes with a -1 worked out, so that there are `total` elements."""
    if not sizes or any(size < 1 and size != -1 for size in sizes) or sizes.count(-1) > 1:
        raise ShapeError(
            f"{op} to {list(sizes)}: sizes are positive numbers, and at most one of them is -1",
            argument=argument,
            help="-1 stands for the size that follows from the others",
        )
    known = prod(size for size in sizes if size != -1)
    rest = total // known
    if -1 in sizes and isinstance(total, Dim):
        pass  # torch refuses the free sizes that do not divide
    elif (rest if -1 in sizes else 1) * known != total:
        raise ShapeError(
            f"{op} to {list(sizes)} of {total} elements, "
            + (f"which {known} does not divide" if -1 in sizes else f"not {known}"),
            argument=argument,
        )
    return tuple(rest if size == -1 else size for size in sizes)


class Reshape(Rearrangement, name="reshape", main="shape"):
    """The same elements in the same order under another shape; the batch stays as it is."""

    torch_name: ClassVar[str] = "torch.reshape"

    shape: Ints = Field(description="The new sizes without the batch; one may be -1.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (_sized("reshape", self.shape, product(inputs[0]), "shape"),)

    def expression(self, *inputs: Shape) -> Call:
        names = [f"size{number}" for number in range(len(self.shape))]
        places = ", ".join(f"{{{name}}}" for name in names)
        return Call(
            f"{{0}}.reshape({{0}}.shape[0], {places})",
            tuple(
                keyword(name, size, slot="shape")
                for name, size in zip(names, self.shape, strict=True)
            ),
        )


class Unflatten(Rearrangement, name="unflatten", main="sizes"):
    """One axis taken apart into several; the opposite of flatten."""

    torch_name: ClassVar[str] = "torch.nn.Unflatten"

    sizes: Ints = Field(description="The sizes of the new axes; one may be -1.")
    dim: int = Field(0, description="The axis to take apart; 0 is channels.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        at = axis("unflatten", self.dim, inputs[0])
        return (replace(inputs[0], at, *_sized("unflatten", self.sizes, inputs[0][at], "sizes")),)

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Unflatten",
            (
                positional("dim", torch_dim(self.dim)),
                positional("sizes", self.sizes),
            ),
        )

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            ".unflatten", (positional("dim", torch_dim(self.dim)), positional("sizes", self.sizes))
        )


class Permute(Rearrangement, name="permute", main="dims"):
    """The axes in another order."""

    torch_name: ClassVar[str] = "torch.permute"

    dims: Ints = Field(description="Which axis comes first, second, and so on; 0 is channels.")

    def _order(self, shape: Shape) -> tuple[int, ...]:
        if len(self.dims) != len(shape):
            raise ShapeError(
                f"permute names {len(self.dims)} dims of {show_shape(shape)}, which has "
                f"{len(shape)}",
                argument="dims",
                help="name every dim once, without the batch",
            )
        return axes("permute", self.dims, shape)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (tuple(inputs[0][at] for at in self._order(inputs[0])),)

    def expression(self, *inputs: Shape) -> Call:
        order = (0, *(at + 1 for at in self._order(inputs[0])))
        return Call(".permute", tuple(positional("dims", at, "dims" if at else "") for at in order))


class Transpose(Rearrangement, name="transpose", main="dims"):
    """Two axes exchanged."""

    torch_name: ClassVar[str] = "torch.transpose"

    dims: Annotated[Ints, Field(min_length=2, max_length=2)] = Field(
        description="The two axes; 0 is channels."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        sizes = list(inputs[0])
        a, b = (axis("transpose", dim, inputs[0], "dims") for dim in self.dims)
        sizes[a], sizes[b] = sizes[b], sizes[a]
        return (tuple(sizes),)

    def expression(self, *inputs: Shape) -> Call:
        return Call(".transpose", tuple(positional("dims", torch_dim(dim)) for dim in self.dims))


class Squeeze(Rearrangement, name="squeeze", main="dims"):
    """Axes of size 1 taken away."""

    torch_name: ClassVar[str] = "torch.squeeze"

    dims: OneOrMore = Field(description="The axes to take away; each must have size 1.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        gone = axes("squeeze", self.dims, inputs[0])
        for at in gone:
            if inputs[0][at] != 1:
                raise ShapeError(
                    f"squeeze of dim {at} of {show_shape(inputs[0])}, which has size "
                    f"{inputs[0][at]} and not 1",
                    argument="dims",
                )
        return (tuple(size for at, size in enumerate(inputs[0]) if at not in gone),)

    def expression(self, *inputs: Shape) -> Call:
        return Call(".squeeze", (positional("dims", torch_dims(self.dims)),))


class Unsqueeze(Rearrangement, name="unsqueeze", main="dim"):
    """A new axis of size 1."""

    torch_name: ClassVar[str] = "torch.unsqueeze"

    dim: int = Field(description="Where the new axis stands in the result; 0 is before channels.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        at = axis("unsqueeze", self.dim, inputs[0], extra=1)
        return ((*inputs[0][:at], 1, *inputs[0][at:]),)

    def expression(self, *inputs: Shape) -> Call:
        return Call(".unsqueeze", (positional("dim", torch_dim(self.dim)),))


class Expand(Rearrangement, name="expand", main="shape"):
    """Axes of size 1 stretched to a size without copying; -1 leaves an axis alone."""

    torch_name: ClassVar[str] = "torch.Tensor.expand"

    shape: Ints = Field(description="The new sizes without the batch.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        both = f"{show_shape(shape)} to {list(self.shape)}"
        if len(self.shape) != len(shape):
            raise ShapeError(
                f"expand of {both}: there are {len(shape)} dims and {len(self.shape)} sizes",
                argument="shape",
                help="a new axis comes from unsqueeze",
            )
        result: list[int | Dim] = []
        for at, (size, wanted) in enumerate(zip(shape, self.shape, strict=True)):
            if wanted < 1 and wanted != -1:
                raise ShapeError(f"expand of {both}: {wanted} is no size", argument="shape")
            if wanted not in (-1, size) and size != 1:
                raise ShapeError(
                    f"expand of {both}: dim {at} has size {size}, and only size 1 stretches",
                    argument="shape",
                )
            result.append(size if wanted == -1 else wanted)
        return (tuple(result),)

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            ".expand",
            (
                positional("batch", -1, ""),
                *(positional("shape", size) for size in self.shape),
            ),
        )


class Tile(Rearrangement, name="tile", main="repeats"):
    """The tensor laid out several times along its axes."""

    torch_name: ClassVar[str] = "torch.Tensor.repeat"
    output_is_saved: ClassVar[bool] = False

    repeats: Ints = Field(description="How many times along each axis, without the batch.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if len(self.repeats) != len(shape) or any(times < 1 for times in self.repeats):
            raise ShapeError(
                f"tile of {show_shape(shape)} by {list(self.repeats)}: it needs one positive "
                f"number for each of the {len(shape)} dims",
                argument="repeats",
            )
        return (tuple(size * times for size, times in zip(shape, self.repeats, strict=True)),)

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            ".repeat",
            (
                positional("batch", 1, ""),
                *(positional("repeats", times) for times in self.repeats),
            ),
        )


class Roll(Op, name="roll", main="shifts"):
    """Elements moved along axes, those pushed out coming in again at the other end."""

    torch_name: ClassVar[str] = "torch.roll"
    output_is_saved: ClassVar[bool] = False

    shifts: OneOrMore = Field(description="How far to move along each axis in `dims`.")
    dims: OneOrMore = Field(description="The axes to move along; 0 is channels.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        for dim in self.dims:
            axis("roll", dim, inputs[0], "dims")
        if len(self.shifts) != len(self.dims) or not self.dims:
            raise ShapeError(
                f"roll has {len(self.shifts)} shifts for {len(self.dims)} dims; it needs one each",
                argument="shifts",
            )
        return (inputs[0],)

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.roll",
            (
                positional("input", Operand(0), ""),
                keyword("shifts", self.shifts),
                keyword("dims", torch_dims(self.dims)),
            ),
        )
