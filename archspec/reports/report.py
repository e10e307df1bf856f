"""What a run found."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from archspec.diagnostics import Diagnostic, Span, visible

_Place = tuple[str, int, int, int, int]


class Checked(NamedTuple):
    """One spec and what was found in it and in the files it takes in."""

    spec: str
    found: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Report:
    """A run over several specs. `others`: YAML files that were passed over, since they are no specs;
    `known`: how many findings the baseline has."""

    checked: tuple[Checked, ...]
    others: tuple[str, ...] = ()
    known: int = 0
    more: tuple[Diagnostic, ...] = ()
    """Findings in no spec."""

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Every finding once: a fault of a shared file is found by each spec that takes it in."""
        found = [found for one in self.checked for found in one.found]
        return tuple(once([*found, *self.more]))

    def file(self, found: Diagnostic, folder: Path | None = None) -> str:
        """The file of a finding as other programs name it (see `relative`); that of its spec where it
        has no place of its own, as with a file that is not there."""
        span = shown_at(found)
        if span is not None:
            return relative(span.source.name, folder)
        spec = next((one.spec for one in self.checked if any(f is found for f in one.found)), "")
        return relative("<stdin>" if spec == "-" else spec, folder) if spec else ""

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(found.severity == "error" for found in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(found.severity == "warning" for found in self.findings)


_MOST = 10  # related places in an annotation


def shown_at(found: Diagnostic) -> Span | None:
    """Where a reader who has only the project sees a finding: that of a shipped file at what set it
    off, or where the shipped block is used."""
    span = found.span
    if span is None or not span.source.name.startswith("archspec:"):
        return span
    places = (*(label.span for label in found.labels), *(f.span for f in reversed(found.stack)))
    return next((p for p in places if not p.source.name.startswith("archspec:")), span)


def told(found: Diagnostic) -> list[str]:
    """The finding in lines, for a format that shows one place."""
    lines = [found.message]
    if found.path:
        lines.append(f"in: {found.path}")
    if found.span is not None and found.span != shown_at(found):
        lines.append(f"at: {found.span}")
    lines += [f"{label.text}: {label.span}" for label in found.labels[:_MOST] if label.text]
    if len(found.labels) > _MOST:
        lines.append(f"and {len(found.labels) - _MOST} more places")
    lines += found.notes
    if found.help:
        lines.append(f"help: {found.help}")
    return [visible(line) for line in lines]


def once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings without those of the same code, place and sentence as an earlier one."""
    seen: dict[tuple[str, str, _Place | None], Diagnostic] = {}
    for diagnostic in found:
        seen.setdefault((diagnostic.code, diagnostic.message, _place(diagnostic.span)), diagnostic)
    return list(seen.values())


def _place(span: Span | None) -> _Place | None:
    return None if span is None else (span.source.name, *span[1:])


def relative(name: str, folder: Path | None = None) -> str:
    """A file's name for other programs: seen from a folder (the working one) that it is below, with
    `/`; else the whole path. What is no file keeps its name."""
    if name.startswith(("<", "archspec:", "--set ")):
        return name
    folder = Path.cwd() if folder is None else Path(os.path.abspath(folder))
    path = Path(os.path.abspath(name))
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def checkout(variable: str) -> Path | None:
    """The folder that a CI system has checked out, which its paths are seen from, where the working
    folder is in it; None elsewhere. variable: of the environment, which the system sets."""
    given = os.environ.get(variable)
    folder = Path(os.path.realpath(given)) if given else None
    return folder if folder is not None and Path.cwd().is_relative_to(folder) else None
