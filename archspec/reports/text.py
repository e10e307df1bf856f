"""Findings for people."""

from __future__ import annotations

from archspec.diagnostics import visible

from .report import Report

MOST = 100


def write(report: Report, *, color: bool, width: int | None) -> str:
    """The first 100 findings, errors before the warnings that would not fit, and the totals."""
    shown = list(report.findings)
    if len(shown) > MOST:
        kept = sorted(shown, key=lambda found: found.severity != "error")[:MOST]
        chosen = {id(found) for found in kept}
        shown = [found for found in shown if id(found) in chosen]
    parts = [found.format(color=color, width=width) + "\n" for found in shown]
    left = len(report.findings) - len(shown)
    if left:
        parts.append(f"... and {left} more finding{'s' * (left > 1)}, which are not shown\n")
    return "\n".join([*parts, totals(report)]) + "\n"


def totals(report: Report) -> str:
    """The run in one line."""
    specs = len(report.checked)
    said = f"{_count(specs, 'spec')} checked, {_count(report.errors, 'error')}"
    if report.warnings:
        said += f", {_count(report.warnings, 'warning')}"
    if report.known:
        said += f"; {_count(report.known, 'finding')} of the baseline not shown"
    if report.others:
        said += f"; {_count(len(report.others), 'other YAML file')} without `archspec:` passed over"
        said += f" ({visible(report.others[0])}{', ...' * (len(report.others) > 1)})"
    return said


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' * (number != 1)}"
