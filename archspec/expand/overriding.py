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
from archspec.connections import Argument
from archspec.diagnostics import Diagnostic, Label, Span, did_you_mean, together
from archspec.ops import catalogue
from archspec.syntax import Mapping

from .parameters import check_type, is_required, type_of
from .program import Program

_MOST = 3


def check_override(program: Program, name: str, value: Any, default: Argument) -> None:
    """Refuse a value for a parameter of the base that is not of its type. Raises SpecError.

    value: what `default`, the extending spec's, comes to.
    """
    declared = program.declared.get(name)
    if declared is None or declared.value is None:
        return
    blocks = program.files[declared.span.source].blocks
    ops = catalogue()
    kind = type_of(declared, lambda word: word in ops or word in blocks)
    if kind == "node" and isinstance(value, str):  # as it is, it is the name of none
        known = program.files[default.span.source].blocks
        raise UNKNOWN_OP.error(
            default.span,
            f"no op or block is called `{value}`",
            help=did_you_mean(value, [*known, *ops]) or "`import:` takes in the block of a library",
        )
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
    later = program.lineage[program.lineage.index(found.span.source) + 1 :]
    over = {n: a.span for n, a in program.params.items() if a.span.source in later}
    own = {n: span for n, span in over.items() if span.source is program.source}
    over = own or over  # those between are right by themselves, most often
    said = _words(found.span) | {word for frame in found.stack for word in _words(frame.span)}
    told = [name for name in over if name in said] or list(over)
    labels = tuple(
        Label(over[name], f"`{name}` is set here") for name in told[:_MOST] if name not in given
    )
    if not labels and isinstance(program.tree, Mapping) and "extends" in program.tree.entries:
        labels = (Label(program.tree.entries["extends"].value.span, "extended here"),)
    return replace(found, labels=(*found.labels, *labels)) if labels else found


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


def _words(span: Span) -> set[str]:
    """The words of the line in which something stands."""
    return set(re.findall(r"\w+", span.source.line(span.line)[:1000]))
