"""Findings as annotations of a GitHub workflow: they appear beside the lines of a pull request."""

from __future__ import annotations

from archspec.diagnostics import Diagnostic, visible

from .report import Report, checkout, shown_at, told
from .text import totals

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report) -> str:
    """One workflow command for a finding, and the totals."""
    folder = checkout("GITHUB_WORKSPACE")
    lines = [_command(found, report.file(found, folder)) for found in report.findings]
    return "\n".join([*lines, totals(report)]) + "\n"


def _command(found: Diagnostic, file: str) -> str:
    properties = {"file": file} if file else {}
    span = shown_at(found)
    if span is not None:
        properties["line"] = str(span.line)
        properties["endLine"] = str(span.end_line)
        if span.line == span.end_line:  # columns are those of one line
            properties["col"] = str(span.column)
            properties["endColumn"] = str(max(span.column, span.end_column - 1))
    properties["title"] = found.code
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_LEVELS[found.severity]} {given}::{_data(chr(10).join(told(found)))}"


def _data(text: str) -> str:
    """Text behind the last `::`; nothing in it begins another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
