"""The syntax tree of an expression: a dozen named tuples.

`at` and `end` are offsets in the expression's text, parentheses included, so that an error can
underline exactly what it is about.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from archspec.diagnostics import Rule


class Constant(NamedTuple):
    """A number, text, true, false or none."""

    value: float | str | bool | None
    at: int
    end: int


class Name(NamedTuple):
    """A name to look up."""

    name: str
    at: int
    end: int


class ListOf(NamedTuple):
    """A list."""

    items: tuple[Ast, ...]
    at: int
    end: int


class Unary(NamedTuple):
    """`-x`, `+x` or `not x`."""

    operator: str
    operand: Ast
    at: int
    end: int


class Binary(NamedTuple):
    """Arithmetic between two values."""

    operator: str
    left: Ast
    right: Ast
    at: int
    end: int


class Logical(NamedTuple):
    """`and` or `or` between two conditions; the second is worked out only where it matters."""

    operator: str
    left: Ast
    right: Ast
    at: int
    end: int


class Compare(NamedTuple):
    """`a < b <= c`: a chain of comparisons."""

    operands: tuple[Ast, ...]
    operators: tuple[str, ...]
    at: int
    end: int


class Conditional(NamedTuple):
    """`then if condition else otherwise`."""

    condition: Ast
    then: Ast
    otherwise: Ast
    at: int
    end: int


class Index(NamedTuple):
    """`value[subscript]`."""

    value: Ast
    subscript: Ast
    at: int
    end: int


class Slice(NamedTuple):
    """`value[start:stop]`; either end may be left out."""

    value: Ast
    start: Ast | None
    stop: Ast | None
    at: int
    end: int


class Comprehension(NamedTuple):
    """`[item for name in source]`. With `flat` the item is one itself, whose items are taken:
    `[item for a in b for c in d]`."""

    item: Ast
    name: str
    source: Ast
    at: int
    end: int
    flat: bool = False


class FunctionCall(NamedTuple):
    """`function(args, keyword=value)`."""

    function: str
    args: tuple[Ast, ...]
    keywords: tuple[tuple[str, Ast], ...]
    at: int
    end: int


Ast: TypeAlias = (
    Constant
    | Name
    | ListOf
    | Unary
    | Binary
    | Logical
    | Compare
    | Conditional
    | Index
    | Slice
    | Comprehension
    | FunctionCall
)


class Fault(Exception):
    """What is wrong in an expression, from offset `at` to `end` of its text."""

    def __init__(self, rule: Rule, at: int, end: int, message: str, help: str | None = None):
        super().__init__(message)
        self.rule = rule
        self.at = at
        self.end = end
        self.message = message
        self.help = help
