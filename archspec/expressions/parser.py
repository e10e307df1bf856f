"""From the text of an expression to its tree: a tokenizer and a parser by precedence."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from archspec.codes.expressions import OUT_OF_BOUNDS, SYNTAX, TOO_LONG

from .ast import (
    Ast,
    Binary,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Fault,
    FunctionCall,
    Index,
    ListOf,
    Logical,
    Name,
    Slice,
    Unary,
)

MAX_LENGTH = 256
MAX_DEPTH = 16
BOUND = 2**53
"""No number in an expression, written or computed, is beyond this."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<op>\*\*|//|<=|>=|==|!=|[-+*/%()\[\],:<>=])"
    r"|(?P<bad>&&|\|\||\S))"
)
_BAD = {
    "&&": "write `and`",
    "||": "write `or`",
    "!": "write `not`, or `!=`",
    "^": "write `**` for a power",
    "?": "write `a if c else b`",
    ".": "names have no attributes",
    "$": "inside an expression names stand without a dollar sign",
    "{": "a list is written `[a, b]`",
    "'": "the quote is not closed, or a backslash is in it",
    '"': "the quote is not closed, or a backslash is in it",
}
_WORDS = {
    "true": True,
    "false": False,
    "none": None,
    "null": None,
    "True": True,
    "False": False,
    "None": None,
}
_KEYWORDS = frozenset(("if", "else", "and", "or", "not", "in", "for"))
_LEVELS = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
_COMPARISON = 4
_LEVELS |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in", "not"), _COMPARISON)


class Parsed(NamedTuple):
    """The tree of an expression and the names that it reads.

    known: its values so far where these are whole numbers, by them in the order of `order`.
    """

    ast: Ast
    names: frozenset[str]
    order: tuple[str, ...]
    known: dict[tuple[Any, ...], Any]


class _Token(NamedTuple):
    kind: str
    text: str
    at: int
    end: int


@lru_cache(4096)
def parse(text: str) -> Parsed:
    """The tree of an expression's text. Raises Fault."""
    if len(text) > MAX_LENGTH:
        raise Fault(
            TOO_LONG,
            0,
            len(text),
            f"an expression of {len(text):,} characters, {MAX_LENGTH} is most",
        )
    parser = _Parser(text)
    ast = parser.whole()
    return Parsed(ast, frozenset(parser.names), tuple(sorted(parser.names)), {})


def _tokens(text: str) -> list[_Token]:
    tokens = []
    position = 0
    while match := _TOKEN.match(text, position):
        kind = str(match.lastgroup)
        token = _Token(kind, match[kind], match.start(kind), match.end())
        if kind == "bad":
            raise Fault(
                SYNTAX,
                token.at,
                token.end,
                f"`{token.text}` has no meaning in an expression",
                _BAD.get(token.text),
            )
        tokens.append(token)
        position = token.end
    tokens.append(_Token("end", "", len(text), len(text)))
    return tokens


