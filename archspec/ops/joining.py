"""Joining and cutting: several tensors become one along an axis, and one becomes several."""

from fractions import Fraction
from typing import Annotated, ClassVar

from archspec.fields import Field

from .arithmetic import different
from .axes import Ints, axis, replace, torch_dim
from .base import Call, Op, Operand, Operands, ShapeError, keyword, positional
from .dims import Dim, Shape, show_shape

MOST_PIECES = 10_000


def _unlike(a: int | Dim, b: int | Dim) -> str:
    if isinstance(a, Dim) or isinstance(b, Dim):
        return different(a, b)
    return "give both sides the same stride and padding, or another dim"


class Concat(Op, name="concat"):
    """Two or more tensors joined end to end along an axis."""

    torch_name: ClassVar[str] = "torch.cat"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    output_is_saved: ClassVar[bool] = False

    dim: int = Field(0, description="The axis to join along; 0 is channels.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        first = inputs[0]
        at = axis("concat", self.dim, first)
        length = first[at]
        for other in inputs[1:]:
            if first[:at] == other[:at] and first[at + 1 :] == other[at + 1 :]:
                length = length + other[at]
                continue
            both = f"{show_shape(first)} and {show_shape(other)}"
            if len(other) != len(first):
                raise ShapeError(
                    f"concat joins tensors of {len(first)} and {len(other)} dims ({both})",
                    help="bring them to equally many dims first, with unsqueeze or flatten",
                )
            for number, (a, b) in enumerate(zip(first, other, strict=True)):
                if number != at and a != b:
                    raise ShapeError(
                        f"concat along dim {self.dim} meets sizes {a} and {b} in dim {number} "
                        f"({both}); only dim {self.dim} may differ",
                        argument="dim",
                        help=_unlike(a, b),
                    )
        return (replace(first, at, length),)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return () if axis("concat", self.dim, inputs[0]) == 0 else None

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.cat",
            (positional("tensors", Operands(), ""), keyword("dim", torch_dim(self.dim), 0)),
        )


class ConcatPadded(Op, name="concat_padded"):
    """Tensors joined along the channels; the smaller ones get zeros behind, up to the largest."""

    torch_name: ClassVar[str] = "torch.cat"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    output_is_saved: ClassVar[bool] = False
    helper_source: ClassVar[str] = '''\
def concat_padded(tensors):
    """The tensors joined along the channels, each with zeros behind up to the size of the largest."""
    sizes = [max(axis) for axis in zip(*[x.shape[2:] for x in tensors])]
    joined = []
    for x in tensors:
        border = []
        for size, has in zip(reversed(sizes), reversed(x.shape[2:])):
            border += [0, size - has]
        joined.append(F.pad(x, border) if any(border) else x)
    return torch.cat(joined, 1)
'''

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        first = inputs[0]
        for other in inputs[1:]:
            both = f"{show_shape(first)} and {show_shape(other)}"
            if len(other) != len(first):
                raise ShapeError(
                    f"concat_padded joins tensors of {len(first)} and {len(other)} dims ({both})"
                )
            if first[1:] != other[1:] and any(isinstance(d, Dim) for d in (*first, *other)):
                raise ShapeError(f"which of {both} is larger is not known before the sizes are")
        channels: int | Dim = first[0]
        for other in inputs[1:]:
            channels = channels + other[0]
        sizes = tuple(max(axis, key=_size) for axis in zip(*(s[1:] for s in inputs), strict=True))
        return ((channels, *sizes),)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return () if all(shape[1:] == inputs[0][1:] for shape in inputs) else None

    def expression(self, *inputs: Shape) -> Call:
        return Call("concat_padded", (positional("tensors", Operands(), ""),))


def _size(size: int | Dim) -> int:
    """A size to compare; free ones are compared with themselves alone."""
    return size if isinstance(size, int) else 0


