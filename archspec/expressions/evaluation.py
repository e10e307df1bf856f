"""Evaluation: total and bounded, so that no spec can hang or fill the memory.

Every operation checks what it takes before it runs and what it gives after. Values are numbers,
text, true, false, none, lists (tuples here) and whatever else the environment holds: a block, or a
size that is known only at run time. Those others pass through names, lists, conditionals, indices
and `==` untouched; sizes also add, subtract, multiply and divide by whole numbers.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Mapping
from typing import Any

from archspec.codes.expressions import (
    DIVISION,
    NO_SUCH_ITEM,
    OUT_OF_BOUNDS,
    UNKNOWN_NAME,
    WRONG_OPERAND,
)
from archspec.diagnostics import did_you_mean

from .ast import (
    Ast,
    Binary,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Fault,
    FunctionCall,
    Index,
    ListOf,
    Logical,
    Name,
    Slice,
    Unary,
)
from .functions import call
from .values import bounded, is_list, is_number, is_size, items, same, show, size
from .work import spend

MAX_EXPONENT = 64
MAX_ROUNDS = 5_000
"""Items that a comprehension goes through: times 256 characters, that is less than a second."""
MAX_WORK = 60_000
"""Items that a comprehension and all that stands in it go through; a round counts as ten."""

Env = Mapping[str, Any]


def evaluate(tree: Ast, env: Env) -> Any:
    """The value of an expression. Raises Fault."""
    return _EVALUATE[type(tree)](tree, env)


def _constant(tree: Constant, env: Env) -> Any:
    return tree.value


def _name(tree: Name, env: Env) -> Any:
    try:
        return env[tree.name]
    except KeyError:
        known = [name for name in env if name is not _LEFT]
        listed = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
        raise Fault(
            UNKNOWN_NAME,
            tree.at,
            tree.end,
            f"nothing here is called `{tree.name}`",
            did_you_mean(tree.name, known) or f"known here: {listed or 'nothing'}",
        ) from None


def _list(tree: ListOf, env: Env) -> tuple[Any, ...]:
    found = items(tuple([evaluate(item, env) for item in tree.items]), tree)
    _spend(env, found, tree)
    return found


def _unary(tree: Unary, env: Env) -> Any:
    if tree.operator == "not":
        return not _truth(evaluate(tree.operand, env), tree.operand)
    value = evaluate(tree.operand, env)
    _check_number(value, tree.operand, tree.operator)
    return bounded(-value if tree.operator == "-" else value, tree)


def _logical(tree: Logical, env: Env) -> bool:
    chain, first = _chain(tree)
    value = _truth(evaluate(first, env), first)
    for node in chain:
        if value is (node.operator == "and"):
            value = _truth(evaluate(node.right, env), node.right)
    return value


def _binary(tree: Binary, env: Env) -> Any:
    chain, first = _chain(tree)
    value = evaluate(first, env)
    for node in chain:
        right = evaluate(node.right, env)
        fast = _FAST.get(node.operator)
        if fast is not None and type(value) is int and type(right) is int:
            value = bounded(fast(value, right), node)
            continue
        value = _arithmetic(node, value, right)
        _spend(env, value, node)
    return value


def _chain(tree: Any) -> tuple[list[Any], Ast]:
    """`a + b + c` from its left end: a sum of a hundred terms is no hundred levels of calls."""
    chain = [tree]
    while type(tree.left) is type(tree):
        tree = tree.left
        chain.append(tree)
    chain.reverse()
    return chain, tree.left


_FAST: dict[str, Callable[[int, int], int]] = {"+": op.add, "-": op.sub, "*": op.mul}
"""What whole numbers always have a result of."""

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": op.add,
    "-": op.sub,
    "*": op.mul,
    "/": op.truediv,
    "//": op.floordiv,
    "%": op.mod,
    "**": op.pow,
}


def _arithmetic(tree: Binary, left: Any, right: Any) -> Any:
    operator = tree.operator
    if operator == "+" and (is_list(left) or is_list(right)):
        for value, operand in ((left, tree.left), (right, tree.right)):
            if not is_list(value):
                raise Fault(
                    WRONG_OPERAND,
                    operand.at,
                    operand.end,
                    f"a list and {show(value)} cannot be joined",
                    "write a list of one: `[x]`",
                )
        return items((*left, *right), tree)
    _check_number(left, tree.left, operator)
    _check_number(right, tree.right, operator)
    if is_size(left) or is_size(right):
        whole = not isinstance(left, float) and not isinstance(right, float)
        if operator in ("+", "-", "*") and whole:
            return bounded(_ARITHMETIC[operator](left, right), tree)
        if operator == "//" and isinstance(right, int) and right > 0:
            return bounded(left // right, tree)
        size = left if is_size(left) else right
        raise Fault(
            WRONG_OPERAND,
            tree.at,
            tree.end,
            f"`{operator}` cannot be worked out on {show(size)}",
            "sizes take `+`, `-`, `*` and `//` with whole numbers",
        )
    if operator in ("/", "//", "%") and right == 0:
        raise Fault(DIVISION, tree.right.at, tree.right.end, f"{show(left)} is divided by zero")
    if operator == "**":
        if left == 0 and right < 0:
            raise Fault(DIVISION, tree.at, tree.end, "zero to a negative power divides by zero")
        if not -MAX_EXPONENT <= right <= MAX_EXPONENT:
            raise Fault(
                OUT_OF_BOUNDS, tree.right.at, tree.right.end, f"an exponent beyond {MAX_EXPONENT}"
            )
        if left < 0 and isinstance(right, float) and not right.is_integer():
            raise Fault(WRONG_OPERAND, tree.at, tree.end, "a negative number has no broken power")
    try:
        return bounded(_ARITHMETIC[operator](left, right), tree)
    except (OverflowError, ValueError, ZeroDivisionError):
        raise Fault(OUT_OF_BOUNDS, tree.at, tree.end, "the result is out of bounds") from None


_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}


def _compare(tree: Compare, env: Env) -> bool:
    left = evaluate(tree.operands[0], env)
    for position, operator in enumerate(tree.operators):
        before, after = tree.operands[position : position + 2]
        right = evaluate(after, env)
        if operator in ("==", "!="):
            _spend(env, left, before)
            result = same(left, right) is (operator == "==")
        elif operator in ("in", "not in"):
            if not is_list(right):
                raise Fault(
                    WRONG_OPERAND, after.at, after.end, f"`in` takes a list, got {show(right)}"
                )
            _spend(env, right, after)
            result = any(same(left, item) for item in right) is (operator == "in")
        else:
            for value, operand in ((left, before), (right, after)):
                _check_number(value, operand, operator)
                if is_size(value):
                    raise Fault(
                        WRONG_OPERAND,
                        operand.at,
                        operand.end,
                        f"`{operator}` cannot be worked out on {show(value)}",
                        "structure depends on parameters and channels alone",
                    )
            result = _ORDER[operator](left, right)
        if not result:
            return False
        left = right
    return True


def _conditional(tree: Conditional, env: Env) -> Any:
    condition = _truth(evaluate(tree.condition, env), tree.condition)
    return evaluate(tree.then if condition else tree.otherwise, env)


def _index(tree: Index, env: Env) -> Any:
    value = evaluate(tree.value, env)
    index = evaluate(tree.subscript, env)
    _check_list(value, tree.value)
    _check_whole(index, tree.subscript)
    length = len(value)
    if not -length <= index < length:
        valid = f"its items are 0 to {length - 1}" if length > 1 else None
        counted = f"{length} item{'' if length == 1 else 's'}"
        raise Fault(
            NO_SUCH_ITEM,
            tree.subscript.at,
            tree.subscript.end,
            f"there is no item {index} in a list of {counted}",
            valid,
        )
    return value[index]


def _slice(tree: Slice, env: Env) -> tuple[Any, ...]:
    value = evaluate(tree.value, env)
    _check_list(value, tree.value)
    ends = []
    for part in (tree.start, tree.stop):
        end = None if part is None else evaluate(part, env)
        if part is not None:
            _check_whole(end, part)
        ends.append(end)
    _spend(env, value, tree)
    return tuple(value[ends[0] : ends[1]])


_LEFT: Any = object()
"""Under this key, which is no name, a comprehension's environment has what it may still do."""


