"""Plain scalars by YAML 1.2's core schema.

`on`, `no`, `1_000`, `12:30` and `2026-01-01` are text, `012` is twelve, `1e3` is a number. Only the
size is our own affair: a number that no architecture means is an error instead of a bignum.
"""

from __future__ import annotations

import re
from math import isinf

from archspec.codes.text import TOO_BIG
from archspec.diagnostics import Span

WORDS: dict[str, bool | None] = {
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
"""The plain scalars that are no text and no number."""

_LARGEST = 2**63
NUMERIC = frozenset("0123456789+-.")
"""What a number begins with."""

_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def resolve(text: str, span: Span) -> bool | int | float | str | None:
    """What a plain scalar means."""
    if text in WORDS:
        return WORDS[text]
    if text[0] not in NUMERIC:
        return text
    if text.isdigit() and text.isascii() and len(text) < 16:  # nearly every number
        return int(text)
    if _INT.fullmatch(text):
        digits = text.lstrip("+-").lstrip("0") or "0"
        if len(digits) > 20 or int(digits) > _LARGEST:  # int() refuses 4,301 digits
            raise TOO_BIG.error(span, "a whole number beyond 2**63")
        return -int(digits) if text[0] == "-" else int(digits)
    if _BASED.fullmatch(text):
        digits = text[2:].lstrip("0") or "0"
        if len(digits) > 22 or int(digits, 8 if text[1] == "o" else 16) > _LARGEST:
            raise TOO_BIG.error(span, "a whole number beyond 2**63")
        return int(digits, 8 if text[1] == "o" else 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if isinf(number):
            raise TOO_BIG.error(span, "a number beyond 1.8e308", help="write `.inf` for infinity")
        return number
    if _SPECIAL.fullmatch(text):
        return float(text.lower().replace(".", ""))
    return text


def reading(text: str, quoted: bool = False) -> str | None:
    """How text must be written to be what it looks like: what people, or YAML 1.1, read as a number
    or a truth value is text in YAML 1.2."""
    if text.lower() in _TRUE or text.lower() in _FALSE:
        return (
            f"`{text}` is text in YAML 1.2: write `{'true' if text.lower() in _TRUE else 'false'}`"
        )
    if _GROUPED.fullmatch(text):
        return f"`{text}` is text in YAML 1.2: write `{text.replace('_', '').replace(',', '')}`"
    if quoted and (_INT.fullmatch(text) or _FLOAT.fullmatch(text)):
        return f"what is in quotes is text: write `{text}` without them"
    if quoted and text in WORDS and text:
        return f"what is in quotes is text: write `{text}` without them"
    return None


_TRUE = ("yes", "on", "y", "true")
_FALSE = ("no", "off", "n", "false")
_GROUPED = re.compile(r"[-+]?[0-9]+(?:[_,][0-9]+)+")


def is_text(text: str) -> bool:
    """Whether a plain scalar means itself; a number of any size and a merge key do not."""
    if text in WORDS or text == "<<":
        return False
    if text[0] not in NUMERIC:
        return True
    return not any(form.fullmatch(text) for form in (_INT, _BASED, _FLOAT, _SPECIAL))
