"""Calls of torch as text, and the functions and classes that ops bring along."""

from __future__ import annotations

import re
from typing import Any

from archspec.graph import Graph
from archspec.ops import Arg, Call, Operand, Operands, Raw

from .skeleton import Class


def helpers_by_name(graph: Graph) -> dict[str, str]:
    """Source of the classes and functions that ops bring along, by each of their names."""
    sources = dict.fromkeys(node.op.helper_source for node in graph)
    return {
        name: source
        for source in sources
        for name in re.findall(r"^(?:class|def|from [\w.]+ import) (\w+)", source, re.MULTILINE)
    }


def is_import(helper: str) -> bool:
    return helper.startswith("from ") and "\n" not in helper.strip("\n")


def call_text(
    call: Call, operands: list[str], args: list[tuple[Arg, str | None]], member: str = ""
) -> str:
    """The source of a call; an argument whose source is None is torch's default and left out."""
    function = call.function
    if "{" in function:
        named = {(arg.name or arg.slot): text for arg, text in args if text is not None}
        return function.format(*operands, self=member, **named)
    if function in ("+", "-", "*", "/", "@"):
        return f" {function} ".join(operands)
    has_operands = any(isinstance(arg.value, Operand | Operands) for arg, _text in args)
    written = [f"{arg.name}={text}" if arg.name else text for arg, text in args if text is not None]
    if function.startswith("."):
        return f"{operands[0]}{function}({', '.join([*operands[1:], *written])})"
    if not has_operands:
        written = [*operands, *written]
    return f"{function}({', '.join(written)})"


def attribute(name: str) -> str:
    """A member of the class as source: `0` and `block1-0` are no identifiers."""
    return f"self.{name}" if name.isidentifier() else f'getattr(self, "{name}")'


def operand_text(value: Any, operands: list[str]) -> str:
    if isinstance(value, Operand):
        return operands[value.index]
    if isinstance(value, Operands):
        return f"[{', '.join(operands)}]"
    assert isinstance(value, Raw)
    return value.text


def is_default(cls: Class, number: int, default: Any) -> bool:
    values = [shape.literals[number].value for shape in cls.shapes]
    return all(type(v) is type(default) and v == default for v in values) or (
        default is None and all(v is None for v in values)
    )
