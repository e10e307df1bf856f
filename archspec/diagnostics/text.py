"""How a diagnostic prints: the source line, carets under the fault, and what to do.

    error[AS0402]: residual add joins 256 and 512 channels
      --> blocks/bottleneck.yaml:31:12
       |
    31 |       add: [bn3, shortcut]
       |             ^^^  ^^^^^^^^ 512 x 14 x 14
       |             |
       |             256 x 14 x 14
    24 |       conv3: {conv: $(width * 4), kernel: 1}
       |                     ------------ 64 * 4 = 256
       = help: width 128 would give 512

A label inside the diagnostic's own span takes it apart: carets stand under the labels. A label
anywhere else gets dashes. Whatever comes from a spec is printed with its control characters
escaped, so that a file cannot move the cursor or forge a line of the report.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from .model import AND_HERE, Diagnostic, Frame, Label, Source, Span

_COLORS = {"error": "1;31", "warning": "1;33", "note": "1;36"}
_QUIET = "34"
_TAB = "    "
_LONGEST = 160  # columns of a source line that are shown where nobody gives a width
_FRAMES = 8
_SENTENCE = 1_000
_PATH = 60
_OTHERS = 3  # places that the same is said of
_LINES = 10


def visible(text: str) -> str:
    """Text from a spec with everything escaped that would not print as one character."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def in_words(parts: Sequence[str], last: str = "and") -> str:
    """Several things as a sentence has them: `1, 2 and 3`."""
    *before, end = parts
    return f"{', '.join(before)} {last} {end}" if before else end


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number of things, as people say it: 1 epoch, 12,000 children."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def format_diagnostic(diagnostic: Diagnostic, *, color: bool, width: int | None) -> str:
    """The whole text of one finding."""
    diagnostic = _shortened(diagnostic)
    tone = _COLORS[diagnostic.severity]
    pen = _Pen(color)
    head = pen(f"{diagnostic.severity}[{diagnostic.code}]", tone)
    lines = [head + pen(": " + visible(_cut(diagnostic.message)), "1")]
    spans = [label.span for label in diagnostic.labels]
    if diagnostic.span is not None:
        spans.insert(0, diagnostic.span)
    margin = " " * max(3, *(len(str(span.line)) + 1 for span in spans)) if spans else "   "
    if diagnostic.span is not None:
        lines.append(f"{margin[:-1]}{pen('-->', _QUIET)} {visible(_cut(str(diagnostic.span)))}")
    if spans:
        lines.append(f"{margin}{pen('|', _QUIET)}")
        room = max(20, (width or _LONGEST + len(margin) + 2) - len(margin) - 2)
        for excerpt in _excerpts(diagnostic.span, diagnostic.labels, tone):
            lines += excerpt.lines(margin, room, pen)
    shapes = [note for note in diagnostic.notes if note.startswith("shapes: ")]
    lines += [f"{margin}= {visible(note)}" for note in shapes]
    inside = [f"`{visible(_short(diagnostic.path))}`"] if diagnostic.path else []
    if diagnostic.stack:
        inside.append(_stack(diagnostic.stack))
    if inside:
        lines.append(f"{margin}= in: {', '.join(inside)}")
    others = [note for note in diagnostic.notes if note not in shapes]
    lines += [f"{margin}= note: {visible(note)}" for note in others]
    if diagnostic.help:
        lines.append(f"{margin}= {pen('help', '1')}: {visible(_cut(diagnostic.help))}")
    lines.append(f"{margin}= more: archspec explain {diagnostic.code}")
    return "\n".join(lines)


def _shortened(found: Diagnostic) -> Diagnostic:
    """The finding with a few of the other places shown, and the lines of some more."""
    others = [label for label in found.labels if label.text == AND_HERE]
    if len(others) <= _OTHERS:
        return found
    hidden = others[_OTHERS:]
    lines = list(dict.fromkeys(str(label.span.line) for label in hidden))
    shown, more = lines[:_LINES], len(lines) - _LINES
    if more > 0:
        shown.append(f"{more} more")
    said = f"line{'s' * (len(shown) > 1)} {in_words(shown)}"
    labels = tuple([label for label in found.labels if label not in hidden])
    return replace(found, labels=labels, notes=(*found.notes, f"and in {said}"))


def _cut(text: str) -> str:
    """A sentence without the end of what a spec has written at great length."""
    return text if len(text) <= _SENTENCE else f"{text[:_SENTENCE]}..."


def _short(path: str) -> str:
    """A path with the middle of a long one left out."""
    return path if len(path) <= _PATH else f"{path[: _PATH // 2]}...{path[-_PATH // 4 :]}"


class _Pen:
    def __init__(self, color: bool):
        self.color = color

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text.strip() else text


