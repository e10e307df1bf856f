"""The exceptions of archspec.

ArchspecError
 ├─ SpecError        a spec is wrong; carries the diagnostics
 ├─ UsageError       a check was asked for in a way that means nothing
 ├─ PluginError      a plugin cannot be used
 ├─ CheckpointError  a checkpoint cannot be read or does not fit
 ├─ RenderError      a picture cannot be drawn
 └─ TrainingError    a network cannot be trained so, or not on these data
"""

from __future__ import annotations

from .model import Diagnostic


class ArchspecError(Exception):
    """The base of everything that archspec raises on purpose."""


class SpecError(ArchspecError):
    """A spec is wrong. `diagnostics` says what, where and what to do."""

    def __init__(self, *diagnostics: Diagnostic):
        super().__init__(*diagnostics)
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics

    def __str__(self) -> str:
        return "\n\n".join(diagnostic.format() for diagnostic in self.diagnostics)


class UsageError(ArchspecError):
    """A check was asked for in a way that means nothing: a code, a file or a setting that is none."""


class PluginError(ArchspecError):
    """A plugin cannot be used."""


class CheckpointError(ArchspecError):
    """A checkpoint cannot be read, or does not fit the model."""


class RenderError(ArchspecError):
    """A picture cannot be drawn."""


class TrainingError(ArchspecError):
    """A network cannot be trained so, or not on these data."""