class _Parser:
    """One parse. A level of depth is a bracket, a sign, a power, a `not` or an `else`."""

    def __init__(self, text: str):
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0
        self.names: set[str] = set()

    def whole(self) -> Ast:
        tree = self.expression()
        token = self.token
        if token.kind != "end":
            if token.text == "=":
                raise Fault(SYNTAX, token.at, token.end, "`=` has no meaning here", "write `==`")
            raise self.expected("an operator or the end")
        return tree

    # -- tokens ---------------------------------------------------------------------------

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    @property
    def last(self) -> int:
        """Where the token before this one ends."""
        return self.tokens[self.position - 1].end

    def take(self, text: str) -> bool:
        token = self.token
        if token.text == text and token.kind in ("op", "name"):
            self.position += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.expected(f"`{text}`")

    def expected(self, what: str) -> Fault:
        token = self.token
        got = "the end" if token.kind == "end" else f"`{token.text}`"
        return Fault(SYNTAX, token.at, token.end, f"{what} was expected, got {got}")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            token = self.token
            raise Fault(TOO_LONG, token.at, token.end, f"more than {MAX_DEPTH} levels deep")

    # -- grammar, loosest first -----------------------------------------------------------

    def expression(self) -> Ast:
        """`a if c else b`, or anything tighter."""
        self.deeper()
        at = self.token.at
        tree = self.operators(1)
        if self.take("if"):
            condition = self.operators(1)
            self.need("else")
            tree = Conditional(condition, tree, self.expression(), at, self.last)
        self.depth -= 1
        return tree

    def operators(self, least: int) -> Ast:
        """Operators of a level of `least` or tighter; equal levels group to the left."""
        at = self.token.at
        if least <= 3 and self.take("not"):
            self.deeper()
            tree: Ast = Unary("not", self.operators(3), at, self.last)
            self.depth -= 1
        else:
            tree = self.unary()
        while True:
            token = self.token
            level = _LEVELS.get(token.text, 0) if token.kind in ("op", "name") else 0
            if level == 0 or level < least:
                return tree
            if level == _COMPARISON:
                tree = self.comparison(tree, at)
                continue
            self.position += 1
            right = self.operators(level + 1)
            kind = Logical if level < 3 else Binary
            tree = kind(token.text, tree, right, at, self.last)

    def comparison(self, first: Ast, at: int) -> Compare:
        operands, operators = [first], []
        while _LEVELS.get(self.token.text) == _COMPARISON and self.token.kind in ("op", "name"):
            operator = self.token.text
            self.position += 1
            if operator == "not":
                self.need("in")
                operator = "not in"
            operators.append(operator)
            operands.append(self.operators(_COMPARISON + 1))
        return Compare(tuple(operands), tuple(operators), at, self.last)

    def unary(self) -> Ast:
        """A sign, or a power; a power binds tighter than the sign before it: `-2 ** 2` is -4."""
        token = self.token
        if token.kind == "op" and token.text in ("+", "-"):
            self.deeper()
            self.position += 1
            tree: Ast = Unary(token.text, self.unary(), token.at, self.last)
            self.depth -= 1
            return tree
        tree = self.postfix()
        if self.take("**"):
            self.deeper()
            tree = Binary("**", tree, self.unary(), token.at, self.last)
            self.depth -= 1
        return tree

    def postfix(self) -> Ast:
        at = self.token.at
        tree = self.atom()
        levels = 0
        while self.token.text == "[" and self.token.kind == "op":
            self.deeper()
            levels += 1
            self.position += 1
            tree = self.index(tree, at)
        self.depth -= levels
        return tree

    def index(self, value: Ast, at: int) -> Ast:
        """What stands behind a `[`: an index, or a slice."""
        start = None if self.token.text == ":" else self.expression()
        if start is not None and self.take("]"):
            return Index(value, start, at, self.last)
        if not self.take(":"):
            raise self.expected("`]` or `:`")
        stop = None if self.token.text == "]" else self.expression()
        self.need("]")
        return Slice(value, start, stop, at, self.last)

    def atom(self) -> Ast:
        token = self.token
        if token.kind == "number":
            self.position += 1
            return Constant(_number(token), token.at, token.end)
        if token.kind == "text":
            self.position += 1
            return Constant(token.text[1:-1], token.at, token.end)
        if token.kind == "name" and token.text not in _KEYWORDS:
            self.position += 1
            if token.text in _WORDS:
                return Constant(_WORDS[token.text], token.at, token.end)
            if self.take("("):
                return self.call(token)
            self.names.add(token.text)
            return Name(token.text, token.at, token.end)
        if self.take("("):
            inner = self.expression()
            self.need(")")
            return inner
        if self.take("["):
            return self.list(token.at)
        raise self.expected("a value")

    def list(self, at: int) -> Ast:
        """A list, or a comprehension; its own name is none that the expression reads."""
        items = []
        while not self.take("]"):
            around, self.names = self.names, set()
            items.append(self.expression())
            if len(items) == 1 and self.token.text == "for":
                return self.comprehension(items[0], around, at)
            self.names |= around
            if not self.take(",") and self.token.text != "]":
                raise self.expected("`,` or `]`")
        return ListOf(tuple(items), at, self.last)

    def comprehension(self, item: Ast, around: set[str], at: int) -> Ast:
        """The clauses behind the item; each may read the names of those before it."""
        inside, read, own = self.names, set(around), set[str]()
        clauses = []
        while self.take("for"):
            name = self.token
            if name.kind != "name" or name.text in _KEYWORDS or name.text in _WORDS:
                raise self.expected("a name")
            self.position += 1
            self.need("in")
            self.names = set()
            clauses.append((name.text, self.operators(1)))
            read |= self.names - own
            own.add(name.text)
        self.need("]")
        self.names = read | (inside - own)
        tree = item
        for number, (text, source) in enumerate(reversed(clauses)):
            tree = Comprehension(tree, text, source, at, self.last, flat=number > 0)
        return tree

    def call(self, function: _Token) -> FunctionCall:
        args: list[Ast] = []
        keywords: list[tuple[str, Ast]] = []
        while not self.take(")"):
            token = self.token
            if token.kind == "name" and self.tokens[self.position + 1].text == "=":
                self.position += 2
                if any(token.text == name for name, _value in keywords):
                    raise Fault(SYNTAX, token.at, token.end, f"`{token.text}` is given twice")
                keywords.append((token.text, self.expression()))
            elif keywords:
                raise self.expected("a named argument")
            else:
                args.append(self.expression())
            if not self.take(",") and self.token.text != ")":
                raise self.expected("`,` or `)`")
        return FunctionCall(function.text, tuple(args), tuple(keywords), function.at, self.last)


def _number(token: _Token) -> int | float:
    digits = token.text.lstrip("0") or "0"
    if token.text.isdecimal():
        value: int | float = int(digits) if len(digits) < 20 else BOUND + 1
    else:
        value = float(token.text)
    if value > BOUND:
        raise Fault(OUT_OF_BOUNDS, token.at, token.end, "a number beyond 2**53")
    return value


def closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes, or -1. Quotes and the other brackets are skipped."""
    pair = {"(": "()", "[": "[]"}[text[start]]
    depth = 0
    quote = ""
    for position in range(start, len(text)):
        char = text[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == pair[0]:
            depth += 1
        elif char == pair[1]:
            depth -= 1
            if depth == 0:
                return position
    return -1
