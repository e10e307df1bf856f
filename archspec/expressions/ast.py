"""The syntax tree of an expression, and the errors of the `$` language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from archspec.diagnostics import rule

SYNTAX = rule(
    "AS0201",
    "an expression that cannot be read",
    "`$name` or `$( ... )` with arithmetic, comparisons, `and`, `or`, `not`, `a if c else b`, lists, "
    "indexing and a few functions.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 +), kernel: 1}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 + 1), kernel: 1}]\n",
)
UNKNOWN_NAME = rule(
    "AS0202",
    "unknown name in an expression",
    "A name is a parameter, a `let`, a loop's name, `in_channels`, `in_features` or `in_shape`. A "
    "block sees its own and nothing from outside.",
    wrong="archspec: 1\nparams: {width: 8}\ninput: [3, 8, 8]\n"
    "stages: [{conv: $widht, kernel: 1}]\n",
    right="archspec: 1\nparams: {width: 8}\ninput: [3, 8, 8]\n"
    "stages: [{conv: $width, kernel: 1}]\n",
)
WRONG_OPERAND = rule(
    "AS0203",
    "an operation on values that it does not take",
    "Arithmetic takes numbers, indexing takes lists and whole numbers, conditions take true or "
    "false.",
    wrong="archspec: 1\nparams: {n: [8]}\ninput: [3, 8, 8]\nstages: [{conv: $(n * 2), kernel: 1}]\n",
    right="archspec: 1\nparams: {n: 8}\ninput: [3, 8, 8]\nstages: [{conv: $(n * 2), kernel: 1}]\n",
)
UNKNOWN_FUNCTION = rule(
    "AS0204",
    "unknown function",
    "The functions are abs, all, any, ceil, float, floor, int, len, make_divisible, max, min, range, "
    "round and sum.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(sqrt(4)), kernel: 1}]\n",
    right='archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: "$(max(4, 2))", kernel: 1}]\n',
)
OUT_OF_BOUNDS = rule(
    "AS0205",
    "a result out of bounds",
    "Results are finite and within 2**53; an expression has at most 256 characters and 16 levels; a "
    "list at most 10,000 items.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 ** 99), kernel: 1}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 ** 4), kernel: 1}]\n",
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, text, true, false or none."""

    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name to look up."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list."""

    items: tuple[Ast, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `+x` or `not x`."""

    operator: str
    operand: Ast
    at: int


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, `and` or `or` between two values."""

    operator: str
    left: Ast
    right: Ast
    at: int


@dataclass(frozen=True, slots=True)
class Compare:
    """`a < b <= c`: a chain of comparisons."""

    operands: tuple[Ast, ...]
    operators: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """`then if condition else otherwise`."""

    condition: Ast
    then: Ast
    otherwise: Ast
    at: int


@dataclass(frozen=True, slots=True)
class Index:
    """`value[index]`."""

    value: Ast
    index: Ast
    at: int


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """`function(args, keyword=value)`."""

    function: str
    args: tuple[Ast, ...]
    keywords: tuple[tuple[str, Ast], ...]
    at: int


Ast: TypeAlias = (
    Constant | Name | ListOf | Unary | Binary | Compare | Conditional | Index | FunctionCall
)


class Fault(Exception):
    """What is wrong inside an expression, at an offset of its text."""

    def __init__(self, rule: Any, at: int, length: int, message: str, help: str | None = None):
        super().__init__(message)
        self.rule = rule
        self.at = at
        self.length = length
        self.message = message
        self.help = help
