"""The `$` expressions: parse, check, evaluate; small, total and bounded."""

from .evaluation import FUNCTIONS, make_divisible
from .value import Expression, Template, parse_value

__all__ = ["FUNCTIONS", "Expression", "Template", "make_divisible", "parse_value"]
