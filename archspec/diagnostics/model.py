"""Diagnostics: what is wrong, where, why, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning", "note"]

_BREAK = re.compile("\r\n|\r|\n")  # what YAML counts as the end of a line, and nothing else


class Source:
    """A named text: a file as the user named it, `<stdin>` or `<string>`.

    Two sources are equal only if they are the same object.
    """

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str):
        self.name = name
        self.text = text
        self._lines: list[str] | None = None

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty past the end."""
        if self._lines is None:
            self._lines = _BREAK.split(self.text.removeprefix("\ufeff"))
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def __repr__(self) -> str:
        return f"Source({self.name!r})"


class Span(NamedTuple):
    """A place in a text: lines and columns count from 1, the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def text(self) -> str:
        """What stands there, of its first line."""
        end = self.end_column - 1 if self.end_line == self.line else None
        return self.source.line(self.line)[self.column - 1 : end]

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


class Label(NamedTuple):
    """A secondary place and what to see there."""

    span: Span
    text: str


AND_HERE = "and here"
"""The label of other places that the same is said of."""


class Frame(NamedTuple):
    """One entry of the instantiation stack."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable code, a sentence, the place, and the way out."""

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    labels: tuple[Label, ...] = ()
    stack: tuple[Frame, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    path: str = ""
    """The module that the finding is about, as the compiled model would name it."""

    def format(self, color: bool = False, width: int | None = None) -> str:
        """The finding as text, with the source line and a caret under the fault."""
        from .text import format_diagnostic

        return format_diagnostic(self, color=color, width=width)

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            **_place(self.span),
            "labels": [{**_place(span), "text": text} for span, text in self.labels],
            "stack": [{**_place(span), "text": text} for span, text in self.stack],
            "notes": list(self.notes),
            "help": self.help,
            "path": self.path,
        }


def _place(span: Span | None) -> dict[str, Any]:
    if span is None:
        return {"file": None}
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
