"""Findings as GitLab's code quality report."""

from __future__ import annotations

import json

from archspec.diagnostics import AND_HERE, visible

from .fingerprints import fingerprints
from .report import Report, checkout, shown_at

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def write(report: Report) -> str:
    """A list of issues, as `artifacts: reports: codequality:` takes it."""
    folder = checkout("CI_PROJECT_DIR")
    issues = []
    for found, fingerprint in zip(report.findings, fingerprints(report.findings), strict=True):
        place = shown_at(found)
        said = found.message + (f" ({found.help})" if found.help else "")
        if found.span is not None and found.span != place:
            said += f", at {found.span}"
        lines = [str(label.span.line) for label in found.labels if label.text == AND_HERE]
        if lines:
            said += f", and in line {', '.join(lines[:10])}"
        issues.append(
            {
                "description": visible(said),
                "check_name": found.code,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[found.severity],
                "location": {
                    "path": report.file(found, folder),
                    "lines": {"begin": 1 if place is None else place.line},
                },
            }
        )
    return json.dumps(issues, indent=2) + "\n"
