"""What pydantic refuses, and keys that nobody takes, as diagnostics."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from archspec.codes.spec import (
    BAD_VALUE,
    MISSING_KEY,
    UNKNOWN_KEY,
)
from archspec.diagnostics import Span, SpecError, did_you_mean
from archspec.fields import Fields
from archspec.syntax import Mapping, Scalar, Tree, reading
from archspec.syntax import Sequence as ListTree

if TYPE_CHECKING:
    from pydantic import ValidationError

_M = TypeVar("_M", bound=Fields)


def unknown_key(key: str, span: Span, known: Iterable[str], owner: str) -> SpecError:
    """The error for a key that `owner` does not take: an op or a connection by its name, anything
    else in words."""
    names = list(known)
    what = "key" if " " in owner else "argument"
    owner = owner if " " in owner else f"`{owner}`"
    help = did_you_mean(key, names) or f"{owner} takes {', '.join(names)}"
    return UNKNOWN_KEY.error(span, f"{owner} has no {what} called `{key}`", help=help)


def checked(kind: type[_M], data: dict[str, Any], tree: Tree) -> _M:
    """A connection or a file from what was read; what is refused becomes one diagnostic per value."""
    try:
        return kind(**data)
    except ValueError as error:
        if not refused(error):
            raise
        raise SpecError(*diagnose(error, tree, getattr(kind, "key", None))) from None


def refused(error: ValueError) -> TypeGuard[ValidationError]:
    """Whether pydantic has refused something; where it was not asked, it is not imported."""
    return hasattr(error, "errors") and type(error).__name__ == "ValidationError"


def diagnose(error: ValidationError, tree: Tree, owner: str | None) -> list[Any]:
    """What pydantic says, once for every value at fault, at its place."""
    found = {}
    for detail in error.errors(include_url=False):
        spot: Tree = tree
        key = str(detail["loc"][0]) if detail["loc"] else ""
        if isinstance(tree, Mapping) and key in tree.entries:
            spot = tree.entries[key].value
        name = f"`{key}`" if key else f"`{owner}`"
        if detail["type"] == "missing":
            found[key] = MISSING_KEY.at(
                tree.span, f"`{owner}` needs {name}", help=f"add {name} to this node"
            )
        elif key not in found:
            expected = sentence(detail)
            found[key] = BAD_VALUE.at(
                spot.span,
                f"{name} does not take {shown(spot)}: {expected}",
                help=hint(spot, expected),
            )
    return list(found.values())


def hint(tree: Tree, expected: str, names: Collection[str] = ()) -> str | None:
    """What to write for what was meant, where that can be told.

    expected: what was expected, in words. names: the parameters that can be read there.
    """
    if isinstance(tree, ListTree):
        return next((found for item in tree.items if (found := hint(item, expected, names))), None)
    if isinstance(tree, Mapping) and len(tree.entries) in (1, 2):
        return did_you_mean(next(iter(tree.entries)), ["choice", "range"])
    if not isinstance(tree, Scalar):
        return None
    value = tree.value
    if isinstance(value, float) and value.is_integer() and "whole" in expected:
        return f"write `{int(value)}`: a number with a point or an exponent is no whole one"
    if isinstance(value, int | float) and 1 < value <= 100 and expected.endswith("equal to 1"):
        return f"{value:g} % is `{value / 100:g}`"
    if not isinstance(value, str) or "$" in value:
        return None
    if value in names:
        return f"write `${value}` for the value of `{value}`"
    words = re.findall("`([^`]+)`", expected)
    return reading(value, tree.quoted) or did_you_mean(value, [*words, *names])


_LONGEST = 200


def written(value: Any) -> str:
    """A value as a spec has it."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if value is None:
        return "nothing"
    text = _written(value)
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}...`"


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_written(inner)}' for key, inner in value.items())}}}"
    known = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return known[value]
    return str(getattr(value, "text", value))


def sentence(detail: Any) -> str:
    """What pydantic says of a value, as a sentence of ours."""
    plain = _EXPECTED.get(detail["type"])
    bounds = detail.get("ctx", {})
    if detail["type"] == "too_short":
        plain = f"a list of at least {bounds['min_length']} was expected"
    elif detail["type"] == "too_long":
        plain = f"a list of at most {bounds['max_length']} was expected"
    message = plain or str(detail["msg"]).removeprefix("Value error, ")
    if message.startswith("Input should be "):
        expected = message.removeprefix("Input should be ").replace("'", "`")
        if expected.startswith(("greater", "less")):
            expected = f"a number {expected}"
        message = f"{expected} was expected"
    return message[:1].lower() + message[1:]


_EXPECTED = {
    "int_type": "a whole number was expected",
    "int_from_float": "a whole number was expected",
    "float_type": "a number was expected",
    "bool_type": "true or false was expected",
    "string_type": "text was expected",
    "tuple_type": "a list was expected",
    "list_type": "a list was expected",
    "dict_type": "a mapping was expected",
}


def shown(tree: Tree) -> str:
    if isinstance(tree, Scalar):
        return written(tree.value)
    return "a list" if isinstance(tree, ListTree) else "a mapping"
