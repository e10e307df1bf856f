"""Reports: the findings of a run, as people and programs read them."""

from __future__ import annotations

from importlib import import_module

from .fingerprints import fingerprints
from .report import Checked, Report

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


def write_report(
    report: Report, format: str, *, color: bool = False, width: int | None = None
) -> str:
    """The report as text, in one of `FORMATS`; it ends with a line break where it says anything.

    color, width: how a terminal shows text; the other formats are the same everywhere.
    """
    if format == "text":
        from .text import write

        return write(report, color=color, width=width)
    made: str = import_module(f"{__name__}.{format}").write(report)
    return made


__all__ = ["FORMATS", "Checked", "Report", "fingerprints", "write_report"]
