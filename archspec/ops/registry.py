"""The op catalogue: every op by its name in a spec.

The built-in families are modules of this package, imported on the first look-up; a plugin adds its
ops by subclassing `Op` with a `name`, which registers it here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Op

FAMILIES = (
    "convolution",
    "linear",
    "pooling",
    "normalization",
    "activation",
    "regularization",
    "arithmetic",
    "joining",
    "shaping",
    "reductions",
    "padding",
    "spatial",
    "attention",
    "tensors",
)

_ops: dict[str, type[Op]] = {}
_loaded = False


def register(op: type[Op]) -> type[Op]:
    """Add an op to the catalogue. Raises ValueError when the name is taken by another class, or when
    the op has no shape rule or no code."""
    from .base import Op

    if op.shapes is Op.shapes:
        raise ValueError(f"op `{op.name}` has no shape rule: define `shapes(self, *inputs)`")
    if all(
        getattr(op, code) is getattr(Op, code) for code in ("module", "expression", "parameter")
    ):
        raise ValueError(f"op `{op.name}` has no code: define `expression` or `module`")
    known = _ops.get(op.name)
    if known is not None and (known.__module__, known.__qualname__) != (
        op.__module__,
        op.__qualname__,
    ):
        raise ValueError(f"an op called {op.name!r} exists already ({known.__module__})")
    _ops[op.name] = op
    return op


def catalogue() -> dict[str, type[Op]]:
    """All ops by name, in the order of their families."""
    global _loaded
    if not _loaded:
        _loaded = True
        for family in FAMILIES:
            import_module(f"{__package__}.{family}")
    return _ops
