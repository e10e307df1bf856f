"""What a text in a spec means: an expression, a template with expressions in it, or itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from archspec.codes.expressions import SYNTAX, TOO_LONG, WRONG_OPERAND
from archspec.diagnostics import Span, SpecError

from .ast import Ast, Fault, Name
from .evaluation import evaluate
from .parser import closing, parse
from .places import place
from .values import is_number, show

MAX_TEXT = 1_024

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CALCULATES = re.compile(r"[\d\s.()]*[-+*/%<>=][-+*/%<>=\d\s.()]*")
_BOUNDS = ("<", "<=", ">", ">=", "==", "!=")  # of a contract: `macs: <= $budget`
_Pieces: TypeAlias = "tuple[str | tuple[str, int], ...]"


class Expression:
    """A `$` expression: `text` is what stands after the dollar, `span` the whole scalar.

    Immutable. `names` are the names that it reads, `ast` is its tree.
    """

    __slots__ = ("_known", "_offset", "_order", "_repeats", "ast", "names", "span", "text")

    ast: Ast
    names: frozenset[str]

    def __init__(self, text: str, span: Span, offset: int):
        self.text = text
        self.span = span
        self._offset = offset
        self._repeats = " for " in text
        try:
            self.ast, self.names, self._order, self._known = parse(text)
        except Fault as fault:
            raise self._error(fault) from None

    def evaluate(self, env: Mapping[str, Any]) -> Any:
        """The value, where names mean what `env` says. Raises SpecError."""
        ast = self.ast
        if type(ast) is Name and ast.name in env:  # by far the most common expression
            return env[ast.name]
        key = tuple([env.get(name) for name in self._order])
        for value in key:
            if type(value) is not int:
                key = ()
                break
        if key:
            known = self._known.get(key)
            if known is not None:
                return known
        try:
            found = self._remembered(env) if self._repeats else evaluate(ast, env)
        except Fault as fault:
            raise self._error(fault) from None
        if key and type(found) in (int, float, bool):
            if len(self._known) >= 64:
                self._known.clear()
            self._known[key] = found
        return found

    def _remembered(self, env: Mapping[str, Any]) -> Any:
        """The value of an expression that goes through lists, worked out once for all copies."""
        key: list[Any] = [self.text]
        lists = []
        for name in self.names:
            value = env.get(name)
            if isinstance(value, tuple):  # the same list, whatever is in it
                lists.append(value)
                key += [name, id(value)]
            elif isinstance(value, int | float | str):
                key += [name, type(value), value]
            else:
                return evaluate(self.ast, env)
        known = _remembered.get(tuple(key))
        if known is None:
            if len(_remembered) >= 256:
                _remembered.clear()
            known = _remembered[tuple(key)] = (evaluate(self.ast, env), lists)
        return known[0]

    def python(self, rename: Mapping[str, str]) -> str | None:
        """The expression as Python source, names replaced; None where Python has no such words.

        Only builtins and `math` are called.
        """
        from .rendering import python

        return python(self.ast, rename)

    def _error(self, fault: Fault) -> SpecError:
        at = place(self.span, self.text, self._offset, fault.at, fault.end)
        return fault.rule.error(at, fault.message, help=fault.help)

    def __repr__(self) -> str:
        return f"${self.text}"


_remembered: dict[Any, tuple[Any, list[Any]]] = {}
"""Values of expressions that go through lists, by their text and what it reads; with the lists that
it reads, so that no other list comes to stand in their place."""


class Template:
    """Text with expressions in it, such as `denselayer$(i + 1)`."""

    __slots__ = ("names", "parts", "span", "text")

    def __init__(self, text: str, span: Span, parts: tuple[str | Expression, ...]):
        self.text = text
        self.span = span
        self.parts = parts
        self.names: frozenset[str] = frozenset().union(
            *(part.names for part in parts if isinstance(part, Expression))
        )

    def evaluate(self, env: Mapping[str, Any]) -> str:
        """The text with the values in it. Raises SpecError."""
        text = ""
        for part in self.parts:
            text += part if isinstance(part, str) else _in_text(part, env)
            if len(text) > MAX_TEXT:
                raise TOO_LONG.error(self.span, f"the text is longer than {MAX_TEXT:,} characters")
        return text

    def __repr__(self) -> str:
        return self.text


_BRACED = re.compile(r"\{(([A-Za-z_]\w*)|[^{}]+)\}")


def parse_value(text: str, span: Span) -> str | Expression | Template:
    """What a text scalar means. Raises SpecError where an expression cannot be read.

    `$name`, `$name[0]` and `$( ... )` as the whole text are an `Expression`, beside other text a
    `Template`; `$$` is a dollar sign.
    """
    if "$" not in text:
        return text
    try:
        pieces = _pieces(text)
    except Fault as fault:
        raise fault.rule.error(
            place(span, text, 0, fault.at, fault.end), fault.message, help=fault.help
        ) from None
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return pieces[0]
    parts = tuple(p if isinstance(p, str) else Expression(p[0], span, p[1]) for p in pieces)
    if len(parts) == 1:
        return parts[0]
    return Template(text, span, parts)


def names_of(text: str, span: Span) -> frozenset[str]:
    """The names that a text's expressions read. Raises SpecError where one cannot be read."""
    try:
        return _names(text)
    except Fault:
        return getattr(parse_value(text, span), "names", frozenset())  # says where it is wrong


