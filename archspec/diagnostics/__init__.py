"""What is wrong with a spec, and how it is said."""

from .errors import (
    ArchspecError,
    CheckpointError,
    PluginError,
    RenderError,
    SpecError,
    TrainingError,
    UsageError,
)
from .findings import Findings, together
from .model import AND_HERE, Diagnostic, Frame, Label, Severity, Source, Span
from .rules import RULES, Rule, rule
from .suggest import did_you_mean, listed, suggest, think_anew
from .text import counted, in_words, visible

__all__ = [
    "AND_HERE",
    "RULES",
    "ArchspecError",
    "CheckpointError",
    "Diagnostic",
    "Findings",
    "Frame",
    "Label",
    "PluginError",
    "RenderError",
    "Rule",
    "Severity",
    "Source",
    "Span",
    "SpecError",
    "TrainingError",
    "UsageError",
    "counted",
    "did_you_mean",
    "in_words",
    "listed",
    "rule",
    "suggest",
    "think_anew",
    "together",
    "visible",
]
