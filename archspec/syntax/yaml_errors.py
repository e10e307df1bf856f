"""What a YAML parser says, said so that a person knows what to change.

libyaml knows where it gave up and what it was reading; a person wants to know which bracket is
open or where the space is missing. That is mostly in the *context* and in the line before.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from archspec.codes.text import NOT_YAML
from archspec.diagnostics import Label, Source, Span, SpecError

_NO_SPACE = re.compile(r"""(?:^|[{,-]\s*|^\s+)([A-Za-z_][\w.-]*):([^\s:/]\S*)""")
_EXPRESSION = re.compile(r"\$(?:\([^$'\"]*|\w+)$")  # begun and not quoted
_WORD = re.compile(r"([A-Za-z_][\w.-]*)(?= [{\[\w])")
_ALONE = re.compile(r"\s*[A-Za-z_][\w.-]*\s*")
_SAID = {
    "found unknown escape character": "`\\` and this letter mean nothing in double quotes",
    "found duplicate %YAML directive": "a second `%YAML` line",
    "found incompatible YAML document": "this `%YAML` version is not known",
}
_ESCAPES = "use single quotes, in which a backslash is a backslash"


def sentence(error: yaml.MarkedYAMLError, source: Source) -> SpecError:
    """The finding that a YAML syntax error is."""
    problem = str(error.problem or error.context or "not well-formed")
    context = str(error.context or "")
    at = _span(source, error.problem_mark or error.context_mark)
    line = source.line(at.line)
    here = line[at.column - 1 : at.column]
    if line[: at.column].strip(" ").startswith("\t") or here == "\t":
        tab = line.index("\t") + 1
        return NOT_YAML.error(
            Span(source, at.line, tab, at.line, tab + 1),
            "a tab where YAML takes spaces",
            help="indent with spaces",
        )
    if "flow sequence" in context or "flow mapping" in context:
        return _open_bracket(error, source, at)
    if "quoted scalar" in context and "end of" in problem:
        start = _span(source, error.context_mark)
        quote = source.line(start.line)[start.column - 1 : start.column]
        return NOT_YAML.error(start, f"this quote is not closed: `{quote}` was expected")
    if "mapping values" in problem:
        above = _above(source, at.line)
        text = source.line(above)
        word = _WORD.match(text.strip())
        indent = len(text) - len(text.lstrip())
        alike = indent == len(line) - len(line.lstrip())
        if not alike and _ALONE.fullmatch(text):
            bare = text.strip()
            return _no_colon(Span(source, above, indent + 1, above, indent + 2), bare)
        if word is not None and alike and not re.search(r":(\s|$)", text):
            return _no_colon(Span(source, above, indent + 1, above, indent + 2), word[1])
    missing = _missing_space(error, source)
    if missing is not None and ("mapping values" in problem or "expected ':'" in problem):
        span, key = missing
        return NOT_YAML.error(span, f"a space is missing after `{key}:`", help="write `key: value`")
    if "mapping values" in problem:
        return _second_colon(source, at, line)
    if "expected ':'" in problem:
        start = _span(source, error.context_mark or error.problem_mark)
        text = source.line(start.line).strip()
        span = start._replace(end_column=start.column + max(1, len(text)))
        word = _WORD.match(text)
        if word is not None:
            return _no_colon(start, word[1])
        if _ALONE.fullmatch(text):
            return _no_colon(start, text)
        return NOT_YAML.error(
            span, "a key without its colon", help="write `key: value`, or `- item` in a list"
        )
    if "cannot start any token" in problem:
        return NOT_YAML.error(at, f"text cannot begin with `{here}`", help="put it in quotes")
    if "node content" in problem:
        what = f"a value was expected, got `{here}`" if here.strip() else "a value was expected"
        return NOT_YAML.error(at, what)
    if "sequence entries" in problem:
        return NOT_YAML.error(at, "a list cannot begin here", help="begin it on a line of its own")
    if "expected key" in problem or "'-' indicator" in problem or "document start" in problem:
        return _indentation(error, source, at, line)
    if "expected alphabetic" in problem:
        before = line[at.column - 2 : at.column - 1]
        return NOT_YAML.error(
            at, f"text cannot begin with `{before or here}`", help="put it in quotes"
        )
    said = _SAID.get(problem, f"not well-formed YAML: {problem}")
    return NOT_YAML.error(at, said, help=_ESCAPES if "escape" in problem else None)


def _above(source: Source, number: int) -> int:
    """The line above that says something."""
    number -= 1
    while number > 1 and not source.line(number).split("#")[0].strip():
        number -= 1
    return number


def _no_colon(start: Span, word: str) -> SpecError:
    end = start.column + len(word)
    line = start.source.line(start.line).rstrip()
    return NOT_YAML.error(
        start._replace(column=end, end_column=end + 1),
        f"a colon is missing after `{word}`",
        help=f"write `{word}: {{...}}`" if line.endswith("}") else "write `key: value`",
    )


def _open_bracket(error: yaml.MarkedYAMLError, source: Source, at: Span) -> SpecError:
    start = _span(source, error.context_mark)
    bracket = source.line(start.line)[start.column - 1 : start.column]
    closing = {"[": "]", "{": "}"}.get(bracket, "]")
    got = source.line(at.line)[at.column - 1 : at.column].strip()
    if at.line == start.line and got:
        what = f"`,` or `{closing}` was expected, got `{got}`"
        cut = _EXPRESSION.search(source.line(at.line)[: at.column - 1])
        help = f"put the expression in quotes: YAML cuts `{cut[0]}` off here" if cut else None
        return NOT_YAML.error(at, what, labels=(Label(start, "opened here"),), help=help)
    labels = (Label(at, f"`,` or `{closing}` was expected by here"),) if got else ()
    return NOT_YAML.error(
        start, f"this `{bracket}` is not closed", labels=labels, help=f"add `{closing}`"
    )


def _second_colon(source: Source, at: Span, line: str) -> SpecError:
    before = line[: at.column - 1]
    if ": " not in before and not before.strip().startswith(("-", "{", "[")):
        # `a: 1` and below it `  b: 2`: the colon is the only one, its line is too deep.
        start = len(line) - len(line.lstrip()) + 1
        return NOT_YAML.error(
            Span(source, at.line, start, at.line, at.column),
            "this line is indented under a value",
            help="give it the indentation of the line above, or leave that line's value empty",
        )
    return NOT_YAML.error(
        at,
        "a second colon in one line",
        help="put the inner mapping in braces, `{key: value}`, or text with a colon in quotes",
    )


def _indentation(error: yaml.MarkedYAMLError, source: Source, at: Span, line: str) -> SpecError:
    start = _span(source, error.context_mark)
    before = line[: at.column - 1].strip()
    if before:
        return NOT_YAML.error(at, f"nothing can follow `{before[-30:]}` on its line")
    if line.strip().startswith("- ") and at.column == start.column:
        return NOT_YAML.error(
            at, "a list item among keys", help="a block is a list or a mapping, not both"
        )
    if at.column == start.column and "collection" in str(error.context):
        return NOT_YAML.error(
            at, "a key among list items", help="a block is a list or a mapping, not both"
        )
    if line.strip().startswith(":"):
        return NOT_YAML.error(at, "a key was expected before the colon")
    return NOT_YAML.error(
        at,
        "the indentation fits no line above",
        labels=(Label(start, "the block that it would belong to begins here"),),
    )


def _missing_space(error: yaml.MarkedYAMLError, source: Source) -> tuple[Span, str] | None:
    """The place of a `key:value`: YAML reads it as text and fails at the next colon."""
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None]
    for mark in marks:
        for number in (mark.line + 1, mark.line):
            match = _NO_SPACE.search(source.line(number)[:500])
            if match is not None:
                start = match.start(1) + 1
                return Span(source, number, start, number, match.end(1) + 2), match[1]
    return None


def _span(source: Source, mark: Any) -> Span:
    if mark is None:
        return Span(source, 1, 1, 1, 2)
    return Span(source, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
