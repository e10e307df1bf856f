"""What an extending spec says other than its base: held to the base's types, and named where the base
does not work with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from archspec.codes.expressions import UNKNOWN_NAME
from archspec.codes.network import UNKNOWN_NODE
from archspec.codes.spec import BAD_VALUE, NO_PARAMETER, UNKNOWN_OP, WRONG_TYPE
from archspec.connections import Argument
from archspec.diagnostics import Diagnostic, Label, Source, Span, did_you_mean, together
from archspec.ops import catalogue

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
    found: Iterable[Diagnostic], program: Program, given: Mapping[str, Any]
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
            one = _with_overrides(one, one.span, over[one.span.source], given)
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
    found: Diagnostic, at: Span, over: Mapping[str, Span], given: Mapping[str, Any]
) -> Diagnostic:
    said = _words(at) | {word for frame in found.stack for word in _words(frame.span)}
    told = sorted(said & over.keys(), key=lambda name: (over[name][1:], name))
    labels = tuple(
        Label(over[name], f"`{name}` is set here")
        for name in islice(told or over, _MOST)
        if name not in given
    )
    return replace(found, labels=(*found.labels, *labels)) if labels else found


def _with_value(
    found: Diagnostic, at: Span, program: Program, given: Mapping[str, Any]
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


def _words(span: Span) -> set[str]:
    """The words of the line in which something stands."""
    return set(re.findall(r"\w+", span.source.line(span.line)[:1000]))
