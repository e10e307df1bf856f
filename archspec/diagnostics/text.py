"""How a diagnostic prints: the source line, carets under the fault, and what to do."""

from __future__ import annotations

from .model import Diagnostic, Label, Span

_COLORS = {"error": "1;31", "warning": "1;33", "note": "1;36"}


def visible(text: str) -> str:
    """Text from a spec with its control characters made visible."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text
    )


def format_diagnostic(diagnostic: Diagnostic, *, color: bool, width: int | None) -> str:
    """The whole text of one finding."""
    paint = _paint if color else _plain
    tone = _COLORS[diagnostic.severity]
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", tone)
    lines = [f"{head}{paint(': ' + visible(diagnostic.message), '1')}"]
    span = diagnostic.span
    margin = "   "
    if span is not None:
        margin = " " * max(3, len(str(span.line)) + 1)
        lines.append(f"{margin[:-1]}{paint('-->', '34')} {visible(str(span))}")
        lines += _excerpt(span, "", diagnostic.labels, margin, paint, tone)
    for frame in reversed(diagnostic.stack):
        lines.append(f"{margin}= in: {visible(str(frame.span))} {visible(frame.text)}")
    lines += [
        f"{margin}= {visible(note)}"
        if note.startswith("shapes:")
        else f"{margin}= note: {visible(note)}"
        for note in diagnostic.notes
    ]
    if diagnostic.help:
        lines.append(f"{margin}= {paint('help', '1')}: {visible(diagnostic.help)}")
    lines.append(f"{margin}= more: archspec explain {diagnostic.code}")
    return "\n".join(lines)


def _excerpt(
    span: Span, text: str, labels: tuple[Label, ...], margin: str, paint: object, tone: str
) -> list[str]:
    assert callable(paint)
    bar = paint("|", "34")
    lines = [f"{margin}{bar}"]
    lines += _marked(span, text, margin, paint, tone, "^")
    for label in labels:
        if label.span.source is not span.source:
            lines.append(f"{margin}{bar} {visible(str(label.span))}")
        lines += _marked(label.span, label.text, margin, paint, "34", "-")
    return lines


def _marked(span: Span, text: str, margin: str, paint: object, tone: str, mark: str) -> list[str]:
    assert callable(paint)
    line = visible(span.source.line(span.line)).replace("\t", " ")
    end = span.end_column if span.end_line == span.line else len(line) + 1
    length = max(1, min(end, len(line) + 1) - span.column)
    number = str(span.line).rjust(len(margin) - 1)
    under = " " * (span.column - 1) + mark * length + (f" {visible(text)}" if text else "")
    bar = paint("|", "34")
    return [f"{paint(number, '34')} {bar} {line}", f"{margin}{bar} {paint(under, tone)}"]


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _plain(text: str, _code: str) -> str:
    return text
