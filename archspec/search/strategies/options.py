"""Options of strategies: declared once, with their bounds, and checked wherever they come from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archspec.diagnostics import UsageError, did_you_mean


@dataclass(frozen=True, slots=True)
class Option:
    """An option: what it is, its default, which also says its type, and what it may be."""

    about: str
    default: int | float | str | bool
    low: float = -math.inf
    high: float = math.inf
    among: tuple[str, ...] = ()

    def wrong(self, value: Any) -> str | None:
        """What is expected instead, or None of a value that will do."""
        kind = type(self.default)
        if self.among:
            return None if value in self.among else f"one of {', '.join(self.among)}"
        if kind is bool:
            return None if isinstance(value, bool) else "true or false"
        fits = isinstance(value, int) or (kind is float and isinstance(value, float))
        if fits and not isinstance(value, bool) and self.low <= value <= self.high:
            return None
        noun = "a whole number" if kind is int else "a number"
        if self.high < math.inf:
            return f"{noun} from {self.low:g} to {self.high:g}"
        return f"{noun} from {self.low:g}"


def resolved(
    strategy: str, options: Mapping[str, Option], given: Mapping[str, Any]
) -> dict[str, Any]:
    """All options of a strategy with their values. Raises UsageError of one that it does not have,
    or that has a value it cannot have."""
    for name, value in given.items():
        if name not in options:
            question = did_you_mean(name, options) or f"it has {', '.join(options)}"
            raise UsageError(f"strategy `{strategy}` has no option `{name}`: {question}")
        expected = options[name].wrong(value)
        if expected:
            raise UsageError(f"option `{name}` of `{strategy}` is {value!r}: expected {expected}")
    return {
        name: type(option.default)(given[name]) if name in given else option.default
        for name, option in options.items()
    }
