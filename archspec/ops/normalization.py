"""Normalization: activations brought to mean 0 and variance 1, then scaled by learned numbers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

from archspec.fields import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from .arguments import channels, divisors, weight_size
from .axes import axis, torch_dim
from .base import Arg, Call, Op, Operand, ShapeError, Weight, keyword, positional
from .dims import Shape, show_shape

_EPS = "Added to the variance, so that nothing is divided by 0."


class _ChannelNorm(Op):
    """Normalization whose statistics may be tracked, with weights per channel."""

    output_is_saved: ClassVar[bool] = False
    module_name: ClassVar[str]
    ranks: ClassVar[dict[int, int]]
    """The d of torch's class by the number of dims without the batch."""

    eps: PositiveFloat = Field(1e-5, description=_EPS)
    momentum: float | None = Field(
        0.1, description="Share of a new batch in the running statistics; null averages them all."
    )

    def _axes(self, shape: Shape) -> int:
        axes = self.ranks.get(len(shape))
        if axes is None:
            least = min(self.ranks) - 1
            few = "no" if least == 0 else str(least)
            raise ShapeError(
                f"{self.name} takes channels and {few} to 3 spatial axes, not {show_shape(shape)}"
            )
        return axes

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        self._axes(shape)
        channels(self.name, shape)
        return (shape,)

    def _module(self, shape: Shape, *args: Arg) -> Call:
        return Call(
            f"nn.{self.module_name}{self._axes(shape)}d",
            (
                positional("in_channels", channels(self.name, shape), ""),
                keyword("eps", self.eps, 1e-5),
                keyword("momentum", self.momentum, 0.1),
                *args,
            ),
        )


@lru_cache(4096)
def _weights(number: int, affine: bool, tracked: bool) -> Mapping[str, Weight]:
    """The weights for a number of channels; many norms have the same."""
    weights: dict[str, Weight] = {}
    if affine:
        weights["weight"] = Weight((number,))
        weights["bias"] = Weight((number,))
    if tracked:
        weights["running_mean"] = Weight((number,), trained=False)
        weights["running_var"] = Weight((number,), trained=False)
        weights["num_batches_tracked"] = Weight((), trained=False, dtype="int64")
    return weights


class BatchNorm(_ChannelNorm, name="batch_norm"):
    """Each channel normalised over the batch, and by running statistics when evaluating.

    The rank of the input chooses torch's BatchNorm1d, 2d or 3d.
    Source: Ioffe and Szegedy, Batch Normalization (2015).
    """

    torch_name: ClassVar[str] = "torch.nn.BatchNorm2d"
    module_name: ClassVar[str] = "BatchNorm"
    ranks: ClassVar[dict[int, int]] = {1: 1, 2: 1, 3: 2, 4: 3}

    affine: bool = Field(True, description="Whether each channel has a learned scale and offset.")
    track_running_stats: bool = Field(
        True, description="Whether running statistics are kept for evaluating."
    )

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        number = channels(self.name, inputs[0])
        return _weights(number, self.affine, self.track_running_stats)

    def module(self, *inputs: Shape) -> Call:
        return self._module(
            inputs[0],
            keyword("affine", self.affine, True),
            keyword("track_running_stats", self.track_running_stats, True),
        )


