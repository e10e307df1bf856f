"""Tensors of the model itself, tables of vectors, and recurrent networks."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from archspec.fields import Before, Field, JsonSchema, numbers

from .axes import Ints
from .base import Call, Op, ShapeError, Weight, keyword, positional
from .dims import Dim, Shape, show_shape

MOST_CONSTANTS = 65_536
"""How many numbers a constant may spell out in a spec."""


class Tensor(Op):
    """A tensor that the model owns: one for all samples. It takes no input."""

    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    trained: ClassVar[bool] = False

    batch: bool = Field(
        True,
        description="Whether the state_dict has it with a leading 1, for the batch.",
    )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape for one sample."""
        raise NotImplementedError

    @property
    def stored(self) -> tuple[int, ...]:
        """The shape in the `state_dict`."""
        return (1, *self.sizes) if self.batch else self.sizes

    @property
    def bare(self) -> bool:
        return not self.batch

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        if any(size < 1 for size in self.sizes):
            raise ShapeError(
                f"{self.name} of shape {list(self.sizes)}: sizes are positive", argument=self.main
            )
        return (self.sizes,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"": Weight(self.stored, self.trained)}

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None

    def expression(self, *inputs: Shape) -> Call:
        return Call("{self}")


class Parameter(Tensor, name="parameter", main="shape"):
    """A learned tensor, such as a class token, a position embedding or a layer scale."""

    torch_name: ClassVar[str] = "torch.nn.Parameter"
    trained: ClassVar[bool] = True

    shape: Ints = Field(description="The shape without the batch.")
    init: Literal["zeros", "ones", "normal", "trunc_normal"] | float = Field(
        "zeros",
        description="How it starts: zeros, ones, normal, trunc_normal (cut at -2 and 2), or a "
        "number everywhere.",
    )
    std: float = Field(
        1.0, gt=0, description="The standard deviation of init `normal` and `trunc_normal`."
    )

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.shape

    def parameter(self, *inputs: Shape) -> Call:
        shape = keyword("shape", self.stored)
        if self.init in ("normal", "trunc_normal"):
            random = "torch.empty({shape}).normal_(std={std})"
            if self.init == "trunc_normal":
                random = "nn.init.trunc_normal_(torch.empty({shape}), std={std})"
            return Call(f"nn.Parameter({random})", (shape, keyword("std", self.std)))
        if isinstance(self.init, str):
            return Call(f"nn.Parameter(torch.{self.init}({{shape}}))", (shape,))
        return Call(
            "nn.Parameter(torch.full({shape}, {init}))", (shape, keyword("init", self.init))
        )


class Fixed(Tensor):
    """A tensor that is not learned: a buffer of the module."""

    persistent: bool = Field(True, description="Whether the state_dict has it.")

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return super().weights(*inputs) if self.persistent else {}


class Buffer(Fixed, name="buffer", main="shape"):
    """A tensor that is kept but not learned, filled with one number."""

    torch_name: ClassVar[str] = "torch.nn.Module.register_buffer"

    shape: Ints = Field(description="The shape without the batch.")
    fill: float = Field(0.0, description="The number everywhere in it.")

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.shape

    def parameter(self, *inputs: Shape) -> Call:
        return Call(
            "torch.full({shape}, {fill})",
            (keyword("shape", self.stored), keyword("fill", self.fill)),
        )


