"""What an extending spec says other than its base: held to the base's types, and named where the base
does not work with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Any

from archspec.codes.expressions import UNKNOWN_NAME
from archspec.codes.network import UNKNOWN_NODE
from archspec.codes.spec import BAD_VALUE, NO_PARAMETER, UNKNOWN_OP, WRONG_TYPE
from archspec.connections import Argument, is_open
from archspec.diagnostics import Diagnostic, Label, Source, Span, together
from archspec.expressions.values import written
from archspec.ops import catalogue
from archspec.schema.misspelt import is_slip
from archspec.syntax import Mapping

from .parameters import check_type, is_required, names_read, type_of
from .program import Program

_MOST = 3


def declaration(program: Program, name: str) -> Argument | None:
    """What a base says a parameter is that an extending spec sets; None where that says it anew."""
    declared = program.declared.get(name)
    if declared is None or declared.value is None or is_declared_anew(program.params[name]):
        return None
    return declared


def is_declared_anew(written: Argument) -> bool:
    """Whether what an extending spec sets says its type itself: `{any: 3}`, `int`, a choice."""
    return is_open(written.value) or written.kind is not None or is_required(written)


def check_override(program: Program, name: str, value: Any, default: Argument) -> None:
    """Refuse a value for a parameter of the base that is not of its type. Raises SpecError.

    value: what `default`, the extending spec's, comes to.
    """
    declared = declaration(program, name)
    if declared is None:
        return
    blocks = program.files[declared.span.source].blocks
    ops = catalogue()
    kind = type_of(declared, lambda word: word in ops or word in blocks)
    if kind == "node" and isinstance(value, str):  # an op or a block, or text of the same kind
        known = [*program.files[default.span.source].blocks, *ops]
        meant = next((one for one in known if is_slip(value, one)), None)
        if value not in known and meant is not None:
            raise UNKNOWN_OP.error(
                default.span,
                f"no op or block is called `{value}`",
                help=f"did you mean `{meant}`?",
            )
        return
    named = declared.value if is_required(declared) else None
    anew = None
    if not isinstance(value, str):  # which is a slip more often
        anew = f"`{name}: {{any: {written(value).strip('`')}}}` would declare it anew"
    check_type(name, value, named or kind, default.span, declared.span, default.tree, help=anew)


def explained(
    found: Iterable[Diagnostic], program: Program, given: MappingType[str, Any]
) -> list[Diagnostic]:
    """The findings, each cause once, and with those in a base what the extending specs set.

    given: values from outside, which go over all of them.
    """
    over = {source: _set_over(source, program) for source in program.lineage[:-1]}
    read = {(one.code, one.span) for one in program.problems}  # wrong whatever is set
    told = []
    for one in each_cause(found):
        if one.span is not None and one.span.source is program.source:
            one = _with_value(one, one.span, program, given)
        elif one.span is not None and one.span.source in over and (one.code, one.span) not in read:
            one = _with_overrides(one, one.span, over[one.span.source], program, given)
        told.append(one)
    return told


def _set_over(source: Source, program: Program) -> dict[str, Span]:
    """Where what extends a base sets its parameters."""
    later = program.lineage[program.lineage.index(source) + 1 :]
    over = {n: a.span for n, a in program.params.items() if a.span.source in later}
    own = {n: span for n, span in over.items() if span.source is program.source}
    return own or over  # those between are right by themselves, most often


def each_cause(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings, those together that one wrong declaration can be the cause of."""
    return together(found, _may_share_a_cause)


def _may_share_a_cause(found: Diagnostic) -> bool:
    if found.code == BAD_VALUE.code:
        return " (here " in found.message or found.message.startswith("no op or block")
    return found.code in _NAMES


_NAMES = {rule.code for rule in (NO_PARAMETER, UNKNOWN_NAME, UNKNOWN_NODE, UNKNOWN_OP, WRONG_TYPE)}


def _with_overrides(
    found: Diagnostic,
    at: Span,
    over: MappingType[str, Span],
    program: Program,
    given: MappingType[str, Any],
) -> Diagnostic:
    told = sorted(_read(found, at, program) & over.keys() - given.keys(), key=lambda n: over[n][1:])
    labels = tuple(Label(over[name], f"`{name}` is set here") for name in told[:_MOST])
    if not labels and isinstance(program.tree, Mapping) and "extends" in program.tree.entries:
        labels = (Label(program.tree.entries["extends"].value.span, "extended here"),)
    return replace(found, labels=(*found.labels, *labels))


def _read(found: Diagnostic, at: Span, program: Program) -> set[str]:
    """The spec's names that are read where a finding is, or on the way to the block in which it is,
    and those that these follow from."""
    spans = [at]
    for frame in found.stack:
        spans.append(frame.span)
        if frame.text.startswith("block "):  # in which names mean something else
            spans.pop(0)
            break
    names: set[str] = set()
    follow = [name for span in spans for name in _names(span)]
    while follow:
        name = follow.pop()
        if name not in names and name in program.let:
            follow += names_read(program.let[name].value)
        names.add(name)
    return names


def _names(span: Span) -> set[str]:
    """The names in the expressions of the line in which something stands."""
    line = span.source.line(span.line)[:1000]
    return {word for text in _EXPRESSION.findall(line) for word in _WORD.findall(text)}


_EXPRESSION = re.compile(r"\$(?:\w+|\([^$]*)")
_WORD = re.compile(r"[A-Za-z_]\w*")


def _with_value(
    found: Diagnostic, at: Span, program: Program, given: MappingType[str, Any]
) -> Diagnostic:
    """The finding about a parameter's value, `$width`, with the place of the value."""
    name = at.text.removeprefix("$")
    if not at.text.startswith("$") or name not in program.params or name in given:
        return found
    if any(frame.text.startswith("block ") for frame in found.stack):
        return found  # where it is the block's parameter
    span = program.params[name].span
    if span[:2] == at[:2]:  # in one line both are seen
        return found
    return replace(found, labels=(*found.labels, Label(span, f"`{name}` is set here")))
