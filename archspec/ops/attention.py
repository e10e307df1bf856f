"""Attention: every place of a sequence looks at every other."""

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from archspec.fields import Field

from .axes import product
from .base import Call, Op, ShapeError, Weight, keyword, positional
from .dims import Dim, Shape, show_shape


class Attention(Op):
    """An op in which every output sees the whole input."""

    random: ClassVar[bool] = True

    dropout: float = Field(0.0, ge=0, le=1, description="Dropped share of the attention weights.")

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return ()

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        return None


class MultiHeadAttention(Attention, name="multi_head_attention", main="num_heads"):
    """Multi-head attention over a sequence (length x features), with its four projections.

    With one input a sequence attends to itself; with three they are query, key and value.
    """

    torch_name: ClassVar[str] = "torch.nn.MultiheadAttention"
    arity: ClassVar[tuple[int, int | None]] = (1, 3)

    num_heads: int = Field(gt=0, description="How many heads the features are divided among.")
    bias: bool = Field(True, description="Whether the projections have a bias.")

    def _sequences(self, inputs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
        if len(inputs) == 2:
            raise ShapeError(
                "multi_head_attention takes one input, or query, key and value; not two",
                help="name the second twice if it is both key and value",
            )
        query, key, value = inputs * 3 if len(inputs) == 1 else inputs
        return query, key, value

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        query, key, value = self._sequences(inputs)
        for shape in inputs:
            if len(shape) != 2 or isinstance(shape[1], Dim):
                raise ShapeError(
                    f"multi_head_attention takes length x features, not {show_shape(shape)}",
                    help="for an image, `flatten: 1` and then `transpose: [0, 1]`",
                )
        if _known(query[1]) % self.num_heads:
            raise ShapeError(
                f"multi_head_attention divides {query[1]} features among {self.num_heads} heads, "
                "which does not come out even",
                argument="num_heads",
            )
        if key[0] != value[0]:
            raise ShapeError(
                f"multi_head_attention has {key[0]} keys and {value[0]} values; "
                "every key needs a value"
            )
        return (query,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        query, key, value = self._sequences(inputs)
        width = _known(query[1])
        if query[1] == key[1] == value[1]:
            weights = {"in_proj_weight": Weight((3 * width, width))}
        else:
            weights = {
                "q_proj_weight": Weight((width, width)),
                "k_proj_weight": Weight((width, _known(key[1]))),
                "v_proj_weight": Weight((width, _known(value[1]))),
            }
        if self.bias:
            weights["in_proj_bias"] = Weight((3 * width,))
        weights["out_proj.weight"] = Weight((width, width))
        if self.bias:
            weights["out_proj.bias"] = Weight((width,))
        return weights

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        query, key, value = self._sequences(inputs)
        width = query[1]
        projections = width * (width * query[0] * 2 + key[1] * key[0] + value[1] * value[0])
        return projections + query[0] * key[0] * width * 2

    def module(self, *inputs: Shape) -> Call:
        query, key, value = self._sequences(inputs)
        width = _known(query[1])
        same = query[1] == key[1] == value[1]
        return Call(
            "nn.MultiheadAttention",
            (
                positional("embed_dim", width, ""),
                positional("num_heads", self.num_heads),
                keyword("dropout", self.dropout, 0.0),
                keyword("bias", self.bias, True),
                keyword("kdim", None if same else key[1], None, ""),
                keyword("vdim", None if same else value[1], None, ""),
                keyword("batch_first", True, False, ""),
            ),
        )

    def invocation(self, *inputs: Shape) -> Call:
        operands = "{0}, {0}, {0}" if len(inputs) == 1 else "{0}, {1}, {2}"
        return Call(f"{{self}}({operands}, need_weights=False)[0]")


def _known(size: int | Dim) -> int:
    assert not isinstance(size, Dim)
    return size


class ScaledDotProductAttention(Attention, name="scaled_dot_product_attention"):
    """Attention by query, key and value (and perhaps a mask) alone, without projections.

    The last two axes are length and features; the axes before them (heads) go in step.
    """

    torch_name: ClassVar[str] = "torch.nn.functional.scaled_dot_product_attention"
    main_is_inputs: ClassVar[bool] = True
    arity: ClassVar[tuple[int, int | None]] = (3, 4)

    is_causal: bool = Field(False, description="A place sees only itself and those before it.")
    scale: float | None = Field(
        None, description="The factor on the products; 1/sqrt(features) unless given."
    )

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        query, key, value = inputs[:3]
        ranks = {len(shape) for shape in inputs}
        if len(ranks) > 1 or ranks == {1} or ranks == {0}:
            raise ShapeError(
                f"{self.name} takes tensors of equally many dims, at least length x features, "
                f"not {' and '.join(show_shape(shape) for shape in inputs)}"
            )
        for what, shape in (("key", key), ("value", value)):
            if shape[:-2] != query[:-2]:
                raise ShapeError(
                    f"{self.name}: the query is {show_shape(query)} and the {what} "
                    f"{show_shape(shape)}; the dims before length x features must be equal"
                )
        if query[-1] != key[-1]:
            raise ShapeError(
                f"{self.name} compares queries of {query[-1]} features with keys of {key[-1]}"
            )
        if key[-2] != value[-2]:
            raise ShapeError(
                f"{self.name} has {key[-2]} keys and {value[-2]} values; every key needs a value"
            )
        if len(inputs) == 4:
            self._check_mask(inputs[3], (*query[:-2], query[-2], key[-2]))
        return ((*query[:-1], value[-1]),)

    def _check_mask(self, mask: Shape, weights: Shape) -> None:
        if self.is_causal:
            raise ShapeError(
                f"{self.name} takes a mask or is_causal, not both", argument="is_causal"
            )
        if any(a not in (1, b) for a, b in zip(mask, weights, strict=True)):
            raise ShapeError(
                f"{self.name}: the mask is {show_shape(mask)}, and the attention weights are "
                f"{show_shape(weights)}"
            )

    def macs(self, inputs: tuple[Shape, ...], outputs: tuple[Shape, ...]) -> int | Dim:
        query, key, value = inputs[:3]
        return product(query[:-1]) * key[-2] * (query[-1] + value[-1])

    def expression(self, *inputs: Shape) -> Call:
        args = [f"{{{index}}}" for index in range(len(inputs))]
        if self.dropout:
            args.append("dropout_p={dropout} if self.training else 0.0")
        if self.is_causal:
            args.append("is_causal=True")
        if self.scale is not None:
            args.append("scale={scale}")
        return Call(
            f"F.scaled_dot_product_attention({', '.join(args)})",
            (keyword("dropout", self.dropout, 0.0), keyword("scale", self.scale, None)),
        )
