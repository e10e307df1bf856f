"""Plain scalars by YAML 1.2's core schema: `on`, `no`, `1_000` and `12:30` are text."""

from __future__ import annotations

import re

from archspec.diagnostics import Span, rule

TOO_BIG = rule(
    "AS0120",
    "a number too large to be meant",
    "Whole numbers reach to 2**63.",
    wrong="archspec: 1\nparams: {n: 99999999999999999999}\ninput: [3, 8, 8]\nstages: [relu]\n",
    right="archspec: 1\nparams: {n: 99999}\ninput: [3, 8, 8]\nstages: [relu]\n",
)

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def resolve(text: str, span: Span) -> bool | int | float | str | None:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first not in "0123456789+-.":
        return text
    if _INT.fullmatch(text) or _BASED.fullmatch(text):
        if len(text) > 20:
            raise TOO_BIG.error(span, "a whole number beyond 2**63")
        number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if abs(number) > 2**63:
            raise TOO_BIG.error(span, "a whole number beyond 2**63")
        return number
    if len(text) < 100 and _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.lower().replace(".", ""))
    return text