class Stack(Op, name="stack"):
    """Two or more tensors of one shape side by side along a new axis."""

    torch_name: ClassVar[str] = "torch.stack"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (1, None)
    output_is_saved: ClassVar[bool] = False

    dim: int = Field(0, description="Where the new axis stands in the result.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        first = inputs[0]
        for other in inputs[1:]:
            if other != first:
                raise ShapeError(
                    f"stack needs equal shapes, not {show_shape(first)} and {show_shape(other)}"
                )
        at = axis("stack", self.dim, first, extra=1)
        return ((*first[:at], len(inputs), *first[at:]),)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.stack",
            (positional("tensors", Operands(), ""), keyword("dim", torch_dim(self.dim), 0)),
        )


class Cut(Op):
    """An op that takes pieces of one tensor along an axis."""

    dim: int = Field(0, description="The axis to cut along; 0 is channels.")

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return () if axis(self.name, self.dim, inputs[0]) == 0 else None

    def _cut(self, shape: Shape) -> tuple[int, int | Dim]:
        """The axis and its size."""
        at = axis(self.name, self.dim, shape)
        return at, shape[at]

    @staticmethod
    def _check_count(pieces: int, argument: str) -> None:
        """Refuse what would be no architecture before it fills the memory."""
        if pieces > MOST_PIECES:
            raise ShapeError(
                f"a cut into {pieces:,} pieces, and {MOST_PIECES:,} is most", argument=argument
            )


