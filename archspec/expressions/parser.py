"""From the text of an expression to its tree: a tokenizer and a parser by precedence."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .ast import (
    OUT_OF_BOUNDS,
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

MAX_LENGTH = 256
MAX_DEPTH = 16

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<op>\*\*|//|<=|>=|==|!=|[-+*/%()\[\],<>=])"
    r"|(?P<bad>\S))"
)
_WORDS = {
    "true": True,
    "false": False,
    "none": None,
    "null": None,
    "True": True,
    "False": False,
    "None": None,
}
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "in")
_BINARY = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


@lru_cache(4096)
def parse(text: str) -> Ast:
    """The tree of an expression's text. Raises Fault."""
    if len(text) > MAX_LENGTH:
        raise Fault(OUT_OF_BOUNDS, 0, 1, f"an expression of more than {MAX_LENGTH} characters")
    return _Parser(text).whole()


def postfix_length(text: str) -> int:
    """How much of `text` is a name with its indices (`layers[0]`); 0 where it begins with none."""
    match = re.match(r"[A-Za-z_][A-Za-z0-9_]*", text)
    if match is None:
        return 0
    end = match.end()
    while end < len(text) and text[end] == "[":
        close = _closing(text, end, "[", "]")
        if close < 0:
            return end
        end = close + 1
    return end


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    """Where the bracket that opens at `start` closes, or -1."""
    depth = 0
    quote = ""
    for position in range(start, len(text)):
        char = text[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return position
    return -1


class _Parser:
    def __init__(self, text: str):
        self.text = text
        self.tokens: list[_Token] = []
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                break
            kind = str(match.lastgroup)
            at = match.start(kind)
            if kind == "bad":
                raise Fault(SYNTAX, at, 1, f"`{match[kind]}` has no meaning here")
            self.tokens.append(_Token(kind, match[kind], at))
            position = match.end()
        self.tokens.append(_Token("end", "", len(text)))
        self.position = 0
        self.depth = 0

    def whole(self) -> Ast:
        tree = self.expression()
        if self.token.kind != "end":
            raise self.expected("the end of the expression")
        return tree

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def take(self, text: str) -> bool:
        if self.token.text == text and self.token.kind in ("op", "name"):
            self.position += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.expected(f"`{text}`")

    def expected(self, what: str) -> Fault:
        token = self.token
        got = f"`{token.text}`" if token.kind != "end" else "the end"
        return Fault(SYNTAX, token.at, max(1, len(token.text)), f"{what} was expected, got {got}")

    def expression(self) -> Ast:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Fault(OUT_OF_BOUNDS, self.token.at, 1, f"more than {MAX_DEPTH} levels deep")
        try:
            then = self.binary(1)
            at = self.token.at
            if not self.take("if"):
                return then
            condition = self.binary(1)
            self.need("else")
            return Conditional(condition, then, self.expression(), at)
        finally:
            self.depth -= 1

    def binary(self, least: int) -> Ast:
        if least == 3:
            return self.negation()
        if least > 6:
            return self.unary()
        left = self.binary(least + 1)
        while self.token.kind in ("op", "name") and _BINARY.get(self.token.text) == least:
            token = self.token
            self.position += 1
            left = Binary(token.text, left, self.binary(least + 1), token.at)
        return left

    def negation(self) -> Ast:
        at = self.token.at
        if self.take("not"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Fault(OUT_OF_BOUNDS, at, 1, f"more than {MAX_DEPTH} levels deep")
            operand = self.negation()
            self.depth -= 1
            return Unary("not", operand, at)
        return self.comparison()

    def comparison(self) -> Ast:
        operands = [self.binary(5)]
        operators = []
        at = self.token.at
        while True:
            if self.token.text == "not" and self.tokens[self.position + 1].text == "in":
                self.position += 2
                operators.append("not in")
            elif self.token.text in _COMPARISONS and self.token.kind in ("op", "name"):
                operators.append(self.token.text)
                self.position += 1
            else:
                break
            operands.append(self.binary(5))
        if not operators:
            return operands[0]
        return Compare(tuple(operands), tuple(operators), at)

    def unary(self) -> Ast:
        token = self.token
        if token.kind == "op" and token.text in "+-":
            self.position += 1
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Fault(OUT_OF_BOUNDS, token.at, 1, f"more than {MAX_DEPTH} levels deep")
            operand = self.unary()
            self.depth -= 1
            return Unary(token.text, operand, token.at)
        base = self.postfix()
        at = self.token.at
        if self.take("**"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise Fault(OUT_OF_BOUNDS, at, 1, f"more than {MAX_DEPTH} levels deep")
            exponent = self.unary()
            self.depth -= 1
            return Binary("**", base, exponent, at)
        return base

    def postfix(self) -> Ast:
        tree = self.atom()
        while True:
            at = self.token.at
            if not self.take("["):
                return tree
            index = self.expression()
            self.need("]")
            tree = Index(tree, index, at)

    def atom(self) -> Ast:
        token = self.token
        if token.kind == "number":
            self.position += 1
            if len(token.text) > 40:
                raise Fault(OUT_OF_BOUNDS, token.at, len(token.text), "a number too long")
            whole = token.text.isdecimal()
            return Constant(int(token.text) if whole else float(token.text), token.at)
        if token.kind == "text":
            self.position += 1
            return Constant(token.text[1:-1], token.at)
        if token.kind == "name":
            return self.name(token)
        if self.take("("):
            inner = self.expression()
            self.need(")")
            return inner
        if self.take("["):
            items = []
            while not self.take("]"):
                items.append(self.expression())
                if not self.take(","):
                    self.need("]")
                    break
            return ListOf(tuple(items), token.at)
        raise self.expected("a value")

    def name(self, token: _Token) -> Ast:
        if token.text in ("if", "else", "and", "or", "not", "in"):
            raise self.expected("a value")
        self.position += 1
        if token.text in _WORDS:
            return Constant(_WORDS[token.text], token.at)
        if not self.take("("):
            return Name(token.text, token.at)
        args: list[Ast] = []
        keywords: list[tuple[str, Ast]] = []
        while not self.take(")"):
            following = self.tokens[self.position + 1] if self.token.kind == "name" else None
            if following is not None and following.text == "=":
                keyword = self.token.text
                self.position += 2
                keywords.append((keyword, self.expression()))
            else:
                args.append(self.expression())
            if not self.take(","):
                self.need(")")
                break
        return FunctionCall(token.text, tuple(args), tuple(keywords), token.at)


def closing_parenthesis(text: str, start: int) -> int:
    """Where the parenthesis at `start` closes, or -1."""
    return _closing(text, start, "(", ")")
