"""Findings of one run: each mistake as written once, however many modules have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .model import Diagnostic, Span

_NAMED = 3


class _Finding:
    __slots__ = ("count", "diagnostic", "paths")

    def __init__(self, diagnostic: Diagnostic):
        self.diagnostic = diagnostic
        self.count = 0
        self.paths: list[str] = []

    def told(self) -> Diagnostic:
        """The finding of the first module, with what it says of the others."""
        first = replace(self.diagnostic, path=self.paths[0] if self.paths else "")
        if self.count < 2:
            return first
        others = [f"`{path}`" for path in self.paths[1:]]
        more = self.count - 1 - len(others)
        if more:
            others.append(f"{more} more" if others else f"{more} more place{'s' * (more > 1)}")
        listed = ", ".join(others[:-1])
        note = f"the same in {listed} and {others[-1]}" if listed else f"the same in {others[0]}"
        return replace(first, notes=(*first.notes, note))


class Findings:
    """Collects findings by code and place."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span | None], _Finding] = {}

    def add(self, diagnostic: Diagnostic, path: str = "") -> None:
        """Note a finding; of one that is known, only where it is found again."""
        key = (diagnostic.code, diagnostic.span)
        finding = self._found.get(key)
        if finding is None:
            finding = self._found[key] = _Finding(diagnostic)
        finding.count += 1
        if path and path not in finding.paths and len(finding.paths) <= _NAMED:
            finding.paths.append(path)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return (finding.told() for finding in self._found.values())
