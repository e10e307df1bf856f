"""The `$` expressions: parse, check, evaluate; small, total and bounded."""

from .ast import Ast
from .functions import FUNCTIONS, make_divisible
from .value import Expression, Template, names_of, parse_value
from .work import at_most, spend

__all__ = [
    "FUNCTIONS",
    "Ast",
    "Expression",
    "Template",
    "at_most",
    "make_divisible",
    "names_of",
    "parse_value",
    "spend",
]
