"""Linear: every output feature is a weighted sum of all input features."""

from collections.abc import Mapping
from typing import ClassVar

from archspec.fields import Field, PositiveInt

from .arguments import agrees, features
from .axes import product
from .base import Call, Op, Operand, ShapeError, Weight, keyword, positional
from .dims import Dim, Shape, show_shape


class Linear(Op, name="linear", main="out_features"):
    """A matrix of weights over the last dimension; the dimensions before it go in step."""

    torch_name: ClassVar[str] = "torch.nn.Linear"
    output_is_saved: ClassVar[bool] = False

    out_features: PositiveInt = Field(description="Features of the output.")
    bias: bool = Field(True, description="Whether a learned number is added to each feature.")
    in_features: PositiveInt | None = Field(
        None, description="Features of the input; they are inferred, and checked where said."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        agrees(self.name, "in_features", self.in_features, features(self.name, shape), "features")
        return ((*shape[:-1], self.out_features),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        weights = {"weight": Weight((self.out_features, features(self.name, inputs[0])))}
        if self.bias:
            weights["bias"] = Weight((self.out_features,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        return product(inputs[0]) * self.out_features

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.Linear",
            (
                positional("in_features", features(self.name, inputs[0])),
                positional("out_features", self.out_features),
                keyword("bias", self.bias, True),
            ),
        )


class LinearWith(Op, name="linear_with"):
    """A linear map whose weight, and bias if there are three inputs, are tensors given as inputs.

    `linear_with: [x, weight, bias]` is for weights that are tied or computed. They are one for all
    samples: a `parameter`, or what is computed from such.
    """

    torch_name: ClassVar[str] = "torch.nn.functional.linear"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (2, 3)
    unbatched_inputs: ClassVar[frozenset[int]] = frozenset({1, 2})
    output_is_saved: ClassVar[bool] = False

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, weight, *bias = inputs
        number = shape[-1] if shape else None
        if len(weight) != 2 or weight[1] != number:
            raise ShapeError(
                f"linear_with of {number} features takes a weight of shape out x {number}, "
                f"not {show_shape(weight)}"
            )
        if bias and bias[0] != weight[:1]:
            raise ShapeError(
                f"linear_with of {weight[0]} output features takes a bias of shape {weight[0]}, "
                f"not {show_shape(bias[0])}"
            )
        return ((*shape[:-1], weight[0]),)

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        return product(inputs[0]) * inputs[1][0]

    def expression(self, *inputs: Shape) -> Call:
        return Call("F.linear", tuple(positional("", Operand(n), "") for n in range(len(inputs))))


class Bilinear(Op, name="bilinear", main="out_features"):
    """A product of two inputs' features with a weight for every pair: x₁ᵀ W x₂ + b."""

    torch_name: ClassVar[str] = "torch.nn.Bilinear"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    output_is_saved: ClassVar[bool] = False

    out_features: PositiveInt = Field(description="Features of the output.")
    bias: bool = Field(True, description="Whether a learned number is added to each feature.")

    def _pair(self, inputs: tuple[Shape, ...]) -> tuple[int, int]:
        left, right = inputs
        return features(self.name, left), features(self.name, right)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        left, right = inputs
        self._pair(inputs)
        if left[:-1] != right[:-1]:
            raise ShapeError(
                f"bilinear of {show_shape(left)} and {show_shape(right)}: all dims but the last "
                "must be equal"
            )
        return ((*left[:-1], self.out_features),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        weights = {"weight": Weight((self.out_features, *self._pair(inputs)))}
        if self.bias:
            weights["bias"] = Weight((self.out_features,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        """One for every weight at every place."""
        left, right = self._pair(inputs)
        return product(outputs[0]) * (left * right)

    def module(self, *inputs: Shape) -> Call:
        left, right = self._pair(inputs)
        return Call(
            "nn.Bilinear",
            (
                positional("in_features", left, ""),
                positional("in_features2", right, ""),
                positional("out_features", self.out_features),
                keyword("bias", self.bias, True),
            ),
        )
