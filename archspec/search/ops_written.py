"""Ops as a person would write them: without defaults, and `3` for `[3, 3]`."""

from __future__ import annotations

from typing import Any

from archspec.ops import Op


def op_as_written(op: Op, names: list[str] | None, said: dict[str, Any]) -> Any:
    """An op as a node of a spec.

    names: of its inputs, where these are not what flows in. said: what the node says beside the op.
    """
    cls = type(op)
    arguments: dict[str, Any] = {}
    for name, field in cls.declared().items():
        value = getattr(op, name)
        default = getattr(field.said, "default", field.said)
        if name != cls.main and _same(value, default):
            continue
        arguments[name] = value
    arguments = _shorter(cls, arguments, op)
    main: Any = arguments.pop(cls.main, None) if cls.main is not None else None
    if names is not None:
        if cls.main_is_inputs:
            main = names
        else:
            said = {"from": names[0] if len(names) == 1 else names, **said}
    if main is None and not arguments and not said:
        return op.name
    return {op.name: main, **arguments, **said}


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and value == default


def _shorter(cls: type[Op], arguments: dict[str, Any], op: Op) -> dict[str, Any]:
    """Without what the op makes of less: `[3, 3]` of 3, and what follows from other arguments."""
    for name, value in list(arguments.items()):
        if isinstance(value, tuple) and len(value) > 1 and len(set(value)) == 1:
            if _makes(cls, {**arguments, name: value[0]}, op):
                arguments = {**arguments, name: value[0]}
        less = {key: other for key, other in arguments.items() if key != name}
        if _makes(cls, less, op):
            arguments = less
    return arguments


def _makes(cls: type[Op], arguments: dict[str, Any], op: Op) -> bool:
    try:
        made = cls(**arguments)
    except ValueError:
        return False
    return repr(made) == repr(op)
