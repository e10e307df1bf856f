"""Going on after a mistake, so that one run tells all that is wrong.

A child that cannot be built gives an unknown output. What takes it waits in silence, since nothing can
be said of it before the mistake is mended; everything else is checked as ever.
"""

from __future__ import annotations

from typing import Any

from archspec.connections import UNKNOWN, Node, Scope, Value
from archspec.diagnostics import Findings, SpecError

from .program import Program
from .scoping import MAX_NODES, Scoping, with_stack


class Recovery(Scoping):
    """Collects what is wrong with a program, each mistake once."""

    def __init__(self, program: Program, limit: int = MAX_NODES):
        super().__init__(program, limit)
        self.faults = 0
        self.findings = Findings()
        self.stopped = False

    def stop(self, error: SpecError, scope: Scope) -> SpecError:
        """The error after which nothing more is looked at: going on would take too long."""
        self.stopped = True
        return self._located(error, scope)

    def failed(self, error: SpecError, name: Any, node: Node, scope: Scope) -> tuple[Value, ...]:
        """Note what is wrong with a child and go on without it; gives an unknown output."""
        self.faults += 1
        self.count += 1
        shown = name if isinstance(name, str) else None
        if error.diagnostics:
            path = ".".join(part for part in (scope.module.label, shown) if part)
            for diagnostic in with_stack(error, scope.origin.frames()[1:]).diagnostics:
                self.findings.add(diagnostic, path)
        if self.stopped:
            raise SpecError
        if self.count > self.limit:
            raise self.stop(self._too_many(node), scope)
        if shown is None or getattr(node, "inline", False):
            scope.lost.append(node)
        if shown is not None:
            scope.names[shown] = (UNKNOWN,)
        return (UNKNOWN,)
