"""What an op is: one declaration of its arguments, its shape rule, its cost and its code.

Every op of the language is a subclass of `Op`. An instance is the op with its arguments
(`Conv2d(out_channels=64, kernel=7, stride=2)`), checked as they are given; the methods answer the
questions that the rest of the pipeline asks. Nothing here imports torch: the code of an op is data
(`Call`), which a backend writes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeAlias

from archspec.fields import Fields

from .dims import Dim, Shape

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


Steps: TypeAlias = tuple[Fraction | int, ...]
"""A factor for each spatial axis."""


class ShapeError(Exception):
    """An op refuses its inputs: what is wrong, which argument is to blame, and what would fit."""

    def __init__(self, message: str, *, argument: str | None = None, help: str | None = None):
        super().__init__(message)
        self.message = message
        self.argument = argument
        self.help = help


class Weight(NamedTuple):
    """One `state_dict` entry of an op: its shape, its dtype, and whether it is trained."""

    shape: tuple[int, ...]
    trained: bool = True  # a parameter; otherwise a buffer
    dtype: str = "float32"


@dataclass(frozen=True, slots=True)
class Operand:
    """The op's input number `index` as an argument of generated code."""

    index: int


@dataclass(frozen=True, slots=True)
class Operands:
    """All inputs of the op as one list argument (`torch.cat([a, b])`)."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Source text that stands as it is, such as `self.training`."""

    text: str


REQUIRED: Any = object()


class Arg(NamedTuple):
    """One argument of a `Call`.

    name: the keyword in torch's signature, or "" for an argument written by position;
    value: a literal (number, bool, str, None, tuple of these), `Operand`, `Operands` or `Raw`;
    slot: the argument of the spec that the literal came from ("" when it was inferred);
    default: torch's own default, which is not written out.
    """

    name: str
    value: Any
    slot: str = ""
    default: Any = REQUIRED


@dataclass(frozen=True, slots=True)
class Call:
    """A call in generated source.

    `function` is a dotted name (`nn.Conv2d`, `F.relu`, `torch.cat`); a method of the first operand
    when it starts with a dot (`.permute`); an infix operator (`+`, `*`, `-`, `/`, `@`) between all
    operands; or a text with `{0}`, `{start}` placeholders for operands and arguments by name
    (`{0}[:, {start}:{stop}]`).
    In such a text `{self}` is the node's own module or tensor (`{self}({0}, {0}, {0})[0]`).
    """

    function: str
    args: tuple[Arg, ...] = ()


class Op(Fields):
    """One kind of operation; a subclass declares it, an instance is one use of it.

    Class keywords: `name` (the key in a spec), `main` (the argument that the key's value gives);
    `family` is the file it stands in. The arguments are annotated fields as in a pydantic model,
    with `Field(default, description=...)`; see `archspec.fields`.
    """

    name: ClassVar[str]
    main: ClassVar[str | None] = None
    family: ClassVar[str]
    torch_name: ClassVar[str] = ""
    """The torch class or function that this op is, as its documentation names it."""
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    """Fewest and most inputs; None for any number."""
    main_is_inputs: ClassVar[bool] = False
    """The key's value names the inputs (`add: [left, right]`) and is no field of the op."""
    broadcasts_batch: ClassVar[bool] = False
    """torch's call itself stretches a batch of one (a tensor of the model) to the batch of the
    other inputs."""
    unbatched_inputs: ClassVar[frozenset[int]] = frozenset()
    """Inputs, by number, that torch's call takes without a batch axis, such as a weight. They must
    be tensors of the model, or computed from such."""
    integer_inputs: ClassVar[frozenset[int]] = frozenset()
    """Inputs, by number, that hold whole numbers, such as positions to take."""
    sized_by: ClassVar[int | None] = None
    """The input, by number, whose size along all axes but the channels is that of the output."""
    accepts_inplace: ClassVar[bool] = False
    """The torch call takes `inplace=True`."""
    output_is_saved: ClassVar[bool] = True
    """Autograd keeps the output (or it is a view of the input): it must not be overwritten."""
    random: ClassVar[bool] = False
    """Draws random numbers in training mode, so its execution order is observable."""
    helper_source: ClassVar[str] = ""
    """Source of the module-level functions and classes that the op's calls name beyond torch's own;
    it may use `torch`, `nn`, `F` and `Tensor`, and stands once in generated code. It may also be one
    line `from package import Name`; the written-out file then needs that package."""

    def __init_subclass__(
        cls, *, name: str | None = None, main: str | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if name is None:
            return  # an abstract base of several ops
        from .registry import register

        cls.name = name
        cls.main = main
        cls.family = cls.__module__.rpartition(".")[2]
        register(cls)

    # -- arguments ------------------------------------------------------------------------

    @classmethod
    def fields(cls) -> "dict[str, FieldInfo]":
        """The arguments by name: their types, defaults and descriptions."""
        return cls.model().model_fields

    @classmethod
    def unchecked(cls, args: Mapping[str, Any]) -> Self:
        """The op with all of its arguments, as their checks would leave them."""
        op = object.__new__(cls)
        op.__dict__.update(args)
        return op

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.items()))

    def __repr__(self) -> str:
        args = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({args})"

    # -- shapes and cost ------------------------------------------------------------------

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        """Shapes of the outputs (without the batch dimension), or `ShapeError`."""
        raise NotImplementedError

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        """Parameters, then buffers, by their names below the module, in torch's order."""
        return {}

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        """Multiply-accumulates of convolution, linear and matrix products for one sample."""
        return 0

    def reduction(self, *inputs: Shape) -> Steps | None:
        """How much smaller each spatial axis becomes (stride 2 is 2, upsampling by 2 is 1/2).

        An empty tuple leaves the axes alone; None says that the output size is not a multiple of
        the input size (global and adaptive pooling, reshape).
        """
        return ()

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        """(kernel, stride, dilation) per spatial axis, for the receptive field; () for pointwise
        ops, None where every output sees the whole input."""
        return ()

    @property
    def bare(self) -> bool:
        """The output is a tensor of the model that is stored without a batch axis."""
        return False

    # -- code -----------------------------------------------------------------------------

    def module(self, *inputs: Shape) -> Call | None:
        """The call that makes the `nn.Module`, or None for an op that torch has no module for."""
        return None

    def invocation(self, *inputs: Shape) -> Call | None:
        """How `forward` calls the module, where that is not `self.name(inputs)`: a text with
        `{self}`. Such a module cannot stand in an `nn.Sequential`."""
        return None

    def expression(self, *inputs: Shape) -> Call:
        """The call in `forward` when the node is no module (without a name, or without a class)."""
        raise NotImplementedError

    def parameter(self, *inputs: Shape) -> Call | None:
        """The tensor that an op owns directly on its parent, such as a learned class token.

        Its `weights` are one entry with an empty name: an `nn.Parameter` where it is trained, a
        buffer where it is not (with no entry: a buffer that is not persistent).
        """
        return None


def positional(name: str, value: Any, slot: str | None = None) -> Arg:
    """An argument written by position; its slot in the spec is called `name` unless given."""
    return Arg("", value, name if slot is None else slot)


def keyword(name: str, value: Any, default: Any = REQUIRED, slot: str | None = None) -> Arg:
    """A keyword argument, left out of the source where it equals torch's default."""
    return Arg(name, value, name if slot is None else slot, default)
