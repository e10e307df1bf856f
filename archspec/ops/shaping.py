"""Shaping: the same elements in another arrangement, and sums over axes."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from .axes import axis, product, torch_dim
from .base import Call, Op, Operand, ShapeError, keyword, positional
from .dims import Shape, show_shape


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
