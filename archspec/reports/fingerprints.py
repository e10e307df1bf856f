"""What a finding is recognised by when the lines around it have moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from archspec.diagnostics import AND_HERE, Diagnostic

from .report import relative


def fingerprints(findings: Iterable[Diagnostic], folder: Path | None = None) -> list[str]:
    """A fingerprint for every finding, in order: of its code, its file (seen from `folder`), the text
    of its line and the module, and of how many alike came before. Line numbers are no part of it."""
    import hashlib

    alike: Counter[str] = Counter()
    found = []
    for diagnostic in findings:
        span = diagnostic.span
        if span is None:
            parts = [diagnostic.code, diagnostic.message]
        else:
            # a further place is something new, though the same is said of it
            places = [span, *(label.span for label in diagnostic.labels if label.text == AND_HERE)]
            lines = [" ".join(at.source.line(at.line).split()) for at in places]
            parts = [diagnostic.code, relative(span.source.name, folder), *lines, diagnostic.path]
        key = "\0".join(parts)
        alike[key] += 1
        found.append(hashlib.sha256(f"{key}\0{alike[key]}".encode()).hexdigest()[:32])
    return found
