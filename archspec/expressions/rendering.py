"""An expression as Python source, for generated code that says what the spec says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from keyword import iskeyword

from .ast import (
    Ast,
    Binary,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    FunctionCall,
    Index,
    ListOf,
    Logical,
    Name,
    Slice,
    Unary,
)
from .functions import FUNCTIONS

# Python's own levels, from the loosest: a part that is looser than its place gets parentheses.
_ANY, _TEST, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(11)
_LEVEL = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}
_LEVEL |= {"//": _PRODUCT, "%": _PRODUCT}
_WORD = re.compile(r"[A-Za-z_]\w*")
_SIMPLE = re.compile(r"[A-Za-z_][\w.]*|[0-9][0-9_]*|[0-9]+\.[0-9]*|'[^'\\\n]*'|\"[^\"\\\n]*\"")


def python(tree: Ast, rename: Mapping[str, str]) -> str | None:
    """The source, names replaced; None where plain Python has no such words.

    A name may be replaced by any expression: it gets parentheses where it needs them. Lists become
    tuples, which is what they are when the expression is evaluated.
    """
    renderer = _Renderer(rename)
    try:
        text = renderer.at(tree, _ANY)
    except _NotPython:
        return None
    # A parameter called `max` would hide the builtin.
    return None if renderer.words & renderer.called else text


class _NotPython(Exception):
    """The expression has words that Python does not have, or has for something else."""


class _Renderer:
    def __init__(self, rename: Mapping[str, str]):
        self.rename = rename
        self.words: set[str] = set()
        self.called: set[str] = set()

    def at(self, tree: Ast, least: int) -> str:
        """The source of a tree in a place that takes levels from `least`."""
        text, level = self.source(tree)
        return f"({text})" if level < least else text

    def source(self, tree: Ast) -> tuple[str, int]:
        """The source of a tree and its level."""
        match tree:
            case Constant():
                return repr(tree.value), _ATOM
            case Name():
                text = self.rename.get(tree.name, tree.name)
                if iskeyword(text) and text not in ("True", "False", "None"):
                    raise _NotPython
                self.words.update(_WORD.findall(text))
                if _SIMPLE.fullmatch(text):
                    return text, _ATOM
                return text, _SIGN if _SIMPLE.fullmatch(text.removeprefix("-")) else _ANY
            case Binary(operator="**"):
                text = f"{self.at(tree.left, _ATOM)} ** {self.at(tree.right, _SIGN)}"
                return text, _POWER
            case Binary() | Logical():
                level = _LEVEL[tree.operator]
                left, right = self.at(tree.left, level), self.at(tree.right, level + 1)
                return f"{left} {tree.operator} {right}", level
            case Unary(operator="not"):
                return f"not {self.at(tree.operand, _NOT)}", _NOT
            case Unary():
                return f"{tree.operator}{self.at(tree.operand, _SIGN)}", _SIGN
            case Compare():
                text = self.at(tree.operands[0], _SUM)
                for operator, operand in zip(tree.operators, tree.operands[1:], strict=True):
                    text += f" {operator} {self.at(operand, _SUM)}"
                return text, _COMPARE
            case Conditional():
                then, condition = self.at(tree.then, _OR), self.at(tree.condition, _OR)
                return f"{then} if {condition} else {self.at(tree.otherwise, _TEST)}", _TEST
            case Index():
                return f"{self.at(tree.value, _ATOM)}[{self.at(tree.subscript, _ANY)}]", _ATOM
            case Slice():
                start = "" if tree.start is None else self.at(tree.start, _TEST)
                stop = "" if tree.stop is None else self.at(tree.stop, _TEST)
                return f"{self.at(tree.value, _ATOM)}[{start}:{stop}]", _ATOM
            case Comprehension():
                return self.comprehension(tree), _ATOM
            case ListOf():
                comma = "," if len(tree.items) == 1 else ""
                return f"({', '.join(self.at(i, _TEST) for i in tree.items)}{comma})", _ATOM
            case FunctionCall():
                return self.call(tree)

    def comprehension(self, tree: Comprehension) -> str:
        """A tuple; its own names hide what is called the same outside."""
        outside = self.rename
        clauses = ""
        while True:
            source = self.source_of(tree.source)
            if iskeyword(tree.name) or any(tree.name in _WORD.findall(t) for t in outside.values()):
                raise _NotPython
            self.rename = {**self.rename, tree.name: tree.name}
            clauses += f" for {tree.name} in {source}"
            if not (tree.flat and isinstance(tree.item, Comprehension)):
                break
            tree = tree.item
        item = self.at(tree.item, _TEST)
        self.rename = outside
        self.called.add("tuple")
        return f"tuple({item}{clauses})"

    def source_of(self, tree: Ast) -> str:
        """What a comprehension goes through; Python's own `range` is no tuple, but serves here."""
        if isinstance(tree, FunctionCall) and tree.function == "range":
            self.called.add("range")
            return f"range({', '.join(self.at(a, _TEST) for a in tree.args)})"
        return self.at(tree, _OR)

    def call(self, tree: FunctionCall) -> tuple[str, int]:
        function = FUNCTIONS.get(tree.function)
        if function is None or function.python is None or tree.keywords:
            raise _NotPython
        self.called.add(function.python.partition(".")[0])
        return f"{function.python}({', '.join(self.at(a, _TEST) for a in tree.args)})", _ATOM