class Split(Cut, name="split", main="sizes"):
    """One tensor cut into pieces of given sizes along an axis; each piece is an output."""

    torch_name: ClassVar[str] = "torch.split"

    sizes: Annotated[int, Field(gt=0)] | Ints = Field(
        description="The size of every piece (the last may be smaller), or a list of sizes."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        at, size = self._cut(inputs[0])
        if isinstance(self.sizes, int):
            if isinstance(size, Dim):
                raise ShapeError(
                    f"split of dim {self.dim}, whose size {size} is free: how many pieces there "
                    "are would depend on the input",
                    argument="sizes",
                    help="use chunk, or split an axis of known size",
                )
            self._check_count(-(-size // self.sizes), "sizes")
            pieces: tuple[int, ...] = tuple(
                min(self.sizes, size - start) for start in range(0, size, self.sizes)
            )
        else:
            pieces = self.sizes
            if any(piece < 1 for piece in pieces):
                raise ShapeError(
                    f"split into sizes {list(pieces)}: every piece must have at least size 1",
                    argument="sizes",
                )
            if sum(pieces) != size:
                raise ShapeError(
                    f"split into sizes {list(pieces)}, which add up to {sum(pieces)}, "
                    f"of dim {self.dim} with size {size}",
                    argument="sizes",
                )
        return tuple(replace(inputs[0], at, piece) for piece in pieces)

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.split",
            (
                positional("input", Operand(0), ""),
                positional("sizes", self.sizes),
                keyword("dim", torch_dim(self.dim), 0),
            ),
        )


class Chunk(Cut, name="chunk", main="chunks"):
    """One tensor cut into a number of equal pieces along an axis; each piece is an output.

    Where the size does not divide, the last piece is smaller, as in torch.
    """

    torch_name: ClassVar[str] = "torch.chunk"

    chunks: int = Field(gt=0, description="How many pieces.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        at, size = self._cut(inputs[0])
        if isinstance(size, Dim):
            piece = size // self.chunks
            if piece * self.chunks != size:
                raise ShapeError(
                    f"chunk into {self.chunks} of dim {self.dim}, whose size {size} is free and "
                    f"may not be a multiple of {self.chunks}",
                    argument="chunks",
                )
            self._check_count(self.chunks, "chunks")
            return (replace(inputs[0], at, piece),) * self.chunks
        self._check_count(min(self.chunks, size), "chunks")
        length = -(-size // self.chunks)
        pieces = [min(length, size - start) for start in range(0, size, length)]
        return tuple(replace(inputs[0], at, piece) for piece in pieces)

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.chunk",
            (
                positional("input", Operand(0), ""),
                positional("chunks", self.chunks),
                keyword("dim", torch_dim(self.dim), 0),
            ),
        )


class Slice(Cut, name="slice"):
    """The part of a tensor from `start` up to (not with) `stop` along an axis, every `step`th.

    Negative bounds count from the end, and bounds beyond the end stop there, as in Python.
    """

    torch_name: ClassVar[str] = "torch.Tensor.__getitem__"

    start: int | None = Field(None, description="The first index to take; from the start if none.")
    stop: int | None = Field(None, description="The index to stop before; to the end if none.")
    step: int = Field(1, gt=0, description="Take every `step`th.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        at, size = self._cut(inputs[0])
        if isinstance(size, Dim):  # taken to be large enough for both bounds
            begin = _bound(self.start or 0, size)
            end = size if self.stop is None else _bound(self.stop, size)
            length = (end - begin + self.step - 1) // self.step
        else:
            length = len(range(size)[self.start : self.stop : self.step])
        if not isinstance(length, Dim) and length < 1:
            raise ShapeError(
                f"slice from {self.start or 0} to {'the end' if self.stop is None else self.stop} "
                f"of dim {self.dim} with size {size} is empty",
                argument="start" if self.stop is None else "stop",
            )
        return (replace(inputs[0], at, length),)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        at, _ = self._cut(inputs[0])
        if at == 0:
            return ()
        if self.start or self.stop is not None:
            return None
        steps = [Fraction(1)] * (len(inputs[0]) - 1)
        steps[at - 1] = Fraction(self.step)
        return tuple(steps) if self.step > 1 else ()

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        at, _ = self._cut(inputs[0])
        if at == 0 or self.step == 1:
            return ()
        return tuple(
            (1, self.step if number == at else 1, 1) for number in range(1, len(inputs[0]))
        )

    def expression(self, *inputs: Shape) -> Call:
        at, _ = self._cut(inputs[0])
        bounds = [":"] * (at + 1)
        taken = "{start}:" if self.start is not None else ":"
        taken += "{stop}" if self.stop is not None else ""
        taken += ":{step}" if self.step != 1 else ""
        return Call(
            f"{{0}}[{', '.join([*bounds, taken])}]",
            (
                keyword("start", self.start, None),
                keyword("stop", self.stop, None),
                keyword("step", self.step, 1),
            ),
        )


def _bound(index: int, size: Dim) -> int | Dim:
    return index if index >= 0 else size + index


class Take(Op, name="take"):
    """The places of a tensor that a second one, of whole numbers, names.

    `take: [table, index]` is a table of position biases at each pair of places, for example. The
    index is one for all samples: a `constant`, a `buffer`, or what is computed from these.
    """

    torch_name: ClassVar[str] = "torch.Tensor.__getitem__"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    unbatched_inputs: ClassVar[frozenset[int]] = frozenset({1})
    integer_inputs: ClassVar[frozenset[int]] = frozenset({1})
    output_is_saved: ClassVar[bool] = False

    dim: int = Field(0, description="The axis to take from; it becomes the axes of the index.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        table, index = inputs
        at = axis("take", self.dim, table)
        return ((*table[:at], *index, *table[at + 1 :]),)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        return None

    def expression(self, *inputs: Shape) -> Call:
        at = axis("take", self.dim, inputs[0])
        return Call(f"{{0}}[{', '.join([':'] * (at + 1))}, {{1}}]")


class Index(Cut, name="index", main="index"):
    """One place along an axis, such as the class token; the axis goes away."""

    torch_name: ClassVar[str] = "torch.select"

    index: int = Field(description="Which place to take; negative ones count from the end.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        at, size = self._cut(inputs[0])
        if not isinstance(size, Dim) and not -size <= self.index < size:
            raise ShapeError(
                f"index {self.index} of dim {self.dim} with size {size}: "
                f"there are 0 to {size - 1}, or -{size} to -1 from the end",
                argument="index",
            )
        return (replace(inputs[0], at),)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None

    def expression(self, *inputs: Shape) -> Call:
        at, _ = self._cut(inputs[0])
        return Call(
            f"{{0}}[{', '.join([':'] * (at + 1))}, {{index}}]", (keyword("index", self.index),)
        )
