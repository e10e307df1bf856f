"""Evaluation: total and bounded, so that no spec can hang or fill the memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from archspec.diagnostics import did_you_mean

from .ast import (
    OUT_OF_BOUNDS,
    UNKNOWN_FUNCTION,
    UNKNOWN_NAME,
    WRONG_OPERAND,
    Ast,
    Binary,
    Compare,
    Conditional,
    Constant,
    Fault,
    FunctionCall,
    Index,
    ListOf,
    Name,
    Unary,
)

BOUND = 2**53
MAX_ITEMS = 10_000


def evaluate(tree: Ast, env: Mapping[str, Any]) -> Any:
    """The value of an expression. Raises Fault."""
    kind = type(tree)
    if kind is Constant:
        return tree.value  # type: ignore[union-attr]
    if kind is Name:
        try:
            return env[tree.name]  # type: ignore[union-attr]
        except KeyError:
            raise _unknown(tree, env) from None  # type: ignore[arg-type]
    if isinstance(tree, Binary):
        return _binary(tree, env)
    if isinstance(tree, Conditional):
        chosen = tree.then if _truth(tree.condition, env) else tree.otherwise
        return evaluate(chosen, env)
    if isinstance(tree, Compare):
        return _compare(tree, env)
    if isinstance(tree, Index):
        return _index(tree, env)
    if isinstance(tree, ListOf):
        return tuple([evaluate(item, env) for item in tree.items])
    if isinstance(tree, Unary):
        if tree.operator == "not":
            return not _truth(tree.operand, env)
        value = _number(tree.operand, env, tree.operator)
        return -value if tree.operator == "-" else value
    assert isinstance(tree, FunctionCall)
    return _call(tree, env)


def _unknown(tree: Name, env: Mapping[str, Any]) -> Fault:
    known = list(env)
    return Fault(
        UNKNOWN_NAME,
        tree.at,
        len(tree.name),
        f"nothing here is called `{tree.name}`",
        did_you_mean(tree.name, known) or f"known here: {', '.join(known) or 'nothing'}",
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text `{value[:40]}`"
    if isinstance(value, tuple | list):
        return "a list"
    return "nothing" if value is None else f"`{value}`"


def _number(tree: Ast, env: Mapping[str, Any], operator: str) -> Any:
    value = evaluate(tree, env)
    if not _is_number(value) and not _is_size(value):
        raise Fault(WRONG_OPERAND, tree.at, 1, f"`{operator}` takes numbers, got {_show(value)}")
    return value


def _is_size(value: Any) -> bool:
    """A size left free until run time computes like a number."""
    return hasattr(value, "terms")


def _truth(tree: Ast, env: Mapping[str, Any]) -> bool:
    value = evaluate(tree, env)
    if not isinstance(value, bool):
        raise Fault(
            WRONG_OPERAND,
            tree.at,
            1,
            f"a condition is true or false, got {_show(value)}",
            "compare it: `n > 0`",
        )
    return value


def bounded(value: Any, at: int) -> Any:
    """The value, if it is finite and within 2**53."""
    if isinstance(value, int | float) and not (-BOUND <= value <= BOUND):
        raise Fault(OUT_OF_BOUNDS, at, 1, "the result is not finite, or beyond 2**53")
    return value


def _binary(tree: Binary, env: Mapping[str, Any]) -> Any:
    operator = tree.operator
    if operator == "and":
        return _truth(tree.left, env) and _truth(tree.right, env)
    if operator == "or":
        return _truth(tree.left, env) or _truth(tree.right, env)
    if operator == "+":
        left = evaluate(tree.left, env)
        if isinstance(left, tuple | list):
            right = evaluate(tree.right, env)
            if not isinstance(right, tuple | list):
                raise Fault(WRONG_OPERAND, tree.at, 1, f"a list plus {_show(right)}")
            return _items((*left, *right), tree.at)
    left = _number(tree.left, env, operator)
    right = _number(tree.right, env, operator)
    if operator in ("/", "//", "%") and not _is_size(right) and right == 0:
        raise Fault(WRONG_OPERAND, tree.at, len(operator), "division by zero")
    if operator == "**":
        if (
            abs(right) > 64
            or (left == 0 and right < 0)
            or (left < 0 and not float(right).is_integer())
        ):
            raise Fault(OUT_OF_BOUNDS, tree.at, 2, f"{left} ** {right} is out of bounds")
        if isinstance(left, int) and isinstance(right, int) and abs(left) > BOUND:
            raise Fault(OUT_OF_BOUNDS, tree.at, 2, "the result is beyond 2**53")
    try:
        return bounded(_ARITHMETIC[operator](left, right), tree.at)
    except (OverflowError, ValueError):
        raise Fault(OUT_OF_BOUNDS, tree.at, 1, "the result is out of bounds") from None
    except TypeError:
        raise Fault(
            WRONG_OPERAND, tree.at, 1, f"`{operator}` does not work on sizes left free"
        ) from None


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
}


def _compare(tree: Compare, env: Mapping[str, Any]) -> bool:
    left = evaluate(tree.operands[0], env)
    for operator, operand in zip(tree.operators, tree.operands[1:], strict=True):
        right = evaluate(operand, env)
        if operator == "==":
            result = left == right
        elif operator == "!=":
            result = left != right
        elif operator in ("in", "not in"):
            if not isinstance(right, tuple | list):
                raise Fault(WRONG_OPERAND, tree.at, 2, f"`in` takes a list, got {_show(right)}")
            result = (left in right) == (operator == "in")
        elif _is_number(left) and _is_number(right):
            result = {
                "<": left < right,
                "<=": left <= right,
                ">": left > right,
                ">=": left >= right,
            }[operator]
        else:
            wrong = right if _is_number(left) else left
            raise Fault(
                WRONG_OPERAND,
                tree.at,
                len(operator),
                f"`{operator}` takes numbers, got {_show(wrong)}",
            )
        if not result:
            return False
        left = right
    return True


def _index(tree: Index, env: Mapping[str, Any]) -> Any:
    value = evaluate(tree.value, env)
    index = evaluate(tree.index, env)
    if not isinstance(value, tuple | list):
        raise Fault(WRONG_OPERAND, tree.at, 1, f"only a list has items, got {_show(value)}")
    if not isinstance(index, int) or isinstance(index, bool):
        raise Fault(WRONG_OPERAND, tree.at, 1, f"an index is a whole number, got {_show(index)}")
    if not -len(value) <= index < len(value):
        raise Fault(WRONG_OPERAND, tree.at, 1, f"item {index} of a list of {len(value)}")
    return value[index]


def _items(items: tuple[Any, ...], at: int) -> tuple[Any, ...]:
    if len(items) > MAX_ITEMS:
        raise Fault(OUT_OF_BOUNDS, at, 1, f"a list of more than {MAX_ITEMS:,} items")
    return items


def make_divisible(value: float, divisor: int = 8, min_value: int | None = None) -> int:
    """The nearest multiple of `divisor` that is not below 90 % of `value`.

    Source: the MobileNet reference code; torchvision's `_make_divisible`.
    """
    least = divisor if min_value is None else min_value
    result = max(least, int(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


def _range(*args: int) -> tuple[int, ...]:
    made = range(*args)
    if len(made) > MAX_ITEMS:
        raise ValueError
    return tuple(made)


def _flat(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], tuple | list) else args


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "ceil": math.ceil,
    "float": float,
    "floor": math.floor,
    "int": int,
    "len": len,
    "make_divisible": make_divisible,
    "max": lambda *args: max(_flat(args)),
    "min": lambda *args: min(_flat(args)),
    "range": _range,
    "round": lambda value: round(value),
    "sum": sum,
}
"""What expressions can call."""

_ON_LISTS = ("all", "any", "len", "sum")


def _call(tree: FunctionCall, env: Mapping[str, Any]) -> Any:
    function = FUNCTIONS.get(tree.function)
    if function is None:
        raise Fault(
            UNKNOWN_FUNCTION,
            tree.at,
            len(tree.function),
            f"there is no function `{tree.function}`",
            did_you_mean(tree.function, FUNCTIONS) or f"there are {', '.join(FUNCTIONS)}",
        )
    args = [evaluate(arg, env) for arg in tree.args]
    keywords = {name: evaluate(value, env) for name, value in tree.keywords}
    for value in (*args, *keywords.values()):
        for item in value if isinstance(value, tuple | list) else (value,):
            fine = _is_number(item) or isinstance(item, bool) or item is None
            if not fine and tree.function != "len":
                raise Fault(
                    WRONG_OPERAND,
                    tree.at,
                    len(tree.function),
                    f"`{tree.function}` takes numbers, got {_show(item)}",
                )
    if tree.function in _ON_LISTS and not (len(args) == 1 and isinstance(args[0], tuple | list)):
        raise Fault(WRONG_OPERAND, tree.at, len(tree.function), f"`{tree.function}` takes one list")
    try:
        return bounded(function(*args, **keywords), tree.at)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        shown = ", ".join(_show(a) for a in args)
        raise Fault(
            WRONG_OPERAND, tree.at, len(tree.function), f"`{tree.function}` does not take {shown}"
        ) from None
