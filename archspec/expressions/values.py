"""What a value is, how it is said in a message, and how large it may be."""

from __future__ import annotations

from typing import Any, TypeGuard

from archspec.codes.expressions import OUT_OF_BOUNDS

from .ast import Ast, Fault
from .parser import BOUND

MAX_ITEMS = 10_000
_MAX_TERMS = 64
_MAX_DEGREE = 16
_MAX_FLOORS = 16
_MAX_NESTING = 64


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_list(value: Any) -> TypeGuard[tuple[Any, ...] | list[Any]]:
    """Whether a value is a list: a tuple of ours, or a list that the caller put in."""
    return isinstance(value, tuple | list)


def is_size(value: Any) -> bool:
    """Whether a value is a size that is known only at run time: a polynomial with `terms`."""
    return hasattr(value, "terms")


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal; a list is equal to a tuple of the same items."""
    if is_list(left) and is_list(right):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def bounded(value: Any, tree: Ast) -> Any:
    """The value, if it is finite and within 2**53."""
    if isinstance(value, int | float):
        if not -BOUND <= value <= BOUND:  # not a number is within nothing
            raise Fault(
                OUT_OF_BOUNDS, tree.at, tree.end, "the result is not finite, or beyond 2**53"
            )
    elif is_size(value):
        large = len(value.terms) > _MAX_TERMS or any(
            len(monomial) > _MAX_DEGREE or abs(factor) > BOUND for monomial, factor in value.terms
        )
        if large or getattr(value, "floors", 0) > _MAX_FLOORS:
            raise Fault(OUT_OF_BOUNDS, tree.at, tree.end, "the size is too large to work with")
    return value


def items(value: tuple[Any, ...], tree: Ast) -> tuple[Any, ...]:
    """The list, if it and the lists in it have at most 10,000 items.

    A list of lists of lists that are one object costs nothing to build and all memory to print,
    which is why the items of the inner lists count as often as they appear.
    """
    if _count(value, MAX_ITEMS, _MAX_NESTING) < 0:
        raise Fault(OUT_OF_BOUNDS, tree.at, tree.end, f"a list of more than {MAX_ITEMS:,} items")
    return value


def size(value: Any) -> int:
    """How many items a list and the lists in it have; 0 for what is no list."""
    return MAX_ITEMS - _count(value, MAX_ITEMS, _MAX_NESTING) if is_list(value) else 0


def _count(value: tuple[Any, ...] | list[Any], left: int, levels: int) -> int:
    """How many of `left` items remain after those of `value`; negative where there are too many."""
    left -= len(value)
    if levels == 0:
        return -1
    for item in value:
        if left < 0:
            break
        if isinstance(item, tuple | list):
            left = _count(item, left, levels - 1)
    return left


def show(value: Any) -> str:
    """A value in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text `{value[:40]}{'...' if len(value) > 40 else ''}`"
    if is_list(value):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, int) and abs(value) > 10 * BOUND:
        return "a number beyond 2**53"
    if is_number(value):
        return f"`{value}`"
    if is_size(value):
        return f"the size `{str(value)[:40]}`, known only at run time"
    return f"`{str(value)[:40]}`"


_LONGEST = 200


def written(value: Any) -> str:
    """A value as a spec has it."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if value is None:
        return "nothing"
    text = _written(value)
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}...`"


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_written(inner)}' for key, inner in value.items())}}}"
    known = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return known[value]
    return str(getattr(value, "text", value))
