"""Arithmetic: element by element between tensors, and with constants."""

from fractions import Fraction
from typing import ClassVar

from archspec.fields import Field

from .axes import product
from .base import Arg, Call, Op, Operand, ShapeError, keyword, positional
from .dims import Dim, Shape, show_shape


class Elementwise(Op):
    """An operation between the same places of two or more tensors."""

    main_is_inputs: ClassVar[bool] = True
    broadcasts_batch: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, None)
    output_is_saved: ClassVar[bool] = False
    function: ClassVar[str]

    broadcast: bool = Field(
        False, description="Let an axis of size 1 stretch to the size of the other inputs."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        joined = inputs[0]
        for other in inputs[1:]:
            if other != joined:
                joined = self._join(joined, other)
        return (joined,)

    def _join(self, left: Shape, right: Shape) -> Shape:
        both = f"{show_shape(left)} and {show_shape(right)}"
        if len(left) != len(right):
            raise ShapeError(
                f"{self.name} joins tensors of {len(left)} and {len(right)} dims ({both})",
                help="bring them to equally many dims first, with unsqueeze or flatten",
            )
        joined: list[int | Dim] = []
        for number, (a, b) in enumerate(zip(left, right, strict=True)):
            if a == b or (self.broadcast and 1 in (a, b)):
                joined.append(b if a == 1 else a)
            else:
                raise ShapeError(
                    f"{self.name} joins {_sizes(number, len(left), a, b)} ({both})",
                    argument="broadcast" if 1 in (a, b) else None,
                    help=_advice(number, a, b),
                )
        return tuple(joined)

    def expression(self, *inputs: Shape) -> Call:
        return Call(self.function)


def _sizes(number: int, rank: int, a: int | Dim, b: int | Dim) -> str:
    if number == 0 and rank > 2:
        return f"{a} and {b} channels"
    return f"sizes {a} and {b} in dim {number}"


def _advice(number: int, a: int | Dim, b: int | Dim) -> str:
    if 1 in (a, b):
        return "write `broadcast: true` if the size 1 is meant to stretch"
    if not isinstance(a, Dim) and not isinstance(b, Dim):
        if number == 0:
            return f"make both {a} or both {b}, for example by a 1x1 convolution on one side"
        large, small = max(a, b), min(a, b)
        stride = -(-large // small)
        if stride > 1 and -(-large // stride) == small:
            return f"`stride: {stride}` on the way of the larger side would give {small}"
        return "give both sides the same stride and padding; `padding: half` keeps a size"
    return different(a, b)


def different(a: int | Dim, b: int | Dim) -> str:
    """What to do about two sizes, one of them free, that some sizes of the input make equal."""
    floors = max(size.floors if isinstance(size, Dim) else 0 for size in (a, b))
    if floors:  # a stride on the way
        return (
            "they are equal at some input sizes only: `upsample_like: [ONE, OTHER]` brings one to "
            "the size of the other, or the input has a fixed size"
        )
    return "the two sizes must be equal at every input size"


class Add(Elementwise, name="add"):
    """Sum of two or more tensors, element by element.

    The shapes must be equal unless `broadcast: true` says that size 1 may stretch.
    """

    torch_name: ClassVar[str] = "torch.add"
    function: ClassVar[str] = "+"


class Sub(Elementwise, name="sub"):
    """Difference of two tensors, element by element."""

    torch_name: ClassVar[str] = "torch.sub"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    function: ClassVar[str] = "-"


class Mul(Elementwise, name="mul"):
    """Product of two or more tensors, element by element.

    An axis of size 1 stretches, as in channel gating: 64 x 1 x 1 times 64 x 56 x 56.
    """

    torch_name: ClassVar[str] = "torch.mul"
    function: ClassVar[str] = "*"

    broadcast: bool = Field(
        True, description="Let an axis of size 1 stretch to the size of the other inputs."
    )


class Div(Elementwise, name="div"):
    """Quotient of two tensors, element by element; an axis of size 1 stretches."""

    torch_name: ClassVar[str] = "torch.div"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    function: ClassVar[str] = "/"

    broadcast: bool = Field(
        True, description="Let an axis of size 1 stretch to the size of the other inputs."
    )


class Extremum(Elementwise):
    """The largest or smallest of the same places of two or more tensors."""

    def expression(self, *inputs: Shape) -> Call:
        text = "{0}"
        for index in range(1, len(inputs)):
            text = f"{self.torch_name}({text}, {{{index}}})"
        return Call(text)


class Maximum(Extremum, name="maximum"):
    """Largest of two or more tensors, element by element."""

    torch_name: ClassVar[str] = "torch.maximum"


class Minimum(Extremum, name="minimum"):
    """Smallest of two or more tensors, element by element."""

    torch_name: ClassVar[str] = "torch.minimum"


class Pointwise(Op):
    """A function of each element by itself."""

    output_is_saved: ClassVar[bool] = False

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (inputs[0],)

    def arguments(self) -> tuple[Arg, ...]:
        """What the torch function takes after the tensor."""
        return ()

    def expression(self, *inputs: Shape) -> Call:
        return Call(self.torch_name, (positional("input", Operand(0), ""), *self.arguments()))


class Scale(Pointwise, name="scale", main="factor"):
    """Product with a constant."""

    torch_name: ClassVar[str] = "torch.mul"

    factor: float = Field(description="The number that every element is multiplied by.")

    def expression(self, *inputs: Shape) -> Call:
        return Call("{0} * {factor}", (keyword("factor", self.factor),))


class Offset(Pointwise, name="offset", main="amount"):
    """Sum with a constant."""

    torch_name: ClassVar[str] = "torch.add"

    amount: float = Field(description="The number that is added to every element.")

    def expression(self, *inputs: Shape) -> Call:
        return Call("{0} + {amount}", (keyword("amount", self.amount),))


class Pow(Pointwise, name="pow", main="exponent"):
    """Power with a constant exponent."""

    torch_name: ClassVar[str] = "torch.pow"

    exponent: float = Field(description="The power that every element is raised to.")

    def arguments(self) -> tuple[Arg, ...]:
        return (positional("exponent", self.exponent),)


class Sqrt(Pointwise, name="sqrt"):
    """Square root of each element."""

    torch_name: ClassVar[str] = "torch.sqrt"
    output_is_saved: ClassVar[bool] = True


class Exp(Pointwise, name="exp"):
    """Exponential of each element."""

    torch_name: ClassVar[str] = "torch.exp"
    output_is_saved: ClassVar[bool] = True


class Log(Pointwise, name="log"):
    """Natural logarithm of each element."""

    torch_name: ClassVar[str] = "torch.log"


class Abs(Pointwise, name="abs"):
    """Absolute value of each element."""

    torch_name: ClassVar[str] = "torch.abs"


class Neg(Pointwise, name="neg"):
    """Each element with its sign turned."""

    torch_name: ClassVar[str] = "torch.neg"


class Clamp(Pointwise, name="clamp"):
    """Each element held between a smallest and a largest value."""

    torch_name: ClassVar[str] = "torch.clamp"

    min: float | None = Field(None, description="The smallest value; none when left out.")
    max: float | None = Field(None, description="The largest value; none when left out.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.min is None and self.max is None:
            raise ShapeError("clamp without min or max holds nothing", argument="min")
        return (inputs[0],)

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("min", self.min, None), keyword("max", self.max, None))


class MatMul(Op, name="matmul"):
    """Matrix product over the last two axes of two tensors; the axes before them go in step."""

    torch_name: ClassVar[str] = "torch.matmul"
    main_is_inputs: ClassVar[bool] = True
    broadcasts_batch: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    output_is_saved: ClassVar[bool] = False

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        left, right = inputs
        both = f"{show_shape(left)} and {show_shape(right)}"
        if len(left) != len(right) or len(left) < 2:
            raise ShapeError(
                f"matmul needs two tensors of equally many dims, at least 2, not {both}"
            )
        if left[-1] != right[-2]:
            raise ShapeError(
                f"matmul of {both}: the left has {left[-1]} columns, the right {right[-2]} rows",
                help="a transpose of one side may be missing",
            )
        lead: list[int | Dim] = []
        for number, (a, b) in enumerate(zip(left[:-2], right[:-2], strict=True)):
            if a != b and 1 not in (a, b):
                raise ShapeError(f"matmul of {both}: sizes {a} and {b} in dim {number}")
            lead.append(b if a == 1 else a)
        return ((*lead, left[-2], right[-1]),)

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        return product(outputs[0]) * inputs[0][-1]

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        return None

    def expression(self, *inputs: Shape) -> Call:
        return Call("@")
