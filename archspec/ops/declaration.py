"""What an op's class declares of its arguments, as a pydantic model that is made on first use.

A spec uses a handful of the catalogue's ops, and a pydantic model takes longer to make than all the
rest of a class: so an op is a plain class, and its model waits until somebody gives it arguments.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, create_model


class Arguments(BaseModel):
    """The arguments of an op: no others, and of their very types."""

    model_config = ConfigDict(
        extra="forbid", strict=True, defer_build=True, arbitrary_types_allowed=True
    )


def arguments_model(op: type, root: type) -> type[Arguments]:
    """The model of the fields that `op` and its bases above `root` declare, with their checks."""
    fields: dict[str, Any] = {}
    checks: dict[str, Any] = {}
    bound = _bound(op)
    for base in reversed(op.__mro__[: op.__mro__.index(root)]):
        own = vars(base)
        for name, annotation in inspect.get_annotations(base, eval_str=True).items():
            origin: Any = get_origin(annotation)
            if origin is not ClassVar:
                if hasattr(root, name):
                    raise TypeError(f"an argument cannot be called `{name}`: every op has that")
                fields[name] = (_filled(annotation, bound), own.get(name, ...))
        checks |= {name: value for name, value in own.items() if hasattr(value, "decorator_info")}
    made: type[Arguments] = create_model(
        op.__name__,
        __base__=Arguments,
        __module__=op.__module__,
        __doc__=op.__doc__,
        __validators__=checks,
        **fields,
    )
    return made


def _filled(annotation: Any, bound: Mapping[Any, Any]) -> Any:
    if isinstance(annotation, TypeVar):
        return bound[annotation]
    variables = getattr(annotation, "__parameters__", ())  # those of `Sizes | None`
    return annotation[tuple(bound[v] for v in variables)] if variables else annotation


def _bound(op: type) -> Mapping[Any, Any]:
    """What stands for each type variable of a generic base: `_Pool[Size2]` binds `Sizes`."""
    bound: dict[Any, Any] = {}

    def visit(cls: type, given: Mapping[Any, Any]) -> None:
        for base in getattr(cls, "__orig_bases__", cls.__bases__):
            origin = get_origin(base) or base
            names = getattr(origin, "__parameters__", ())
            args = [given.get(a, a) if isinstance(a, TypeVar) else a for a in get_args(base)]
            inner = dict(zip(names, args, strict=False))
            bound.update(inner)
            visit(origin, inner)

    visit(op, {})
    return bound
