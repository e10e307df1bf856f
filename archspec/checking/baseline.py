"""A baseline: the findings of today, written down so that only new ones are told."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from archspec.codes.lint import STALE_BASELINE
from archspec.diagnostics import Diagnostic, Source, Span, UsageError
from archspec.files import write_whole
from archspec.reports.fingerprints import fingerprints
from archspec.reports.report import relative


class Baseline:
    """A file of findings that are not told again. Line numbers are not part of what it knows."""

    def __init__(self, path: Path):
        """Raises UsageError where the file cannot be read, or is no baseline."""
        self.path = path
        try:
            self.source = Source(str(path), path.read_text(encoding="utf-8"))
            whole = json.loads(self.source.text)
            entries: list[dict[str, Any]] = whole["findings"]
            self.known = {entry["fingerprint"]: entry for entry in entries}
        except FileNotFoundError:
            raise UsageError(f"no baseline {path}: --write-baseline makes it") from None
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path} is no baseline: --write-baseline makes a new one") from None

    def split(
        self, found: list[Diagnostic], checked: Collection[str]
    ) -> tuple[list[Diagnostic], int]:
        """The findings that are not known, with a warning for every entry that nothing has any more;
        and how many are known. checked: the files that were looked at."""
        new, seen = [], set()
        for one, mark in zip(found, fingerprints(found, self.path.parent), strict=True):
            if mark in self.known:
                seen.add(mark)
            else:
                new.append(one)
        looked_at = {os.path.abspath(name) for name in checked}
        for mark, entry in self.known.items():
            file = os.path.abspath(self.path.parent / str(entry.get("file")))
            if mark not in seen and (file in looked_at or not os.path.exists(file)):
                new.append(self._stale(mark, entry))
        return new, len(seen)

    def _stale(self, mark: str, entry: dict[str, Any]) -> Diagnostic:
        lines = self.source.text.split("\n")
        line = next((n for n, text in enumerate(lines, start=1) if mark in text), 1)
        column = lines[line - 1].find(mark) + 1
        return STALE_BASELINE.at(
            Span(self.source, line, column, line, column + len(mark)),
            f"`{entry.get('code')}` is not found in {entry.get('file')} any more",
            help="--write-baseline writes the file anew",
        )


def write_baseline(path: Path, found: list[Diagnostic]) -> None:
    """Write a baseline that knows these findings. Raises OSError."""
    entries = [
        {
            "fingerprint": mark,
            "code": one.code,
            "file": None if one.span is None else relative(one.span.source.name, path.parent),
            "message": one.message,
        }
        for one, mark in zip(found, fingerprints(found, path.parent), strict=True)
    ]
    whole = {"version": 1, "findings": entries}
    write_whole(path, (json.dumps(whole, indent=2) + "\n").encode())