@lru_cache(1024)
def _names(text: str) -> frozenset[str]:
    parts = [parse(piece[0]).names for piece in _pieces(text) if isinstance(piece, tuple)]
    return frozenset().union(*parts)


@lru_cache(1024)
def _pieces(text: str) -> _Pieces:
    """The text taken apart into literal text and (expression, its offset). Raises Fault."""
    pieces: list[str | tuple[str, int]] = []
    literal: list[str] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        literal.append(text[position:dollar])
        if text.startswith("$$", dollar):
            literal.append("$")
            position = dollar + 2
            continue
        if any(literal):
            pieces.append("".join(literal))
        literal = []
        start, end, position = _expression_at(text, dollar)
        pieces.append((text[start:end], start))
        if len(text) > MAX_TEXT:
            raise Fault(
                TOO_LONG,
                dollar,
                dollar + 1,
                f"a text with expressions has at most {MAX_TEXT:,} characters",
                "write `$$` for a dollar sign",
            )
    literal.append(text[position:])
    if any(literal) or not pieces:
        pieces.append("".join(literal))
    _check_is_text(text, pieces)
    return tuple(pieces)


def _expression_at(text: str, dollar: int) -> tuple[int, int, int]:
    """Where the expression behind a dollar sign begins and ends, and where the text goes on."""
    if text.startswith("$(", dollar):
        close = closing(text, dollar + 1)
        if close < 0:
            raise _not_closed(text, dollar, dollar + 2, "$(", ")")
        return dollar + 2, close, close + 1
    name = _NAME.match(text, dollar + 1)
    if name is None:
        braced = _BRACED.match(text, dollar + 1)
        help = "write `$$` for a dollar sign"
        if braced is not None:
            help = f"write `$({braced[1]})`" + (f" or `${braced[1]}`" if braced[2] else "")
        raise Fault(SYNTAX, dollar, dollar + 1, "a name or `(` was expected after `$`", help)
    end = name.end()
    while text.startswith("[", end):
        close = closing(text, end)
        if close < 0:
            raise _not_closed(text, end, end + 1, "[", "]")
        end = close + 1
    return dollar + 1, end, end


def _not_closed(text: str, at: int, end: int, opened: str, close: str) -> Fault:
    help = f"add `{close}`; where a comma in `{{ }}` or `[ ]` cuts the text short, quote it"
    return Fault(SYNTAX, at, end, f"`{opened}` is not closed", help)


def _check_is_text(text: str, pieces: list[str | tuple[str, int]]) -> None:
    """Refuse `$width * 4`, which would be the text `64 * 4`."""
    if len(pieces) < 2:
        return
    around = " ".join(piece for piece in pieces if isinstance(piece, str))
    if len(pieces) == 2 and isinstance(pieces[0], str) and around.strip() in _BOUNDS:
        return
    calls = isinstance(pieces[0], tuple) and isinstance(pieces[1], str) and pieces[1][0] == "("
    if calls or _CALCULATES.fullmatch(around):
        bare = "".join(p if isinstance(p, str) else _bare(p[0]) for p in pieces).strip()
        raise Fault(
            SYNTAX,
            0,
            len(text),
            "an expression longer than a name stands in parentheses",
            f"write `$({bare})`",
        )


def _bare(text: str) -> str:
    return text if _NAME.match(text) and not re.search(r"[^\w\[\]]", text) else f"({text})"


def _in_text(part: Expression, env: Mapping[str, Any]) -> str:
    value = part.evaluate(env)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if is_number(value) and -(2**64) < value < 2**64:
        return str(value)
    raise WRONG_OPERAND.error(
        place(part.span, part.text, part._offset, 0, len(part.text)),
        f"only text and numbers can stand in text, got {show(value)}",
    )
