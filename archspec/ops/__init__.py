"""The op catalogue: one file per family, one declaration per op."""

from .applied import Applied, apply, typed
from .base import (
    Arg,
    Call,
    Op,
    Operand,
    Operands,
    Raw,
    ShapeError,
    Steps,
    Weight,
    keyword,
    positional,
)
from .dims import Dim, Shape
from .registry import catalogue, register

__all__ = [
    "Applied",
    "Arg",
    "Call",
    "Dim",
    "Op",
    "Operand",
    "Operands",
    "Raw",
    "Shape",
    "ShapeError",
    "Steps",
    "Weight",
    "apply",
    "catalogue",
    "keyword",
    "positional",
    "register",
    "typed",
]
