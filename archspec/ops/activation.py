"""Activations: functions of each number, or of each number among those along one axis."""

from collections.abc import Mapping
from math import isinf
from typing import Any, ClassVar, Literal

from archspec.fields import Field, NonNegativeFloat, check

from .arguments import channels
from .axes import axis, replace, torch_dim
from .base import Arg, Call, Op, Operand, Raw, ShapeError, Weight, keyword, positional
from .dims import Dim, Shape, show_shape


class _Activation(Op):
    """A function of each number: a module and a function of torch with the same arguments.

    Where torch's in-place form keeps its output for the backward pass, `output_is_saved` is true of
    the op, though its ordinary form keeps the input.
    """

    output_is_saved: ClassVar[bool] = False
    module_name: ClassVar[str]
    function_name: ClassVar[str]

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (inputs[0],)

    def arguments(self) -> tuple[Arg, ...]:
        """What both the module and the function take."""
        return ()

    def module(self, *inputs: Shape) -> Call:
        return Call(f"nn.{self.module_name}", self.arguments())

    def expression(self, *inputs: Shape) -> Call:
        return Call(self.function_name, (positional("input", Operand(0), ""), *self.arguments()))


class ReLU(_Activation, name="relu"):
    """max(0, x).

    Source: Nair and Hinton, Rectified Linear Units (2010).
    """

    torch_name: ClassVar[str] = "torch.nn.ReLU"
    module_name: ClassVar[str] = "ReLU"
    function_name: ClassVar[str] = "F.relu"
    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True


class ReLU6(_Activation, name="relu6"):
    """min(max(0, x), 6), as in MobileNetV2."""

    torch_name: ClassVar[str] = "torch.nn.ReLU6"
    module_name: ClassVar[str] = "ReLU6"
    function_name: ClassVar[str] = "F.relu6"
    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True


class LeakyReLU(_Activation, name="leaky_relu", main="negative_slope"):
    """x where it is positive, negative_slope · x elsewhere."""

    torch_name: ClassVar[str] = "torch.nn.LeakyReLU"
    module_name: ClassVar[str] = "LeakyReLU"
    function_name: ClassVar[str] = "F.leaky_relu"
    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True

    negative_slope: NonNegativeFloat = Field(0.01, description="Slope below 0.")

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("negative_slope", self.negative_slope, 0.01),)


class RReLU(_Activation, name="rrelu"):
    """x where it is positive; below 0 a slope drawn at random in training, else their mean.

    Source: Xu et al., Empirical Evaluation of Rectified Activations (2015).
    """

    torch_name: ClassVar[str] = "torch.nn.RReLU"
    module_name: ClassVar[str] = "RReLU"
    function_name: ClassVar[str] = "F.rrelu"
    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True
    random: ClassVar[bool] = True

    lower: NonNegativeFloat = Field(1 / 8, description="The smallest slope.")
    upper: NonNegativeFloat = Field(1 / 3, validate_default=True, description="The largest slope.")

    @check("upper")
    @staticmethod
    def _not_below_lower(upper: float, before: Mapping[str, Any]) -> float:
        lower = before.get("lower", upper)
        if upper < lower:
            raise ValueError(f"it must not be below `lower`, which is {lower}")
        return upper

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("lower", self.lower, 1 / 8), keyword("upper", self.upper, 1 / 3))

    def expression(self, *inputs: Shape) -> Call:
        call = super().expression(*inputs)
        return Call(call.function, (*call.args, Arg("training", Raw("self.training"))))


class PReLU(_Activation, name="prelu"):
    """x where it is positive; below 0 a slope that is learned.

    Source: He et al., Delving Deep into Rectifiers (2015).
    """

    torch_name: ClassVar[str] = "torch.nn.PReLU"

    per_channel: bool = Field(
        False, description="Whether each channel has a slope of its own, or all have one."
    )
    initial: float = Field(0.25, description="The slope before training.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._slopes(inputs[0])
        return (inputs[0],)

    def _slopes(self, shape: Shape) -> int:
        return channels(self.name, shape) if self.per_channel else 1

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"weight": Weight((self._slopes(inputs[0]),))}

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.PReLU",
            (
                keyword("num_parameters", self._slopes(inputs[0]), 1, ""),
                keyword("init", self.initial, 0.25, "initial"),
            ),
        )

    expression = Op.expression  # type: ignore[pydantic-field]


class _Alpha(_Activation):
    """An exponential below 0 that tends to -alpha."""

    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True

    alpha: float = Field(1.0, description="The function tends to -alpha below 0.")

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("alpha", self.alpha, 1.0),)


class ELU(_Alpha, name="elu", main="alpha"):
    """x where it is positive, alpha · (exp(x) - 1) elsewhere.

    Source: Clevert, Unterthiner and Hochreiter, Exponential Linear Units (2015).
    """

    torch_name: ClassVar[str] = "torch.nn.ELU"
    module_name: ClassVar[str] = "ELU"
    function_name: ClassVar[str] = "F.elu"

    alpha: NonNegativeFloat = Field(1.0, description="The function tends to -alpha below 0.")


