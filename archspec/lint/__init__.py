"""Warnings: what can be better in a network that works."""

from __future__ import annotations

from collections.abc import Callable

from archspec.codes.lint import IGNORES_NOTHING, NO_REASON
from archspec.diagnostics import RULES, Diagnostic, Findings, Frame, Rule, Span
from archspec.expand import Program
from archspec.graph import Graph, Node

from . import flow, plainer, sizes, written  # noqa: F401 (they declare the checks)
from .checks import OF_FILES, OF_GRAPHS, Found, Subject
from .suppression import about_comments, is_ignored

Wanted = Callable[[Rule], bool]


def by_default(rule: Rule) -> bool:
    """Whether a rule is looked for where nobody says."""
    return not rule.optional


def lint(program: Program, graph: Graph | None, wanted: Wanted = by_default) -> list[Diagnostic]:
    """The warnings of a program, those that its comments ignore left out.

    graph: that of the network; None for a library, of which only the file is looked at. wanted:
    which rules to look for.
    """
    findings = Findings()
    for code, of_file in OF_FILES.items():
        if wanted(RULES[code]):
            for found in of_file(program):
                _add(findings, RULES[code], found, program)
    if graph is not None:
        subject = Subject(graph)
        for code, of_graph in OF_GRAPHS.items():
            if wanted(RULES[code]):
                for found in of_graph(subject):
                    _add(findings, RULES[code], found, program)
    left, used = [], set()
    for diagnostic in findings:
        ignore = is_ignored(diagnostic.code, diagnostic.span, program.source)
        if ignore is None:
            left.append(diagnostic)
        else:
            used.add((ignore, diagnostic.code))
    looked_for = {code for code in (*OF_FILES, *OF_GRAPHS) if wanted(RULES[code])}
    if graph is None:
        looked_for -= OF_GRAPHS.keys()
    for diagnostic in about_comments(program.source, used, looked_for):
        if wanted(IGNORES_NOTHING if diagnostic.code == IGNORES_NOTHING.code else NO_REASON):
            left.append(diagnostic)
    return left


def _add(findings: Findings, rule: Rule, found: Found, program: Program) -> None:
    if isinstance(found.at, Span):
        findings.add(rule.at(found.at, found.message, help=found.help))
        return
    node = found.at
    place = _place(node, found.argument)
    if place.source is not program.source and is_ignored(rule.code, place, place.source):
        return
    span, stack = _nearest(place, node.module.origin.frames()[1:])
    findings.add(rule.at(span, found.message, help=found.help, stack=stack), node.label)


def _place(node: Node, argument: str) -> Span:
    """Where the argument that is to blame is written, or else the op."""
    call = node.module.call
    if call is None:
        assert node.module.node is not None
        return node.module.node.span
    if argument in call.args:
        return call.args[argument][1].span
    if call.main is not None and argument == node.op.main:
        return call.main.span
    return call.key_span


def _nearest(span: Span, stack: tuple[Frame, ...]) -> tuple[Span, tuple[Frame, ...]]:
    """The place in the user's own files: a shipped block is not theirs to mend, the call of it is."""
    steps = [*stack, Frame(span, "")]
    for number in reversed(range(len(steps))):
        if not steps[number].span.source.name.startswith("archspec:"):
            return steps[number].span, stack[:number]
    return span, stack


__all__ = ["Wanted", "by_default", "lint"]
