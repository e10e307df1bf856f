"""Writing a spec: entries as YAML, with the origin of each line as a comment."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from archspec.connections import OpenValue
from archspec.diagnostics import Span, visible
from archspec.expressions import Expression, Template
from archspec.syntax.scalars import is_text

WIDTH = 92
_PLAIN = re.compile(r"[A-Za-z_$./][^\[\]{},:#&*!|>'\"%@`\n\t]*")


class Entry(NamedTuple):
    """A value to write and where it came from."""

    value: Any
    span: Span | None


def text_of(value: Any) -> str:
    """An expression or a template as it is written."""
    if isinstance(value, Expression):
        simple = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*(\[[^\]]*\])*", value.text)
        return f"${value.text}" if simple else f"$({value.text})"
    return value.text if isinstance(value, Template) else str(value)


def _scalar(value: Any) -> str:
    if isinstance(value, Expression | Template):
        return _quoted(text_of(value))
    if isinstance(value, str):
        return _quoted(value.replace("$", "$$"))
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(repr(value), repr(value))
    return str(value)


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and text == text.strip() and text.isprintable() and is_text(text):
        return text
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(c: str) -> str:
    """A character of a text in double quotes; what would not print as it is becomes an escape."""
    if c.isprintable():
        return c
    return f"\\u{ord(c):04x}" if ord(c) <= 0xFFFF else f"\\U{ord(c):08x}"


def _flow(value: Any) -> str:
    value = value.value if isinstance(value, Entry) else value
    if isinstance(value, OpenValue):
        value = value.written()
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_flow(v) for v in value)}]"
    return _scalar(value)


def _key(key: str) -> str:
    return _quoted(key)


def lines_of(value: Any, indent: int, origins: bool) -> list[str]:
    """A mapping or a list over several lines."""
    pad = " " * indent
    lines: list[str] = []
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in pairs:
        inner, span = item if isinstance(item, Entry) else (item, None)
        if isinstance(inner, OpenValue):
            inner = inner.written()
        head = f"{pad}- " if key is None else f"{pad}{_key(key)}: "
        flow = _flow(inner)
        opened = (
            isinstance(inner, dict | list)
            and bool(inner)
            and (indent == 0 or len(head) + len(flow) > WIDTH or _has_children(inner))
        )
        comment = f"  # {visible(str(span))}" if origins and span is not None else ""
        if not opened or isinstance(inner, tuple):
            text = "" if inner is None else flow
            lines.append(f"{head}{text}".rstrip() + comment)
        elif key is None:
            nested = lines_of(inner, indent + 2, origins)
            nested[0] = f"{pad}- {nested[0].lstrip()}"
            lines += nested
        else:
            lines.append(f"{head.rstrip()}{comment}")
            lines += lines_of(inner, indent + 2, origins)
    return lines


def _has_children(value: Any) -> bool:
    """Whether a mapping or a list holds nodes with places of their own."""
    items = value.values() if isinstance(value, dict) else value
    return any(
        isinstance(item, Entry) and (item.span is not None or _has_children_of(item))
        for item in items
    )


def _has_children_of(item: Entry) -> bool:
    return isinstance(item.value, dict | list) and _has_children(item.value)
