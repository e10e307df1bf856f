"""What a text in a spec means: an expression, a template with expressions in it, or itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.diagnostics import Span, SpecError

from .ast import (
    SYNTAX,
    Ast,
    Binary,
    Compare,
    Conditional,
    Constant,
    Fault,
    FunctionCall,
    Index,
    ListOf,
    Name,
    Unary,
)
from .evaluation import evaluate
from .parser import closing_parenthesis, parse, postfix_length


class Expression:
    """A `$` expression: `text` is what stands after the dollar, `span` the whole scalar."""

    __slots__ = ("_offset", "ast", "names", "span", "text")

    def __init__(self, text: str, span: Span, offset: int):
        self.text = text
        self.span = span
        self._offset = offset
        try:
            self.ast = parse(text)
        except Fault as fault:
            raise self._error(fault) from None
        self.names = frozenset(_names(self.ast))

    def evaluate(self, env: Mapping[str, Any]) -> Any:
        """The value, where names mean what `env` says. Raises SpecError."""
        ast = self.ast
        if type(ast) is Name and ast.name in env:  # by far the most common expression
            return env[ast.name]
        try:
            return evaluate(ast, env)
        except Fault as fault:
            raise self._error(fault) from None

    def python(self, rename: Mapping[str, str]) -> str | None:
        """The expression as Python source, names replaced; None where Python has no such words."""
        return _python(self.ast, rename, 0)

    def _error(self, fault: Fault) -> SpecError:
        span = self.span
        if span.line == span.end_line:
            quoted = span.end_column - span.column > 0 and span.source.line(span.line)[
                span.column - 1 : span.column
            ] in ("'", '"')
            column = span.column + self._offset + fault.at + (1 if quoted else 0)
            column = min(column, max(span.end_column - 1, span.column))
            end = min(column + fault.length, max(span.end_column, column + 1))
            span = Span(span.source, span.line, column, span.line, end)
        error: SpecError = fault.rule.error(span, fault.message, help=fault.help)
        return error

    def __repr__(self) -> str:
        return f"${self.text}"


class Template:
    """Text with expressions in it, such as `denselayer$(i + 1)`."""

    __slots__ = ("names", "parts", "span", "text")

    def __init__(self, text: str, span: Span, parts: tuple[str | Expression, ...]):
        self.text = text
        self.span = span
        self.parts = parts
        self.names = frozenset(
            name for part in parts if isinstance(part, Expression) for name in part.names
        )

    def evaluate(self, env: Mapping[str, Any]) -> str:
        """The text with the values in it. Raises SpecError."""
        return "".join(
            part if isinstance(part, str) else str(part.evaluate(env)) for part in self.parts
        )

    def __repr__(self) -> str:
        return self.text


def parse_value(text: str, span: Span) -> str | Expression | Template:
    """What a text scalar means. Raises SpecError where an expression cannot be read."""
    if "$" not in text:
        return text
    parts: list[str | Expression] = []
    literal = ""
    position = 0
    while position < len(text):
        char = text[position]
        if char != "$":
            literal += char
            position += 1
            continue
        rest = text[position + 1 :]
        if rest.startswith("$"):
            literal += "$"
            position += 2
            continue
        if rest.startswith("("):
            close = closing_parenthesis(text, position + 1)
            if close < 0:
                raise SYNTAX.error(span, "`$(` is not closed", help="add `)`")
            inner, end = text[position + 2 : close], close + 1
            offset = position + 2
        else:
            length = postfix_length(rest)
            if length == 0:
                raise SYNTAX.error(
                    span,
                    "a name or `(` was expected after `$`",
                    help="write `$$` for a dollar sign",
                )
            inner, end = rest[:length], position + 1 + length
            offset = position + 1
        if literal:
            parts.append(literal)
            literal = ""
        parts.append(Expression(inner, span, offset))
        position = end
    if literal:
        parts.append(literal)
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return Template(text, span, tuple(parts))


def _names(tree: Ast) -> Iterator[str]:
    if isinstance(tree, Name):
        yield tree.name
    elif isinstance(tree, Binary):
        yield from _names(tree.left)
        yield from _names(tree.right)
    elif isinstance(tree, Unary):
        yield from _names(tree.operand)
    elif isinstance(tree, Index):
        yield from _names(tree.value)
        yield from _names(tree.index)
    elif isinstance(tree, Conditional):
        for part in (tree.condition, tree.then, tree.otherwise):
            yield from _names(part)
    elif isinstance(tree, ListOf):
        for part in tree.items:
            yield from _names(part)
    elif isinstance(tree, Compare):
        for part in tree.operands:
            yield from _names(part)
    elif isinstance(tree, FunctionCall):
        for part in tree.args:
            yield from _names(part)
        for _name, part in tree.keywords:
            yield from _names(part)


_PRECEDENCE = {"or": 2, "and": 3, "+": 6, "-": 6, "*": 7, "/": 7, "//": 7, "%": 7, "**": 9}
_PYTHON_FUNCTIONS = ("abs", "all", "any", "float", "int", "len", "max", "min", "round", "sum")


def _python(tree: Ast, rename: Mapping[str, str], least: int) -> str | None:
    text, own = _rendered(tree, rename)
    if text is None:
        return None
    return f"({text})" if own < least else text


def _rendered(tree: Ast, rename: Mapping[str, str]) -> tuple[str | None, int]:
    if isinstance(tree, Constant):
        negative = isinstance(tree.value, int | float) and tree.value < 0
        return repr(tree.value), 8 if negative else 10
    if isinstance(tree, Name):
        return rename.get(tree.name, tree.name), 10
    if isinstance(tree, Binary):
        own = _PRECEDENCE[tree.operator]
        if tree.operator == "**":
            left, right = _python(tree.left, rename, 10), _python(tree.right, rename, 8)
        else:
            left, right = _python(tree.left, rename, own), _python(tree.right, rename, own + 1)
        if left is None or right is None:
            return None, 0
        return f"{left} {tree.operator} {right}", own
    if isinstance(tree, Unary):
        operand = _python(tree.operand, rename, 4 if tree.operator == "not" else 8)
        if operand is None:
            return None, 0
        return (f"not {operand}", 4) if tree.operator == "not" else (f"{tree.operator}{operand}", 8)
    if isinstance(tree, Conditional):
        parts = [
            _python(tree.then, rename, 2),
            _python(tree.condition, rename, 2),
            _python(tree.otherwise, rename, 1),
        ]
        if None in parts:
            return None, 0
        return f"{parts[0]} if {parts[1]} else {parts[2]}", 1
    if isinstance(tree, Index):
        value, index = _python(tree.value, rename, 10), _python(tree.index, rename, 0)
        return (None, 0) if value is None or index is None else (f"{value}[{index}]", 10)
    if isinstance(tree, Compare):
        operands = [_python(operand, rename, 6) for operand in tree.operands]
        if None in operands:
            return None, 0
        text = str(operands[0])
        for operator, operand in zip(tree.operators, operands[1:], strict=True):
            text += f" {operator} {operand}"
        return text, 5
    if isinstance(tree, ListOf):
        items = [_python(item, rename, 0) for item in tree.items]
        if None in items:
            return None, 0
        inner = ", ".join(str(item) for item in items)
        return f"({inner}{',' if len(items) == 1 else ''})", 10
    if tree.function not in _PYTHON_FUNCTIONS or tree.keywords:
        return None, 0
    args = [_python(arg, rename, 0) for arg in tree.args]
    if None in args:
        return None, 0
    return f"{tree.function}({', '.join(str(arg) for arg in args)})", 10
