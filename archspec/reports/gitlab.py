"""Findings as GitLab's code quality report."""

from __future__ import annotations

import json

from archspec.diagnostics import visible

from .fingerprints import fingerprints
from .report import Report, checkout

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def write(report: Report) -> str:
    """A list of issues, as `artifacts: reports: codequality:` takes it."""
    folder = checkout("CI_PROJECT_DIR")
    issues = []
    for found, fingerprint in zip(report.findings, fingerprints(report.findings), strict=True):
        told = found.message + (f" ({found.help})" if found.help else "")
        issues.append(
            {
                "description": visible(told),
                "check_name": found.code,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[found.severity],
                "location": {
                    "path": report.file(found, folder),
                    "lines": {"begin": 1 if found.span is None else found.span.line},
                },
            }
        )
    return json.dumps(issues, indent=2) + "\n"
