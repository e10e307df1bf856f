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
from archspec.diagnostics import Diagnostic, Label, Span, together
from archspec.ops import catalogue
from archspec.schema.misspelt import is_slip
from archspec.syntax import Mapping

from .parameters import check_type, is_required, names_read, type_of
from .program import Program

_MOST = 3


def declaration(program: Program, name: str) -> Argument | None:
    """What a base says a parameter is that an extending spec sets; None where that says it anew."""
    declared, written = program.declared.get(name), program.params[name]
    if declared is None or declared.value is None:
        return None
    anew = is_open(written.value) or written.kind is not None or is_required(written)
    return None if anew else declared


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
    check_type(name, value, named or kind, default.span, declared.span, default.tree)


def explained(
    found: Iterable[Diagnostic], program: Program, given: MappingType[str, Any]
) -> list[Diagnostic]:
    """The findings, each cause once, and with those in a base what the extending specs set.

    given: values from outside, which go over all of them.
    """
    return [_with_overrides(one, program, given) for one in each_cause(found)]


def each_cause(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings, those together that one wrong declaration can be the cause of."""
    return together(found, _may_share_a_cause)


def _may_share_a_cause(found: Diagnostic) -> bool:
    if found.code == BAD_VALUE.code:
        return " (here " in found.message or found.message.startswith("no op or block")
    return found.code in _NAMES


_NAMES = {rule.code for rule in (NO_PARAMETER, UNKNOWN_NAME, UNKNOWN_NODE, UNKNOWN_OP, WRONG_TYPE)}


def _with_overrides(
    found: Diagnostic, program: Program, given: MappingType[str, Any]
) -> Diagnostic:
    if found.span is None or found.span.source not in program.lineage:
        return found
    if found.span.source is program.source:
        return _with_value(found, program, given)
    if any(frame.text == "extended here" for frame in found.stack):
        return found  # it is wrong as it is written
    later = program.lineage[program.lineage.index(found.span.source) + 1 :]
    over = {n: a.span for n, a in program.params.items() if a.span.source in later}
    own = {n: span for n, span in over.items() if span.source is program.source}
    read = _read(found, program)
    told = [n for n in (own or over) if n in read and n not in given]  # the outermost first of all
    labels = tuple(Label(over[name], f"`{name}` is set here") for name in told[:_MOST])
    if not labels and isinstance(program.tree, Mapping) and "extends" in program.tree.entries:
        labels = (Label(program.tree.entries["extends"].value.span, "extended here"),)
    return replace(found, labels=(*found.labels, *labels))


def _read(found: Diagnostic, program: Program) -> set[str]:
    """The spec's names that are read where a finding is, or on the way to the block in which it is,
    and those that these follow from."""
    spans = [found.span]
    for frame in found.stack:
        spans.append(frame.span)
        if frame.text.startswith("block "):  # in which names mean something else
            spans.pop(0)
            break
    names = {name for span in spans if span is not None for name in _names(span)}
    for name, argument in reversed(program.let.items()):
        if name in names:
            names |= names_read(argument.value)
    return names


def _names(span: Span) -> set[str]:
    """The names in the expressions of the line in which something stands."""
    line = span.source.line(span.line)[:1000]
    return {word for text in _EXPRESSION.findall(line) for word in _WORD.findall(text)}


_EXPRESSION = re.compile(r"\$(?:\w+|\([^$]*)")
_WORD = re.compile(r"[A-Za-z_]\w*")


def _with_value(found: Diagnostic, program: Program, given: MappingType[str, Any]) -> Diagnostic:
    """The finding about a parameter's value, `$width`, with the place of the value."""
    assert found.span is not None
    name = found.span.text.removeprefix("$")
    if not found.span.text.startswith("$") or name not in program.params or name in given:
        return found
    if any(frame.text.startswith("block ") for frame in found.stack):
        return found  # where it is the block's parameter
    span = program.params[name].span
    label = Label(span, f"`{name}` is set here")
    return found if span.line == found.span.line else replace(found, labels=(*found.labels, label))
