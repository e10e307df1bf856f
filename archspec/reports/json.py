"""Findings as plain data: everything that a finding knows."""

from __future__ import annotations

import json

from .fingerprints import fingerprints
from .report import Report


def write(report: Report) -> str:
    """One object: the totals, and the findings in order."""
    found = zip(report.findings, fingerprints(report.findings), strict=True)
    whole = {
        "version": 1,
        "checked": len(report.checked),
        "errors": report.errors,
        "warnings": report.warnings,
        "baseline": report.known,
        "passed_over": list(report.others),
        "diagnostics": [{**one.to_json(), "fingerprint": mark} for one, mark in found],
    }
    return json.dumps(whole, indent=2) + "\n"
