"""Where in the file a part of a scalar stands.

An expression knows offsets in the value of its scalar; the file has quotes and escapes around and
in it. What cannot be told exactly (a text over several lines, a scalar that was never in a file)
gives the scalar whole.
"""

from __future__ import annotations

from archspec.diagnostics import Span

_ESCAPES = {"x": 4, "u": 6, "U": 10}


def place(span: Span, text: str, offset: int, at: int, end: int) -> Span:
    """The span of `text[at:end]`, where `text` stands at `offset` in the value of a scalar.

    An empty part (the end of the expression) is the one character there.
    """
    if span.line != span.end_line:
        return span
    raw = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    columns = _columns(raw)
    # `text` must be found there: else the value is not what the file says in this place.
    if len(columns) <= offset + len(text):
        return span
    found = "".join(
        raw[columns[i]] for i in range(offset, offset + len(text)) if columns[i] < len(raw)
    )
    if found != text and "\\" not in raw:
        return span
    first = columns[offset + at]
    last = columns[min(offset + end, len(columns) - 1)]
    last = max(last, first + 1)
    return span._replace(column=span.column + first, end_column=span.column + last)


def _columns(raw: str) -> list[int]:
    """For each character of a scalar's value and its end: where it is in the raw text."""
    quote = raw[:1]
    if quote not in ("'", '"') or raw[-1:] != quote or len(raw) < 2:
        return list(range(len(raw) + 1))
    columns = []
    position, end = 1, len(raw) - 1
    while position < end:
        columns.append(position)
        if quote == "'" and raw[position] == "'":
            position += 2
        elif quote == '"' and raw[position] == "\\":
            position += _ESCAPES.get(raw[position + 1], 2)
        else:
            position += 1
    columns.append(end)
    return columns
