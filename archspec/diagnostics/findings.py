"""Findings of one run: each mistake as written once, however many modules have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from .model import AND_HERE, Diagnostic, Label, Span
from .text import in_words

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
        return replace(first, notes=(*first.notes, f"the same in {in_words(others)}"))


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


def together(found: Iterable[Diagnostic], shared: Callable[[Diagnostic], bool]) -> list[Diagnostic]:
    """The findings; of the `shared` ones that say the same of several places of a file the first, with
    the others beside it: a name that is wrong where it is declared is wrong wherever it is used."""
    kept: dict[Any, list[Diagnostic]] = {}
    for number, one in enumerate(found):
        key: Any = number
        if one.span is not None and shared(one):
            key = (one.code, one.message, one.span.source)
        kept.setdefault(key, []).append(one)
    return [_joined(alike) for alike in kept.values()]


def _joined(alike: list[Diagnostic]) -> Diagnostic:
    first, *others = sorted(alike, key=lambda one: one.span[1:3] if one.span else ())
    spans = list(dict.fromkeys(one.span for one in others if one.span and one.span != first.span))
    if not spans:
        return first
    return replace(first, labels=(*first.labels, *(Label(span, AND_HERE) for span in spans)))