class CELU(_Alpha, name="celu", main="alpha"):
    """x where it is positive, alpha · (exp(x / alpha) - 1) elsewhere.

    Source: Barron, Continuously Differentiable Exponential Linear Units (2017).
    """

    torch_name: ClassVar[str] = "torch.nn.CELU"
    module_name: ClassVar[str] = "CELU"
    function_name: ClassVar[str] = "F.celu"

    alpha: float = Field(1.0, gt=0, description="The function tends to -alpha below 0.")


class SELU(_Activation, name="selu"):
    """elu scaled so that activations tend to mean 0 and variance 1.

    Source: Klambauer et al., Self-Normalizing Neural Networks (2017).
    """

    torch_name: ClassVar[str] = "torch.nn.SELU"
    module_name: ClassVar[str] = "SELU"
    function_name: ClassVar[str] = "F.selu"
    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True


class GELU(_Activation, name="gelu"):
    """x · Φ(x), Φ being the normal distribution function.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016).
    """

    torch_name: ClassVar[str] = "torch.nn.GELU"
    module_name: ClassVar[str] = "GELU"
    function_name: ClassVar[str] = "F.gelu"

    approximate: Literal["none", "tanh"] = Field(
        "none", description="`tanh` is a faster formula that is nearly the same."
    )

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("approximate", self.approximate, "none"),)


class SiLU(_Activation, name="silu"):
    """x · sigmoid(x), also called swish."""

    torch_name: ClassVar[str] = "torch.nn.SiLU"
    module_name: ClassVar[str] = "SiLU"
    function_name: ClassVar[str] = "F.silu"
    accepts_inplace: ClassVar[bool] = True


class Mish(_Activation, name="mish"):
    """x · tanh(softplus(x)).

    Source: Misra, Mish (2019).
    """

    torch_name: ClassVar[str] = "torch.nn.Mish"
    module_name: ClassVar[str] = "Mish"
    function_name: ClassVar[str] = "F.mish"
    accepts_inplace: ClassVar[bool] = True


class Hardswish(_Activation, name="hardswish"):
    """x · relu6(x + 3) / 6, as in MobileNetV3."""

    torch_name: ClassVar[str] = "torch.nn.Hardswish"
    module_name: ClassVar[str] = "Hardswish"
    function_name: ClassVar[str] = "F.hardswish"
    accepts_inplace: ClassVar[bool] = True


class Hardsigmoid(_Activation, name="hardsigmoid"):
    """relu6(x + 3) / 6."""

    torch_name: ClassVar[str] = "torch.nn.Hardsigmoid"
    module_name: ClassVar[str] = "Hardsigmoid"
    function_name: ClassVar[str] = "F.hardsigmoid"
    accepts_inplace: ClassVar[bool] = True


class Hardtanh(_Activation, name="hardtanh"):
    """x held between a smallest and a largest value."""

    torch_name: ClassVar[str] = "torch.nn.Hardtanh"
    module_name: ClassVar[str] = "Hardtanh"
    function_name: ClassVar[str] = "F.hardtanh"
    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True

    min: float = Field(-1.0, description="The smallest value.")
    max: float = Field(1.0, validate_default=True, description="The largest value.")

    @check("max")
    @staticmethod
    def _above_min(most: float, before: Mapping[str, Any]) -> float:
        least = before.get("min")
        if least is not None and most <= least:
            raise ValueError(f"it must be above `min`, which is {least}")
        return most

    def arguments(self) -> tuple[Arg, ...]:
        return (
            keyword("min_val", self.min, -1.0, "min"),
            keyword("max_val", self.max, 1.0, "max"),
        )


class Sigmoid(_Activation, name="sigmoid"):
    """1 / (1 + exp(-x))."""

    torch_name: ClassVar[str] = "torch.nn.Sigmoid"
    module_name: ClassVar[str] = "Sigmoid"
    function_name: ClassVar[str] = "torch.sigmoid"
    output_is_saved: ClassVar[bool] = True


class Tanh(_Activation, name="tanh"):
    """The hyperbolic tangent."""

    torch_name: ClassVar[str] = "torch.nn.Tanh"
    module_name: ClassVar[str] = "Tanh"
    function_name: ClassVar[str] = "torch.tanh"
    output_is_saved: ClassVar[bool] = True


class Softplus(_Activation, name="softplus"):
    """log(1 + exp(beta · x)) / beta, and x where beta · x is above the threshold."""

    torch_name: ClassVar[str] = "torch.nn.Softplus"
    module_name: ClassVar[str] = "Softplus"
    function_name: ClassVar[str] = "F.softplus"

    beta: float = Field(1.0, gt=0, description="How sharp the bend is.")
    threshold: float = Field(20.0, description="Where the function becomes x itself.")

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("beta", self.beta, 1.0), keyword("threshold", self.threshold, 20.0))


class Softsign(_Activation, name="softsign"):
    """x / (1 + |x|)."""

    torch_name: ClassVar[str] = "torch.nn.Softsign"
    module_name: ClassVar[str] = "Softsign"
    function_name: ClassVar[str] = "F.softsign"


