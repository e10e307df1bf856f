"""The functions of expressions: one declaration each, with what it takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from archspec.codes.expressions import DIVISION, OUT_OF_BOUNDS, UNKNOWN_FUNCTION, WRONG_OPERAND
from archspec.diagnostics import did_you_mean

from .ast import Fault, FunctionCall
from .values import MAX_ITEMS, bounded, is_list, is_number, items, show


class Function(NamedTuple):
    """A function: how it is called, what it takes, and what it is in Python."""

    usage: str
    takes: str  # "number", "whole", "numbers" (several or one list), "list", "truths", "any list"
    least: int
    most: int
    run: Callable[..., Any]
    python: str | None
    keywords: tuple[str, ...] = ()


def make_divisible(value: float, divisor: int = 8, min_value: int | None = None) -> int:
    """The nearest multiple of `divisor` that is not below 90 % of `value`.

    Source: the MobileNet reference code; torchvision's `_make_divisible`.

    >>> make_divisible(100), make_divisible(11), make_divisible(3, 8, 4)
    (104, 16, 4)
    """
    least = divisor if min_value is None else min_value
    result = max(least, int(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


def _flat(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[0]) if len(args) == 1 and is_list(args[0]) else args


def _range(*args: int) -> tuple[int, ...]:
    made = range(*args)
    if made and len(made) > MAX_ITEMS:  # OverflowError where it is beyond 2**63
        raise OverflowError
    return tuple(made)


FUNCTIONS: dict[str, Function] = {
    "abs": Function("abs(x)", "number", 1, 1, abs, "abs"),
    "all": Function("all(list)", "truths", 1, 1, all, "all"),
    "any": Function("any(list)", "truths", 1, 1, any, "any"),
    "ceil": Function("ceil(x)", "number", 1, 1, math.ceil, "math.ceil"),
    "float": Function("float(x)", "number", 1, 1, float, "float"),
    "floor": Function("floor(x)", "number", 1, 1, math.floor, "math.floor"),
    "int": Function("int(x)", "number", 1, 1, int, "int"),
    "log": Function("log(x)", "number", 1, 1, math.log, "math.log"),
    "log2": Function("log2(x)", "number", 1, 1, math.log2, "math.log2"),
    "len": Function("len(list)", "any list", 1, 1, len, "len"),
    "make_divisible": Function(
        "make_divisible(x, divisor=8, min_value=divisor)",
        "number",
        1,
        3,
        make_divisible,
        None,
        ("divisor", "min_value"),
    ),
    "max": Function("max(a, b, ...) or max(list)", "numbers", 1, 128, lambda *a: max(_flat(a)), "max"),
    "min": Function("min(a, b, ...) or min(list)", "numbers", 1, 128, lambda *a: min(_flat(a)), "min"),
    "range": Function("range(stop) or range(start, stop, step)", "whole", 1, 3, _range, None),
    "round": Function("round(x)", "number", 1, 1, round, "round"),
    "sqrt": Function("sqrt(x)", "number", 1, 1, math.sqrt, "math.sqrt"),
    "sum": Function("sum(list)", "list", 1, 1, sum, "sum"),
}  # fmt: skip
"""What expressions can call. `round` has no digits: `round(5, -2**53)` takes all memory."""


def call(tree: FunctionCall, args: list[Any], keywords: dict[str, Any]) -> Any:
    """The result of a call. Raises Fault."""
    name = tree.function
    function = FUNCTIONS.get(name)
    end = tree.at + len(name)
    if function is None:
        raise Fault(
            UNKNOWN_FUNCTION,
            tree.at,
            end,
            f"there is no function `{name}`",
            did_you_mean(name, FUNCTIONS) or f"there are {', '.join(FUNCTIONS)}",
        )
    for keyword in keywords:
        if keyword not in function.keywords or len(args) > 1 + function.keywords.index(keyword):
            raise Fault(
                WRONG_OPERAND, tree.at, end, f"`{name}` does not take `{keyword}=`", function.usage
            )
    if not function.least <= len(args) <= function.most:
        raise Fault(
            WRONG_OPERAND,
            tree.at,
            end,
            f"`{name}` does not take {len(args)} values",
            function.usage,
        )
    for arg, value in zip(tree.args, args, strict=True):
        _check(name, function, value, len(args) == 1, arg.at, arg.end)
    for (keyword, arg), value in zip(tree.keywords, keywords.values(), strict=True):
        if not (keyword == "min_value" and value is None):
            _check(name, function, value, False, arg.at, arg.end)
    try:
        result = function.run(*args, **keywords)
    except ZeroDivisionError:
        raise Fault(DIVISION, tree.at, tree.end, f"`{name}` divides by zero") from None
    except OverflowError:
        raise Fault(OUT_OF_BOUNDS, tree.at, tree.end, "the result is out of bounds") from None
    except ValueError as error:
        said = "takes at least one value" if "empty" in str(error) else f"cannot do this: {error}"
        raise Fault(WRONG_OPERAND, tree.at, tree.end, f"`{name}` {said}") from None
    return items(result, tree) if isinstance(result, tuple) else bounded(result, tree)


def _check(name: str, function: Function, value: Any, alone: bool, at: int, end: int) -> None:
    """Refuse an argument that the function does not take."""
    takes = function.takes
    if takes == "whole":
        fine, wanted = isinstance(value, int) and not isinstance(value, bool), "whole numbers"
    elif takes == "number":
        fine, wanted = is_number(value), "numbers"
        if name in ("int", "float"):
            fine = fine or isinstance(value, bool)
    elif takes == "numbers" and not alone:
        fine, wanted = is_number(value), "numbers"
    elif not is_list(value):
        fine, wanted = False, "a list"
    elif takes == "truths":
        fine, wanted = all(isinstance(item, bool) for item in value), "a list of true and false"
    else:
        fine, wanted = takes == "any list" or all(map(is_number, value)), "a list of numbers"
    if not fine:
        got = show(value)
        if is_list(value):
            got = next((f"{show(v)} in it" for v in value if not is_number(v)), "a list")
            got = got if wanted.startswith("a list") else "a list"
        raise Fault(WRONG_OPERAND, at, end, f"`{name}` takes {wanted}, got {got}", function.usage)