def _comprehension(tree: Comprehension, env: Env) -> tuple[Any, ...]:
    source = evaluate(tree.source, env)
    if not is_list(source):
        raise Fault(
            WRONG_OPERAND,
            tree.source.at,
            tree.source.end,
            f"`for` goes through a list, got {show(source)}",
            "`range(n)` is a list of numbers",
        )
    if len(source) > MAX_ROUNDS:
        raise Fault(
            OUT_OF_BOUNDS,
            tree.source.at,
            tree.source.end,
            f"`for` goes through at most {MAX_ROUNDS:,} items, and here are {len(source):,}",
        )
    inner = {_LEFT: [MAX_WORK], **env}
    found = []
    for item in source:
        _spend(inner, (None,) * 10, tree)
        inner[tree.name] = item
        if tree.flat:
            found += evaluate(tree.item, inner)
        else:
            found.append(evaluate(tree.item, inner))
    return items(tuple(found), tree)


def _spend(env: Env, value: Any, tree: Ast) -> None:
    """A list was gone through: that counts for the comprehension that it stands in, if it does, and
    for the whole expansion."""
    spent = size(value)
    if not spent:
        return
    if not spend(spent):
        raise Fault(
            OUT_OF_BOUNDS,
            tree.at,
            tree.end,
            "the expressions of this spec go through too many items, all copies together",
            "work it out once, in a `let:` of the spec",
        )
    left = env.get(_LEFT)
    if left is None:
        return
    left[0] -= spent
    if left[0] < 0:
        raise Fault(
            OUT_OF_BOUNDS, tree.at, tree.end, f"this goes through more than {MAX_WORK:,} items"
        )