class Tanhshrink(_Activation, name="tanhshrink"):
    """x - tanh(x)."""

    torch_name: ClassVar[str] = "torch.nn.Tanhshrink"
    module_name: ClassVar[str] = "Tanhshrink"
    function_name: ClassVar[str] = "F.tanhshrink"


class _Shrink(_Activation):
    """0 within a threshold of 0."""

    threshold: NonNegativeFloat = Field(0.5, description="Numbers nearer to 0 than this become 0.")

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("lambd", self.threshold, 0.5, "threshold"),)


class Softshrink(_Shrink, name="softshrink", main="threshold"):
    """x brought nearer to 0 by the threshold; 0 where it is within it."""

    torch_name: ClassVar[str] = "torch.nn.Softshrink"
    module_name: ClassVar[str] = "Softshrink"
    function_name: ClassVar[str] = "F.softshrink"

    @check("threshold")
    @staticmethod
    def _finite(threshold: float, _before: Mapping[str, Any]) -> float:
        if isinf(threshold):  # the only one of them that torch refuses
            raise ValueError("a finite number was expected")
        return threshold


class Hardshrink(_Shrink, name="hardshrink", main="threshold"):
    """x as it is; 0 where it is within the threshold of 0."""

    torch_name: ClassVar[str] = "torch.nn.Hardshrink"
    module_name: ClassVar[str] = "Hardshrink"
    function_name: ClassVar[str] = "F.hardshrink"


class LogSigmoid(_Activation, name="logsigmoid"):
    """log(sigmoid(x))."""

    torch_name: ClassVar[str] = "torch.nn.LogSigmoid"
    module_name: ClassVar[str] = "LogSigmoid"
    function_name: ClassVar[str] = "F.logsigmoid"


class Threshold(_Activation, name="threshold", main="threshold"):
    """x where it is above the threshold, a constant elsewhere."""

    torch_name: ClassVar[str] = "torch.nn.Threshold"
    module_name: ClassVar[str] = "Threshold"
    function_name: ClassVar[str] = "F.threshold"
    accepts_inplace: ClassVar[bool] = True

    threshold: float = Field(description="The number that x is compared with.")
    value: float = Field(description="What takes the place of smaller numbers.")

    def arguments(self) -> tuple[Arg, ...]:
        return (positional("threshold", self.threshold), positional("value", self.value))


class _AlongAxis(_Activation):
    """A function of all numbers along one axis."""

    dim: int | None = Field(
        None,
        description="The axis, 0 being the channels and -1 the last; an input with one dim needs "
        "no number.",
    )

    def _dim(self, shape: Shape) -> int:
        if self.dim is None and len(shape) != 1:
            raise ShapeError(
                f"{self.name} of {show_shape(shape)} needs to know over which dim",
                argument="dim",
                help=f"`{{{self.name}: 0}}` is over channels, `{{{self.name}: -1}}` over the last "
                "dim",
            )
        dim = -1 if self.dim is None else self.dim
        axis(self.name, dim, shape)
        return dim

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._dim(inputs[0])
        return (inputs[0],)

    def _along(self, shape: Shape) -> tuple[Arg, ...]:
        return (keyword("dim", torch_dim(self._dim(shape)), slot=""),)

    def module(self, *inputs: Shape) -> Call:
        return Call(f"nn.{self.module_name}", self._along(inputs[0]))

    def expression(self, *inputs: Shape) -> Call:
        along = self._along(inputs[0])
        return Call(self.function_name, (positional("input", Operand(0), ""), *along))


class Softmax(_AlongAxis, name="softmax", main="dim"):
    """exp(x) divided by its sum along an axis: numbers that add up to 1."""

    torch_name: ClassVar[str] = "torch.nn.Softmax"
    module_name: ClassVar[str] = "Softmax"
    function_name: ClassVar[str] = "F.softmax"
    output_is_saved: ClassVar[bool] = True


class LogSoftmax(_AlongAxis, name="log_softmax", main="dim"):
    """The logarithm of softmax, computed without overflow."""

    torch_name: ClassVar[str] = "torch.nn.LogSoftmax"
    module_name: ClassVar[str] = "LogSoftmax"
    function_name: ClassVar[str] = "F.log_softmax"
    output_is_saved: ClassVar[bool] = True


class GLU(_AlongAxis, name="glu", main="dim"):
    """The first half of an axis gated by the sigmoid of the second: half as large.

    Source: Dauphin et al., Language Modeling with Gated Convolutional Networks (2016).
    """

    torch_name: ClassVar[str] = "torch.nn.GLU"
    module_name: ClassVar[str] = "GLU"
    function_name: ClassVar[str] = "F.glu"

    dim: int | None = Field(-1, description="The axis, 0 being the channels and -1 the last.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        at = axis(self.name, self._dim(shape), shape)
        size: Any = shape[at]
        if not isinstance(size, Dim) and size % 2:
            raise ShapeError(
                f"glu halves dim {self._dim(shape)}, and its size {size} is odd",
                argument="dim",
            )
        return (replace(shape, at, size // 2),)

    def _along(self, shape: Shape) -> tuple[Arg, ...]:
        return (keyword("dim", torch_dim(self._dim(shape)), -1, ""),)
