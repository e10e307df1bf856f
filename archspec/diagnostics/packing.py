"""Findings as plain data and back: for what is kept between runs, or comes from another process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .model import Diagnostic, Frame, Label, Source, Span


def pack(found: Iterable[Diagnostic]) -> tuple[list[Source], list[Any]]:
    """The texts that the findings point into, and the findings with numbers in their place."""
    sources: dict[Source, int] = {}

    def place(span: Span | None) -> Any:
        if span is None:
            return None
        return [sources.setdefault(span.source, len(sources)), *span[1:]]

    packed = [
        [
            one.code,
            one.severity,
            one.message,
            place(one.span),
            [[place(label.span), label.text] for label in one.labels],
            [[place(frame.span), frame.text] for frame in one.stack],
            list(one.notes),
            one.help,
            one.path,
        ]
        for one in found
    ]
    return list(sources), packed


def pack_whole(found: Iterable[Diagnostic]) -> list[Any]:
    """The findings with the texts that they point into, for another process."""
    sources, packed = pack(found)
    return [[[source.name, source.text] for source in sources], packed]


def unpack_whole(whole: list[Any]) -> list[Diagnostic]:
    """The findings that `pack_whole` packed."""
    sources, packed = whole
    return unpack({number: Source(*source) for number, source in enumerate(sources)}, packed)


def unpack(sources: Mapping[int, Source], packed: Iterable[Any]) -> list[Diagnostic]:
    """The findings again. Raises KeyError, TypeError or ValueError for anything else."""

    def place(packed: Any) -> Span:
        number, *numbers = packed
        return Span(sources[number], *numbers)

    return [
        Diagnostic(
            code,
            severity,
            message,
            None if span is None else place(span),
            tuple(Label(place(at), text) for at, text in labels),
            tuple(Frame(place(at), text) for at, text in stack),
            tuple(notes),
            help,
            path,
        )
        for code, severity, message, span, labels, stack, notes, help, path in packed
    ]
