"""The `$` expressions: parse, check, evaluate; small, total and bounded."""

from .ast import Ast
from .functions import FUNCTIONS, make_divisible
from .value import Expression, Template, parse_value

__all__ = ["FUNCTIONS", "Ast", "Expression", "Template", "make_divisible", "parse_value"]
