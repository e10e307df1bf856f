"""The `$` expressions: parse, check, evaluate; small, total and bounded."""

from .ast import Ast
from .functions import FUNCTIONS, make_divisible
from .value import Expression, Template, parse_value
from .work import at_most, spend

__all__ = [
    "FUNCTIONS",
    "Ast",
    "Expression",
    "Template",
    "at_most",
    "make_divisible",
    "parse_value",
    "spend",
]
