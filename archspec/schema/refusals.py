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
from archspec.diagnostics import Span, SpecError, did_you_mean, in_words
from archspec.expressions.values import written
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
    found = []
    for key, details in by_field(error).items():
        spot: Tree = tree
        if isinstance(tree, Mapping) and key in tree.entries:
            spot = tree.entries[key].value
        name = f"`{key}`" if key else f"`{owner}`"
        if details[0]["type"] == "missing":
            missing = f"`{owner}` needs {name}"
            found.append(MISSING_KEY.at(tree.span, missing, help=f"add {name} to this node"))
        else:
            expected = sentence(details)
            found.append(
                BAD_VALUE.at(
                    spot.span,
                    f"{name} does not take {shown(spot)}: {expected}",
                    help=hint(spot, expected),
                )
            )
    return found


def by_field(error: ValidationError) -> dict[str, list[Any]]:
    """What pydantic says of each field; of one that may be several things, for each of them."""
    found: dict[str, list[Any]] = {}
    for detail in error.errors(include_url=False):
        found.setdefault(str(detail["loc"][0]) if detail["loc"] else "", []).append(detail)
    return found


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


def sentence(details: list[Any]) -> str:
    """What pydantic says of one value, as one sentence of ours."""
    deepest = max(len(detail["loc"]) for detail in details)  # that is of items, where it is a list
    details = [
        detail
        for detail in details
        if len(detail["loc"]) == deepest
        and (detail["type"] != "is_instance_of" or len(details) == 1)
    ]
    for detail in details:
        if detail["type"] not in _EXPECTED and detail["type"] != "literal_error":
            return _sentence(detail)  # of what it could have been, this it nearly was
    sorts = list(dict.fromkeys(_sentence(detail).removesuffix(_ENDING) for detail in details))
    if "a number" in sorts and "a whole number" in sorts:
        sorts.remove("a whole number")
    return in_words(sorts, "or") + _ENDING


_ENDING = " was expected"


def _sentence(detail: Any) -> str:
    plain = _EXPECTED.get(detail["type"])
    bounds = detail.get("ctx", {})
    if detail["type"] == "too_short":
        plain = f"a list of at least {bounds['min_length']} was expected"
    elif detail["type"] == "too_long":
        plain = f"a list of at most {bounds['max_length']} was expected"
    message = plain or str(detail["msg"]).removeprefix("Value error, ")
    if message.startswith("Input should be "):  # `one`, `two` or `three`
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
