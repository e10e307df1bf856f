"""Work: how many items the expressions of one expansion may go through, all together.

Each expression is bounded; a loop that evaluates a long one in each of its copies is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_left: ContextVar[list[int] | None] = ContextVar("archspec_work", default=None)


@contextmanager
def at_most(items: int) -> Iterator[None]:
    """What is evaluated inside goes through at most so many items."""
    before = _left.set([items])
    try:
        yield
    finally:
        _left.reset(before)


def spend(items: int) -> bool:
    """Note that items were gone through; whether that was still allowed."""
    left = _left.get()
    if left is None:
        return True
    left[0] -= items
    return left[0] >= 0