def _call(tree: FunctionCall, env: Env) -> Any:
    args = [evaluate(arg, env) for arg in tree.args]
    result = call(tree, args, {name: evaluate(value, env) for name, value in tree.keywords})
    _spend(env, (*args, result), tree)
    return result


_EVALUATE: dict[type, Callable[[Any, Env], Any]] = {
    Constant: _constant,
    Name: _name,
    ListOf: _list,
    Unary: _unary,
    Binary: _binary,
    Logical: _logical,
    Compare: _compare,
    Conditional: _conditional,
    Index: _index,
    Slice: _slice,
    Comprehension: _comprehension,
    FunctionCall: _call,
}


def _check_list(value: Any, tree: Ast) -> None:
    if not is_list(value):
        raise Fault(WRONG_OPERAND, tree.at, tree.end, f"only a list has items, got {show(value)}")


def _check_whole(value: Any, tree: Ast) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Fault(
            WRONG_OPERAND, tree.at, tree.end, f"an index is a whole number, got {show(value)}"
        )


def _check_number(value: Any, tree: Ast, operator: str) -> None:
    if is_number(value) or is_size(value):
        return
    help = None
    if isinstance(value, str) and operator == "+":
        help = "text is joined by writing it side by side: `layer$(i + 1)`"
    raise Fault(
        WRONG_OPERAND, tree.at, tree.end, f"`{operator}` takes numbers, got {show(value)}", help
    )


def _truth(value: Any, tree: Ast) -> bool:
    if not isinstance(value, bool):
        raise Fault(
            WRONG_OPERAND,
            tree.at,
            tree.end,
            f"a condition is true or false, got {show(value)}",
            "compare it: `n > 0`",
        )
    return value