class InstanceNorm(_ChannelNorm, name="instance_norm"):
    """Each channel of each sample normalised over its spatial axes.

    The rank of the input chooses torch's InstanceNorm1d, 2d or 3d.
    Source: Ulyanov, Vedaldi and Lempitsky, Instance Normalization (2016).
    """

    torch_name: ClassVar[str] = "torch.nn.InstanceNorm2d"
    module_name: ClassVar[str] = "InstanceNorm"
    ranks: ClassVar[dict[int, int]] = {2: 1, 3: 2, 4: 3}

    affine: bool = Field(False, description="Whether each channel has a learned scale and offset.")
    track_running_stats: bool = Field(
        False, description="Whether running statistics are kept for evaluating."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = super().shapes(*inputs)
        if all(size == 1 for size in shape[1:]):
            raise ShapeError(
                f"instance_norm of {show_shape(shape)} has one number per channel, whose "
                "variance is 0",
                help="put it before the pooling, or use layer_norm or group_norm",
            )
        return (shape,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        number = channels(self.name, inputs[0])
        return _weights(number, self.affine, self.track_running_stats)

    def module(self, *inputs: Shape) -> Call:
        return self._module(
            inputs[0],
            keyword("affine", self.affine, False),
            keyword("track_running_stats", self.track_running_stats, False),
        )


class GroupNorm(Op, name="group_norm", main="groups"):
    """Groups of channels normalised together, in each sample by itself.

    Source: Wu and He, Group Normalization (2018).
    """

    torch_name: ClassVar[str] = "torch.nn.GroupNorm"
    output_is_saved: ClassVar[bool] = False

    groups: PositiveInt = Field(description="Parts that the channels are divided into.")
    eps: NonNegativeFloat = Field(1e-5, description=_EPS)
    affine: bool = Field(True, description="Whether each channel has a learned scale and offset.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        number = channels(self.name, shape)
        if number % self.groups:
            raise ShapeError(
                f"group_norm divides {number} channels into {self.groups} groups, which does not "
                "come out even",
                argument="groups",
                help=f"groups that fit {number}: {divisors(number)}",
            )
        return (shape,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        if not self.affine:
            return {}
        number = channels(self.name, inputs[0])
        return {"weight": Weight((number,)), "bias": Weight((number,))}

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.GroupNorm",
            (
                positional("groups", self.groups),
                positional("in_channels", channels(self.name, inputs[0]), ""),
                keyword("eps", self.eps, 1e-5),
                keyword("affine", self.affine, True),
            ),
        )


class _TrailingNorm(Op):
    """Normalization over the last dimensions of each sample."""

    output_is_saved: ClassVar[bool] = False

    dims: PositiveInt = Field(1, description="How many of the last dimensions are normalised.")

    def _normalised(self, shape: Shape) -> tuple[int, ...]:
        if self.dims > len(shape):
            raise ShapeError(
                f"{self.name} over the last {self.dims} dims of {show_shape(shape)}, which has "
                f"{len(shape)}",
                argument="dims",
            )
        places = range(len(shape) - self.dims, len(shape))
        what = "features" if self.dims == 1 else "elements"
        return tuple(weight_size(self.name, shape, at, what) for at in places)

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        self._normalised(shape)
        return (shape,)

    def _shape_argument(self, shape: Shape) -> Arg:
        sizes = self._normalised(shape)
        size = sizes[0] if len(sizes) == 1 else sizes
        return positional("in_features", size, "")


class LayerNorm(_TrailingNorm, name="layer_norm", main="dims"):
    """The last dimensions of each sample normalised: one by default, the features.

    For an image whose channels come first, `channels_first: true` normalises the channels of each
    pixel, as ConvNeXt does.
    Source: Ba, Kiros and Hinton, Layer Normalization (2016).
    """

    torch_name: ClassVar[str] = "torch.nn.LayerNorm"
    helper_source: ClassVar[str] = '''
class ChannelsFirstLayerNorm(nn.LayerNorm):
    """Layer normalization over the channels of each pixel (batch x channels x height x width)."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(-1, 1)
'''

    eps: NonNegativeFloat = Field(1e-5, description=_EPS)
    elementwise_affine: bool = Field(
        True, description="Whether each element has a learned scale and offset."
    )
    bias: bool = Field(True, description="Whether there is a learned offset beside the scale.")
    channels_first: bool = Field(
        False, description="Normalise the first dimension, the channels, and not the last ones."
    )

    def _normalised(self, shape: Shape) -> tuple[int, ...]:
        if not self.channels_first:
            return super()._normalised(shape)
        if self.dims != 1 or len(shape) < 2:
            raise ShapeError(
                f"layer_norm with channels_first normalises the channels of an image alone, not "
                f"{self.dims} dims of {show_shape(shape)}",
                argument="channels_first",
            )
        return (channels(self.name, shape),)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        sizes = self._normalised(inputs[0])
        if not self.elementwise_affine:
            return {}
        weights = {"weight": Weight(sizes)}
        if self.bias:
            weights["bias"] = Weight(sizes)
        return weights

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "ChannelsFirstLayerNorm" if self.channels_first else "nn.LayerNorm",
            (
                self._shape_argument(inputs[0]),
                keyword("eps", self.eps, 1e-5),
                keyword("elementwise_affine", self.elementwise_affine, True),
                keyword("bias", self.bias, True),
            ),
        )


class RMSNorm(_TrailingNorm, name="rms_norm", main="dims"):
    """The last dimensions of each sample divided by their root mean square.

    Source: Zhang and Sennrich, Root Mean Square Layer Normalization (2019).
    """

    torch_name: ClassVar[str] = "torch.nn.RMSNorm"

    eps: NonNegativeFloat | None = Field(
        None,
        description="Added to the mean square, so that nothing is divided by 0; the smallest "
        "step of the number type unless given.",
    )
    elementwise_affine: bool = Field(True, description="Whether each element has a learned scale.")

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        sizes = self._normalised(inputs[0])
        return {"weight": Weight(sizes)} if self.elementwise_affine else {}

    def module(self, *inputs: Shape) -> Call:
        return Call(
            "nn.RMSNorm",
            (
                self._shape_argument(inputs[0]),
                keyword("eps", self.eps, None),
                keyword("elementwise_affine", self.elementwise_affine, True),
            ),
        )


class Normalize(Op, name="normalize", main="dim"):
    """Vectors along an axis divided by their length, so that each has length 1."""

    torch_name: ClassVar[str] = "torch.nn.functional.normalize"
    output_is_saved: ClassVar[bool] = False

    dim: int = Field(0, description="The axis along which the vectors lie; 0 is channels.")
    p: PositiveFloat = Field(2.0, description="The power in the length: 2 is Euclid's.")
    eps: PositiveFloat = Field(1e-12, description="The least length to divide by.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        axis("normalize", self.dim, inputs[0])
        return (inputs[0],)

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "F.normalize",
            (
                positional("input", Operand(0), ""),
                keyword("p", self.p, 2.0),
                keyword("dim", torch_dim(self.dim), 1),
                keyword("eps", self.eps, 1e-12),
            ),
        )


class LocalResponseNorm(Op, name="local_response_norm", main="size"):
    """Each number divided by a power of its neighbours' squares across channels.

    torch divides alpha by the size, which the paper does not.
    Source: Krizhevsky, Sutskever and Hinton, ImageNet Classification (2012), section 3.3.
    """

    torch_name: ClassVar[str] = "torch.nn.LocalResponseNorm"
    output_is_saved: ClassVar[bool] = False

    size: PositiveInt = Field(description="How many neighbouring channels are summed over.")
    alpha: float = Field(1e-4, description="Factor of the sum (divided by the size).")
    beta: float = Field(0.75, description="Power of the divisor.")
    k: float = Field(1.0, description="Added to the sum.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if len(shape) < 2:
            raise ShapeError(
                f"local_response_norm takes channels and spatial axes, not {show_shape(shape)}"
            )
        return (shape,)

    def _arguments(self) -> tuple[Arg, ...]:
        return (
            positional("size", self.size),
            keyword("alpha", self.alpha, 1e-4),
            keyword("beta", self.beta, 0.75),
            keyword("k", self.k, 1.0),
        )

    def module(self, *inputs: Shape) -> Call:
        return Call("nn.LocalResponseNorm", self._arguments())

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "F.local_response_norm",
            (positional("input", Operand(0), ""), *self._arguments()),
        )
