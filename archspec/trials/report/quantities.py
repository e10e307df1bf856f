"""Quantities: how a number that was measured is shown, with its unit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from archspec.diagnostics import visible

_COUNTS = {"params": "parameters", "macs": "MACs"}
_UNITS = {"latency": ("latency", "ms"), "seconds": ("time", "s")}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a name.

    label: for a heading. unit: what stands after the number. factor: from as it is measured to as it
    is shown. digits: behind the point; None of numbers of any size, shown to four digits. count: of
    things, which are shown whole.
    """

    name: str
    label: str
    unit: str = ""
    factor: float = 1.0
    digits: int | None = None
    count: bool = False

    @property
    def axis(self) -> str:
        """The label with the unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def number(self, value: float | None) -> str:
        """Without the unit; a dash where there is none."""
        if value is None or not math.isfinite(value):
            return "–"
        shown = value * self.factor
        if self.count:
            return f"{round(shown):,}".replace("-", "−")
        if self.digits is not None:
            return f"{shown:,.{self.digits}f}".replace("-", "−")
        return f"{shown:.4g}".replace("-", "−")

    def text(self, value: float | None) -> str:
        """With the unit."""
        number = self.number(value)
        return f"{number} {self.unit}" if self.unit and number != "–" else number

    def difference(self, value: float) -> str:
        """How far apart two are; percentages are apart by points."""
        number = self.number(abs(value) if self.factor > 0 else -abs(value))
        return f"{number} {'points' if self.unit == '%' else self.unit}".rstrip()


def quantity(name: str, values: Iterable[float] = (), digits: int = 1) -> Quantity:
    """How a quantity of this name is shown. Accuracies are percentages where the values are parts of
    one; digits: of those."""
    if name in _COUNTS:
        return Quantity(name, _COUNTS[name], count=True)
    if name in _UNITS:
        label, unit = _UNITS[name]
        return Quantity(name, label, unit, digits=2)
    shown = visible(name).replace("_", " ")
    if name == "accuracy":
        shown = "validation accuracy"
    if "accuracy" in name and all(0 <= value <= 1 for value in values):
        return Quantity(name, shown, "%", 100.0, digits)
    return Quantity(name, shown)


def short(number: float) -> str:
    """A number for an axis: 1.5k, 20M."""
    size = abs(number)
    for unit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{number / unit:.4g}{letter}".replace("-", "−")
    return f"{number:.4g}".replace("-", "−")


def duration(seconds: float) -> str:
    """A time for the reader: 8.1 s, 12 min, 3 h 20 min."""
    if seconds < 100:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 60 * 48:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes / 1440:.1f} days"


def probability(p: float) -> str:
    """A probability of a test."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def shown(value: Any) -> str:
    """An option as its spec has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, float):
        return f"{value:.4g}"
    return visible(str(value))


def cut(text: str, length: int) -> str:
    """Text that is no longer than this."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