def _stack(stack: tuple[Frame, ...]) -> str:
    """The frames, outermost first; the middle of a long stack is left out."""
    texts = [f"{visible(str(frame.span))} {visible(frame.text)}" for frame in stack]
    if len(texts) > _FRAMES:
        texts[2:-2] = [f"... {len(texts) - 4} more ..."]
    return "; ".join(texts)


class _Mark(NamedTuple):
    start: int  # columns of the source line, from 0; the end is exclusive
    end: int
    sign: str
    tone: str
    text: str


class _Excerpt:
    """One source line with what is marked in it."""

    def __init__(self, source: Source, number: int, elsewhere: bool):
        self.source = source
        self.number = number
        self.elsewhere = elsewhere
        self.marks: list[_Mark] = []

    def mark(self, span: Span, sign: str, tone: str, text: str = "") -> None:
        line = self.source.line(self.number)
        start = min(span.column - 1, len(line))
        end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
        self.marks.append(_Mark(start, max(start + 1, min(end, len(line))), sign, tone, text))

    def lines(self, margin: str, room: int, pen: _Pen) -> list[str]:
        """The source line, the underline, and the labels that hang below it."""
        bar = pen("|", _QUIET)
        raw = self.source.line(self.number)
        first = 0
        if len(raw) > room:
            first = max(0, min(self.marks[0].start - room // 3, len(raw) - room))
        shown, columns = _cells(raw[first : first + room])
        before, after = "..." * (first > 0), "..." * (len(raw) > first + room)
        out = []
        if self.elsewhere:
            out.append(f"{margin[:-1]}{pen('-->', _QUIET)} {visible(self.source.name)}")
        number = pen(str(self.number).rjust(len(margin) - 1), _QUIET)
        out.append(f"{number} {bar} {before}{shown}{after}".rstrip())
        last = len(columns) - 1

        def place(column: int) -> int:
            return len(before) + columns[min(max(column - first, 0), last)]

        marks = [
            mark._replace(start=place(mark.start), end=max(place(mark.end), place(mark.start) + 1))
            for mark in self.marks
            if first <= mark.start <= first + room
        ]
        out += [f"{margin}{bar} {row}" for row in _underlines(marks, pen)]
        return out


def _excerpts(span: Span | None, labels: tuple[Label, ...], tone: str) -> list[_Excerpt]:
    """The lines to show: that of the fault first, then those of the labels as they come."""
    found: dict[tuple[int, int], _Excerpt] = {}

    def at(place: Span) -> _Excerpt:
        key = (id(place.source), place.line)
        if key not in found:
            elsewhere = span is None or place.source is not span.source
            found[key] = _Excerpt(place.source, place.line, elsewhere)
        return found[key]

    if span is not None:
        whole = at(span)
        if not any(_inside(label.span, span) for label in labels):
            whole.mark(span, "^", tone)
    for label in labels:
        if span is not None and _inside(label.span, span):
            at(label.span).mark(label.span, "^", tone, label.text)
        else:
            at(label.span).mark(label.span, "-", _QUIET, label.text)
    return list(found.values())


def _inside(inner: Span, outer: Span) -> bool:
    return (
        inner.source is outer.source
        and inner.line == outer.line == inner.end_line
        and inner.column >= outer.column
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _underlines(marks: list[_Mark], pen: _Pen) -> list[str]:
    """The row of carets, the last label beside it, and below it the labels before."""
    marks = sorted(marks, key=lambda mark: mark.start)
    row, at = "", 0
    for mark in marks:
        start = max(mark.start, at)
        if mark.end > start:
            row += " " * (start - at) + pen(mark.sign * (mark.end - start), mark.tone)
            at = mark.end
    if marks and marks[-1].text:
        row += " " + pen(visible(marks[-1].text), marks[-1].tone)
    rows = [row]
    hanging = [mark for mark in marks[:-1] if mark.text]
    if hanging:
        rows.append(_row([(mark, "|") for mark in hanging], pen))
    while hanging:
        mark = hanging.pop()
        rows.append(_row([(m, "|") for m in hanging] + [(mark, visible(mark.text))], pen))
    return rows


def _row(pieces: list[tuple[_Mark, str]], pen: _Pen) -> str:
    row, at = "", 0
    for mark, text in pieces:
        if mark.start >= at:
            row += " " * (mark.start - at) + pen(text, mark.tone)
            at = mark.start + len(text)
        elif text != "|":  # two labels begin in one column: the text replaces the bar
            row = row[: -len(pen("|", mark.tone))] + pen(text, mark.tone)
    return row


def _cells(line: str) -> tuple[str, list[int]]:
    """A line as it is shown, and for each of its characters the column where it stands."""
    columns = []
    shown: list[str] = []
    at = 0
    for c in line:
        columns.append(at)
        text = _TAB if c == "\t" else visible(c)
        shown.append(text)
        if unicodedata.combining(c):
            continue
        at += 2 if unicodedata.east_asian_width(c) in "WF" else len(text)
    columns.append(at)
    return "".join(shown), columns
