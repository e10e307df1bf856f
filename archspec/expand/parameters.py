"""Parameters: binding values to the parameters of specs and blocks, and their types."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from archspec.codes.spec import NO_PARAMETER, WRONG_TYPE
from archspec.connections import COMMON_KEYS, Argument, Env, Node, OpenValue
from archspec.diagnostics import Label, Span, did_you_mean, listed
from archspec.expressions import Expression
from archspec.expressions.values import written
from archspec.schema import PARAM_TYPES
from archspec.schema.refusals import hint
from archspec.syntax import Tree


class NodeValue:
    """An op or block given as an argument: a node as written, and what its names mean."""

    __slots__ = ("env", "name", "node")

    def __init__(self, name: str, node: Node, env: Env):
        self.name = name
        self.node = node
        self.env = env

    def __eq__(self, other: object) -> bool:
        if isinstance(other, NodeValue):
            return self.name == other.name and (bool(self.name) or self.node is other.node)
        return self.name == other

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name or "a node"

    __repr__ = __str__


def type_of(default: Argument, is_kind: Callable[[str], bool]) -> str:
    """The type that a declaration gives: a type name, or the type of the default."""
    value = default.value
    if default.kind is not None:
        return default.kind
    if isinstance(value, OpenValue):
        return _type_of_choice(value, is_kind)
    if isinstance(value, str):
        if value in PARAM_TYPES:
            return value
        return "node" if is_kind(value) else "str"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, tuple):
        return "list"
    return "node" if isinstance(value, dict) else "any"


def _type_of_choice(choice: OpenValue, is_kind: Callable[[str], bool]) -> str:
    """The type that all options have."""
    if not choice.options:
        return "float"
    kinds = {type_of(option, is_kind) for option in choice.options}
    if len(kinds) == 1:
        return kinds.pop()
    return "number" if kinds == {"int", "float"} else "any"


def is_required(default: Argument) -> bool:
    """Whether the declaration is a type name, so that every call must give a value."""
    bare = default.kind is None and isinstance(default.value, str)
    return bare and default.value in PARAM_TYPES


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a type; a whole number is a float too, and null fits where it is the
    default."""
    if kind == "any":
        return True
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("float", "number"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str | NodeValue)
    if kind == "list":
        return isinstance(value, tuple | list)
    return isinstance(value, NodeValue | str)


def check_type(
    name: str,
    value: Any,
    kind: str,
    span: Span,
    declared: Span | None = None,
    tree: Tree | None = None,
    names: Collection[str] = (),
    help: str | None = None,
) -> None:
    """Refuse a value that does not fit its parameter; `tree` is how it was written, and `names` are
    those that could be read there."""
    if fits(value, kind):
        return
    labels = (Label(declared, f"`{name}` is declared here"),) if declared is not None else ()
    help = (None if tree is None else hint(tree, _ARTICLE[kind], names)) or help
    raise WRONG_TYPE.error(
        span, f"`{name}` takes {_ARTICLE[kind]}, got {written(value)}", labels=labels, help=help
    )


_ARTICLE = {
    "int": "a whole number",
    "float": "a number",
    "number": "a number",
    "bool": "true or false",
    "str": "text",
    "list": "a list",
    "node": "an op or a block",
}


def check_names(
    given: Mapping[str, tuple[Span, Argument]], params: Collection[str], owner: str
) -> None:
    """Refuse an argument that no parameter has the name of."""
    for name, (span, _argument) in given.items():
        if name not in params:
            raise NO_PARAMETER.error(
                span,
                f"block `{owner}` has no parameter called `{name}`",
                help=did_you_mean(name, [*params, *COMMON_KEYS]) or f"it has {listed(params)}",
            )


LITERAL = frozenset((int, float, str, bool, type(None)))
"""The types of values that mean themselves."""


def evaluate(value: Any, env: Mapping[str, Any]) -> Any:
    """A value with its expressions worked out."""
    kind = type(value)
    if kind in LITERAL:
        return value
    if kind is Expression:
        return value.evaluate(env)
    if isinstance(value, tuple):
        return tuple(evaluate(item, env) for item in value)
    if isinstance(value, dict):
        return {key: evaluate(item, env) for key, item in value.items()}
    if hasattr(value, "evaluate"):
        return value.evaluate(env)
    return value


_NONE: frozenset[str] = frozenset()


def names_read(value: Any) -> frozenset[str]:
    """The names that a value's expressions read."""
    if type(value) in LITERAL:
        return _NONE
    if isinstance(value, tuple):
        return frozenset().union(*(names_read(item) for item in value))
    if isinstance(value, dict):
        return frozenset().union(*(names_read(item) for item in value.values()))
    return value.names if hasattr(value, "evaluate") else frozenset()


__all__ = [
    "Expression",
    "NodeValue",
    "check_names",
    "check_type",
    "evaluate",
    "is_required",
    "names_read",
    "type_of",
]