def _nested(value: Any) -> Any:
    """Nested lists of numbers as nested tuples, all rows of a level equally long."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return numbers(value)
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("a constant is a number or a list of constants, and lists are not empty")
    rows = tuple(_nested(row) for row in value)
    if len({_sizes(row) for row in rows}) > 1:
        raise ValueError("the rows of a constant differ in length")
    return rows


def _sizes(value: Any) -> tuple[int, ...]:
    return (len(value), *_sizes(value[0])) if isinstance(value, tuple) else ()


def _leaves(value: Any) -> list[int | float]:
    if not isinstance(value, tuple):
        return [value]
    return [leaf for row in value for leaf in _leaves(row)]


def _bounded(value: Any) -> Any:
    nested = _nested(value)
    count = len(_leaves(nested))
    if count > MOST_CONSTANTS:
        raise ValueError(f"a constant spells out at most {MOST_CONSTANTS} numbers, not {count}")
    return nested


Constants: TypeAlias = Annotated[Any, Before(_bounded), JsonSchema({"type": ["number", "array"]})]


class Constant(Fixed, name="constant", main="value"):
    """A tensor of the numbers written down, such as the mean colour of the images.

    It holds integers where all numbers are integers.
    """

    torch_name: ClassVar[str] = "torch.tensor"

    value: Constants = Field(description="A number, or nested lists of numbers.")

    @property
    def sizes(self) -> tuple[int, ...]:
        return _sizes(self.value)

    @property
    def dtype(self) -> str:
        """int64 or float32, by the numbers written."""
        return "int64" if all(isinstance(n, int) for n in _leaves(self.value)) else "float32"

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"": Weight(self.stored, False, self.dtype)} if self.persistent else {}

    def parameter(self, *inputs: Shape) -> Call:
        text = "torch.tensor({value})" + (".unsqueeze(0)" if self.batch else "")
        return Call(text, (keyword("value", self.value),))


class Arange(Fixed, name="arange", main="stop"):
    """The integers from `start` up to (not with) `stop`, as positions."""

    torch_name: ClassVar[str] = "torch.arange"

    stop: int = Field(description="The number to stop before.")
    start: int = Field(0, description="The first number.")
    step: int = Field(1, gt=0, description="The step from one number to the next.")

    @property
    def sizes(self) -> tuple[int, ...]:
        return (len(range(self.start, self.stop, self.step)),)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.sizes == (0,):
            raise ShapeError(f"arange from {self.start} to {self.stop} is empty", argument="stop")
        return (self.sizes,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"": Weight(self.stored, False, "int64")} if self.persistent else {}

    def parameter(self, *inputs: Shape) -> Call:
        bounds = (keyword("start", self.start), keyword("stop", self.stop))
        text = "torch.arange({start}, {stop}, {step})" + (".unsqueeze(0)" if self.batch else "")
        return Call(text, (*bounds, keyword("step", self.step)))


class Embedding(Op, name="embedding", main="num_embeddings"):
    """A learned vector for each of a number of tokens; the input holds token numbers."""

    torch_name: ClassVar[str] = "torch.nn.Embedding"
    output_is_saved: ClassVar[bool] = False

    num_embeddings: int = Field(gt=0, description="How many different tokens there are.")
    dim: int = Field(gt=0, description="The length of a vector.")
    padding_idx: int | None = Field(None, description="The token that stays a zero vector.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        count = self.num_embeddings
        if self.padding_idx is not None and not -count <= self.padding_idx < count:
            raise ShapeError(
                f"padding_idx {self.padding_idx} is none of the {count} tokens",
                argument="padding_idx",
            )
        return ((*inputs[0], self.dim),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"weight": Weight((self.num_embeddings, self.dim))}

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return None

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Embedding",
            (
                positional("num_embeddings", self.num_embeddings),
                positional("dim", self.dim),
                keyword("padding_idx", self.padding_idx, None),
            ),
        )


class Recurrent(Op):
    """A recurrent network over a sequence (length x features); its output is the sequence."""

    random: ClassVar[bool] = True
    gates: ClassVar[int] = 1

    hidden_size: int = Field(gt=0, description="How many features the state has.")
    num_layers: int = Field(1, gt=0, description="How many layers are stacked.")
    bias: bool = Field(True, description="Whether the products have a bias.")
    dropout: float = Field(0.0, ge=0, le=1, description="Dropped share between the layers.")
    bidirectional: bool = Field(False, description="Run in both directions, side by side.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if len(shape) != 2 or isinstance(shape[1], Dim):
            raise ShapeError(f"{self.name} takes length x features, not {show_shape(shape)}")
        return ((shape[0], self.hidden_size * (2 if self.bidirectional else 1)),)

    def _layers(self, features: int | Dim) -> list[tuple[str, int]]:
        """The suffix and the input size of each layer and direction."""
        assert not isinstance(features, Dim)
        ends = ("", "_reverse") if self.bidirectional else ("",)
        return [
            (f"_l{layer}{end}", self.hidden_size * len(ends) if layer else features)
            for layer in range(self.num_layers)
            for end in ends
        ]

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        weights: dict[str, Weight] = {}
        rows = self.gates * self.hidden_size
        for suffix, features in self._layers(inputs[0][1]):
            weights[f"weight_ih{suffix}"] = Weight((rows, features))
            weights[f"weight_hh{suffix}"] = Weight((rows, self.hidden_size))
            if self.bias:
                weights[f"bias_ih{suffix}"] = Weight((rows,))
                weights[f"bias_hh{suffix}"] = Weight((rows,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        columns = sum(n + self.hidden_size for _, n in self._layers(inputs[0][1]))
        return inputs[0][0] * (self.gates * self.hidden_size * columns)

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        return None

    def module(self, *inputs: Shape) -> Call:
        return Call(
            self.torch_name.replace("torch.nn", "nn"),
            (
                positional("input_size", inputs[0][1], ""),
                positional("hidden_size", self.hidden_size),
                keyword("num_layers", self.num_layers, 1),
                keyword("bias", self.bias, True),
                keyword("batch_first", True, False, ""),
                keyword("dropout", self.dropout, 0.0),
                keyword("bidirectional", self.bidirectional, False),
            ),
        )

    def invocation(self, *inputs: Shape) -> Call:
        return Call("{self}({0})[0]")


class LSTM(Recurrent, name="lstm", main="hidden_size"):
    """A long short-term memory over a sequence (length x features); it gives the sequence."""

    torch_name: ClassVar[str] = "torch.nn.LSTM"
    gates: ClassVar[int] = 4


class GRU(Recurrent, name="gru", main="hidden_size"):
    """A gated recurrent network over a sequence (length x features); it gives the sequence."""

    torch_name: ClassVar[str] = "torch.nn.GRU"
    gates: ClassVar[int] = 3


class RNN(Recurrent, name="rnn", main="hidden_size"):
    """A plain recurrent network over a sequence (length x features); it gives the sequence."""

    torch_name: ClassVar[str] = "torch.nn.RNN"

    nonlinearity: Literal["tanh", "relu"] = Field(
        "tanh", description="What the state goes through."
    )

    def module(self, *inputs: Shape) -> Call:
        made = super().module(*inputs)
        return Call(made.function, (*made.args, keyword("nonlinearity", self.nonlinearity, "tanh")))
