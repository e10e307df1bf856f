"""Rules: every code with its explanation, declared in the module that raises it."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import SpecError
from .model import Diagnostic, Frame, Label, Severity, Span


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means, with a spec that raises it and one that does not."""

    code: str
    title: str
    explanation: str
    wrong: str
    right: str
    severity: Severity = "error"
    optional: bool = False
    """Looked for only where somebody selects it."""

    def at(
        self,
        span: Span | None,
        message: str,
        *,
        labels: tuple[Label, ...] = (),
        stack: tuple[Frame, ...] = (),
        notes: tuple[str, ...] = (),
        help: str | None = None,
    ) -> Diagnostic:
        """A finding of this rule."""
        return Diagnostic(self.code, self.severity, message, span, labels, stack, notes, help)

    def error(
        self,
        span: Span | None,
        message: str,
        *,
        labels: tuple[Label, ...] = (),
        stack: tuple[Frame, ...] = (),
        notes: tuple[str, ...] = (),
        help: str | None = None,
    ) -> SpecError:
        """A finding of this rule, to raise."""
        return SpecError(self.at(span, message, labels=labels, stack=stack, notes=notes, help=help))


RULES: dict[str, Rule] = {}
"""Every declared rule by its code."""


def rule(
    code: str,
    title: str,
    explanation: str,
    *,
    wrong: str,
    right: str,
    severity: Severity = "error",
    optional: bool = False,
) -> Rule:
    """Declare a code. Raises ValueError when it is taken."""
    if code in RULES:
        raise ValueError(f"code {code} is declared twice")
    RULES[code] = Rule(code, title, explanation, wrong, right, severity, optional)
    return RULES[code]
