"""Comments that ignore a warning: `# archspec: ignore[AS0710] as in torchvision`.

At the end of a line they speak of that line; alone on a line, of the next one that is no comment.
`ignore-file[...]` speaks of the whole network, what it extends and imports included. A comment names
its codes and says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from archspec.codes.lint import IGNORES_NOTHING, NO_REASON
from archspec.diagnostics import RULES, Diagnostic, Source, Span
from archspec.syntax import scalar_spans

_COMMENT = re.compile(
    r"(?:^|[ \t])#[ \t]*archspec:[ \t]*ignore(-file)?[ \t]*(?:\[([^\]]*)\])?[ \t:,-]*(.*)$"
)


class Ignore(NamedTuple):
    """One comment. line: the line that it speaks of, None for all of the network."""

    span: Span
    line: int | None
    codes: tuple[str, ...]
    reason: str


@lru_cache(maxsize=128)
def ignores(source: Source) -> tuple[Ignore, ...]:
    """The comments of a text that ignore something."""
    if "archspec:" not in source.text or "ignore" not in source.text:
        return ()
    found = []
    scalars: dict[int, list[Span]] = {}
    for scalar in scalar_spans(source):
        for line in range(scalar.line, scalar.end_line + 1):
            scalars.setdefault(line, []).append(scalar)
    lines = source.text.removeprefix("\ufeff").split("\n")
    after = _next_lines(lines)
    for number, text in enumerate(lines, start=1):
        match = _COMMENT.search(text)
        if match is None:
            continue
        start = text.index("#", match.start()) + 1
        inside = scalars.get(number, ())
        if any((s.line, s.column) <= (number, start) < (s.end_line, s.end_column) for s in inside):
            continue
        span = Span(source, number, start, number, len(text.rstrip()) + 1)
        speaks = number
        if not text[: start - 1].strip():
            speaks = after[number]
        codes = tuple(c.strip().upper() for c in (match.group(2) or "").split(",") if c.strip())
        found.append(
            Ignore(span, None if match.group(1) else speaks, codes, match.group(3).strip())
        )
    return tuple(found)


def _next_lines(lines: list[str]) -> list[int]:
    """For each line, counted from 1, the next that says something; 0 where none does."""
    after = [0] * (len(lines) + 1)
    for number in range(len(lines) - 1, 0, -1):
        text = lines[number].lstrip()
        after[number] = number + 1 if text and not text.startswith("#") else after[number + 1]
    return after


def is_ignored(code: str, span: Span | None, main: Source) -> Ignore | None:
    """The comment that ignores a warning at a place, in a network whose file is `main`."""
    if span is not None:
        for ignore in ignores(span.source):
            if code in ignore.codes and ignore.line == span.line:
                return ignore
    for ignore in ignores(main):
        if code in ignore.codes and ignore.line is None:
            return ignore
    return None


def about_comments(
    source: Source, used: set[tuple[Ignore, str]], looked_for: set[str]
) -> Iterator[Diagnostic]:
    """What is to be said of the comments of a file itself."""
    for ignore in ignores(source):
        if not ignore.reason:
            codes = ", ".join(ignore.codes) or "CODE"
            yield NO_REASON.at(
                ignore.span,
                "a warning is ignored without a reason",
                help=f"`# archspec: ignore[{codes}] because ...`",
            )
        if not ignore.codes:
            yield IGNORES_NOTHING.at(
                ignore.span, "the comment names no code", help="`# archspec: ignore[AS0710] ...`"
            )
        for code in ignore.codes:
            rule = RULES.get(code)
            if rule is None:
                what = "there is no such code"
            elif rule.severity == "error":
                what = "that is an error, which cannot be ignored"
            elif (ignore, code) not in used and code in looked_for:
                what = "that is not found here"
            else:
                continue
            yield IGNORES_NOTHING.at(
                ignore.span, f"`{code}` is ignored: {what}", help="remove the comment"
            )
