"""Reductions: sums, means and extremes over whole axes."""

from fractions import Fraction
from typing import ClassVar

from archspec.fields import Field

from .axes import OneOrMore, axes, axis, torch_dim, torch_dims
from .base import Arg, Call, Op, Operand, ShapeError, keyword, positional
from .dims import Shape


class Reduction(Op):
    """One number for all places along the given axes."""

    output_is_saved: ClassVar[bool] = False

    dims: OneOrMore = Field(description="The axes to reduce; 0 is channels.")
    keepdim: bool = Field(False, description="Keep the reduced axes with size 1.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        if not self.dims:
            raise ShapeError(f"{self.name} over no dims", argument="dims")
        gone = axes(self.name, self.dims, inputs[0])
        if self.keepdim:
            return (tuple(1 if at in gone else size for at, size in enumerate(inputs[0])),)
        return (tuple(size for at, size in enumerate(inputs[0]) if at not in gone),)

    def _only_channels(self, shape: Shape) -> bool:
        return self.keepdim and axes(self.name, self.dims, shape) == (0,)

    def reduction(self, *inputs: Shape) -> tuple[Fraction, ...] | None:
        return () if self._only_channels(inputs[0]) else None

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        return () if axes(self.name, self.dims, inputs[0]) == (0,) else None

    def arguments(self) -> tuple[Arg, ...]:
        """Keywords of the torch function besides the axes and `keepdim`."""
        return ()

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            self.torch_name,
            (
                positional("input", Operand(0), ""),
                keyword("dim", torch_dims(self.dims), slot="dims"),
                *self.arguments(),
                keyword("keepdim", self.keepdim, False),
            ),
        )


class Mean(Reduction, name="mean", main="dims"):
    """Mean over whole axes: `{mean: [1, 2]}` is global average pooling."""

    torch_name: ClassVar[str] = "torch.mean"


class Sum(Reduction, name="sum", main="dims"):
    """Sum over whole axes."""

    torch_name: ClassVar[str] = "torch.sum"


class AMax(Reduction, name="amax", main="dims"):
    """Largest value over whole axes."""

    torch_name: ClassVar[str] = "torch.amax"
    output_is_saved: ClassVar[bool] = True


class AMin(Reduction, name="amin", main="dims"):
    """Smallest value over whole axes."""

    torch_name: ClassVar[str] = "torch.amin"
    output_is_saved: ClassVar[bool] = True


class Var(Reduction, name="var", main="dims"):
    """Variance over whole axes."""

    torch_name: ClassVar[str] = "torch.var"

    correction: int = Field(
        1, ge=0, description="Subtracted from the count: 1 for a sample, 0 for the population."
    )

    def arguments(self) -> tuple[Arg, ...]:
        return (keyword("correction", self.correction, 1),)


class CumSum(Op, name="cumsum", main="dim"):
    """Running sum along an axis."""

    torch_name: ClassVar[str] = "torch.cumsum"
    output_is_saved: ClassVar[bool] = False

    dim: int = Field(description="The axis to sum along; 0 is channels.")

    def shapes(self, *inputs: Shape) -> tuple[Shape, ...]:
        axis("cumsum", self.dim, inputs[0])
        return (inputs[0],)

    def window(self, *inputs: Shape) -> tuple[tuple[int, int, int], ...] | None:
        return () if axis("cumsum", self.dim, inputs[0]) == 0 else None

    def expression(self, *inputs: Shape) -> Call:
        return Call(
            "torch.cumsum",
            (
                positional("input", Operand(0), ""),
                keyword("dim", torch_dim(self.dim), slot="dim"),
            ),
        )
