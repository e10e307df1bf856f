"""Regularization: parts of the activations left out at random in training; and nothing at all."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from archspec.fields import Field

from .base import Arg, Call, Op, Operand, Raw, ShapeError, keyword, positional
from .dims import Shape, show_shape

Probability: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class _Dropout(Op):
    """What all dropouts have: a probability, and nothing to do when evaluating."""

    accepts_inplace: ClassVar[bool] = True
    output_is_saved: ClassVar[bool] = True  # when evaluating, the output is the input itself
    random: ClassVar[bool] = True
    module_name: ClassVar[str]
    function_name: ClassVar[str]

    p: Probability = Field(0.5, description="Probability that a part is set to 0, in training.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (inputs[0],)

    def module(self, *inputs: Shape) -> Call:
        return Call(f"nn.{self.module_name}", (keyword("p", self.p, 0.5),))

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            f"F.{self.function_name}",
            (
                positional("input", Operand(0), ""),
                keyword("p", self.p, 0.5),
                Arg("training", Raw("self.training")),
            ),
        )


class Dropout(_Dropout, name="dropout", main="p"):
    """Numbers set to 0 at random in training, the others scaled by 1 / (1 - p).

    Source: Srivastava et al., Dropout (2014).
    """

    torch_name: ClassVar[str] = "torch.nn.Dropout"
    module_name: ClassVar[str] = "Dropout"
    function_name: ClassVar[str] = "dropout"


class _ChannelDropout(_Dropout):
    """Whole channels of an input with `axes` spatial axes set to 0."""

    axes: ClassVar[int]

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if len(shape) != self.axes + 1:
            fitting = {2: "dropout1d", 3: "dropout2d", 4: "dropout3d"}.get(len(shape), "dropout")
            axes = "1 spatial axis" if self.axes == 1 else f"{self.axes} spatial axes"
            raise ShapeError(
                f"{self.name} takes channels and {axes}, not {show_shape(shape)}",
                help=f"{fitting} would fit",
            )
        return (shape,)


class Dropout1d(_ChannelDropout, name="dropout1d", main="p"):
    """Whole channels of a sequence set to 0 at random in training."""

    torch_name: ClassVar[str] = "torch.nn.Dropout1d"
    module_name: ClassVar[str] = "Dropout1d"
    function_name: ClassVar[str] = "dropout1d"
    axes: ClassVar[int] = 1


class Dropout2d(_ChannelDropout, name="dropout2d", main="p"):
    """Whole channels of an image set to 0 at random in training."""

    torch_name: ClassVar[str] = "torch.nn.Dropout2d"
    module_name: ClassVar[str] = "Dropout2d"
    function_name: ClassVar[str] = "dropout2d"
    axes: ClassVar[int] = 2


class Dropout3d(_ChannelDropout, name="dropout3d", main="p"):
    """Whole channels of a volume set to 0 at random in training."""

    torch_name: ClassVar[str] = "torch.nn.Dropout3d"
    module_name: ClassVar[str] = "Dropout3d"
    function_name: ClassVar[str] = "dropout3d"
    axes: ClassVar[int] = 3


class AlphaDropout(_Dropout, name="alpha_dropout", main="p"):
    """Dropout that keeps mean and variance, for use with selu.

    Source: Klambauer et al., Self-Normalizing Neural Networks (2017).
    """

    torch_name: ClassVar[str] = "torch.nn.AlphaDropout"
    module_name: ClassVar[str] = "AlphaDropout"
    function_name: ClassVar[str] = "alpha_dropout"


class FeatureAlphaDropout(_Dropout, name="feature_alpha_dropout", main="p"):
    """Alpha dropout of whole channels."""

    torch_name: ClassVar[str] = "torch.nn.FeatureAlphaDropout"
    module_name: ClassVar[str] = "FeatureAlphaDropout"
    function_name: ClassVar[str] = "feature_alpha_dropout"

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        if not inputs[0]:
            raise ShapeError("feature_alpha_dropout takes an input with channels, not a scalar")
        return (inputs[0],)


class StochasticDepth(Op, name="stochastic_depth", main="p"):
    """A whole branch left out at random in training, the others scaled by 1 / (1 - p).

    The same as torchvision.ops.StochasticDepth, and as timm's DropPath (mode `row`).
    Source: Huang et al., Deep Networks with Stochastic Depth (2016).
    """

    torch_name: ClassVar[str] = "torchvision.ops.StochasticDepth"
    random: ClassVar[bool] = True
    helper_source: ClassVar[str] = '''\
def stochastic_depth(x: Tensor, p: float, mode: str, training: bool) -> Tensor:
    """Leave out `x` with probability `p` in training: all of it, or sample by sample ("row")."""
    if not training or p == 0.0:
        return x
    shape = [x.shape[0] if mode == "row" else 1] + [1] * (x.ndim - 1)
    noise = x.new_empty(shape).bernoulli_(1.0 - p)
    if p < 1.0:
        noise.div_(1.0 - p)
    return x * noise


class StochasticDepth(nn.Module):
    """Leaves out its input at random in training."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        return stochastic_depth(x, self.p, self.mode, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"
'''

    p: Probability = Field(description="Probability that the branch is left out, in training.")
    mode: Literal["row", "batch"] = Field(
        "row", description="`row` draws for each sample, `batch` once for the whole batch."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (inputs[0],)

    def module(self, *inputs: Shape) -> Call:
        return Call("StochasticDepth", (keyword("p", self.p), keyword("mode", self.mode, "row")))

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "stochastic_depth",
            (
                positional("x", Operand(0), ""),
                positional("p", self.p),
                positional("mode", self.mode),
                Arg("", Raw("self.training")),
            ),
        )


class Identity(Op, name="identity"):
    """The input as it is."""

    torch_name: ClassVar[str] = "torch.nn.Identity"

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (inputs[0],)

    def module(self, *inputs: Shape) -> Call:
        return Call("nn.Identity")

    def expression(self, *inputs: Shape) -> Call:
        return Call("{0}")
