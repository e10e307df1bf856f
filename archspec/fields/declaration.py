"""Classes with fields: declared as a pydantic model declares them, without a model before one is needed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, get_args, get_origin

from .plain import Step, steps
from .words import REQUIRED, Check, Declared

if TYPE_CHECKING:
    from pydantic import BaseModel


class Fields:
    """A class with annotated fields, filled by keywords: no others, and of their very types."""

    __declared: ClassVar[dict[str, Declared] | None] = None
    __steps: ClassVar[tuple[Step, ...] | None] = None
    __model: ClassVar[type[BaseModel] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__declared = cls.__steps = cls.__model = None

    def __init__(self, /, **values: Any):
        """Raises pydantic's ValidationError."""
        plain = self.plainly(values)
        self.__dict__.update(
            self.model().model_validate(values).__dict__ if plain is None else plain
        )

    @classmethod
    def declared(cls) -> dict[str, Declared]:
        """The fields by name, those of the bases first."""
        if cls.__declared is None:
            cls.__declared = declared(cls)
        return cls.__declared

    @classmethod
    def model(cls) -> type[BaseModel]:
        """The pydantic model of the fields."""
        if cls.__model is None:
            from .model import model

            cls.__model = model(cls)
        return cls.__model

    @classmethod
    def plainly(cls, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The values of all fields, as the model would leave them; None where something is not
        plainly right."""
        if cls.__steps is None:
            cls.__steps = steps(cls.declared(), checks(cls).values())
        found: dict[str, Any] = {}
        taken = 0
        try:
            for key, name, read, default, factory, then, always in cls.__steps:
                if key in values:
                    value = read(values[key])
                    taken += 1
                elif factory is not None:
                    found[name] = factory()
                    continue
                elif default is REQUIRED:
                    return None
                else:
                    value = default
                    if not always:
                        found[name] = value
                        continue
                found[name] = value if then is None else then(value, found)
        except ValueError:
            return None
        return found if taken == len(values) else None


def declared(cls: type) -> dict[str, Declared]:
    """The fields that a class and its bases declare. Raises TypeError for a name that means
    something else."""
    fields: dict[str, Declared] = {}
    bound = _bound(cls)
    taken: set[str] = set()
    for base in reversed(cls.__mro__):
        own = vars(base)
        if "__annotations__" not in own or base is Fields:
            taken |= own.keys()
            continue
        for name, annotation in inspect.get_annotations(base, eval_str=True).items():
            origin: Any = get_origin(annotation)
            if origin is ClassVar or name.startswith("_"):
                continue
            if name in taken:
                raise TypeError(f"a field cannot be called `{name}`: every {cls.__name__} has that")
            fields[name] = Declared(_filled(annotation, bound), own.get(name, REQUIRED))
        taken |= own.keys() - fields.keys()
    return fields


def checks(cls: type) -> dict[str, Any]:
    """The checks that a class and its bases declare, ours and pydantic's, by name."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, Check) or hasattr(value, "decorator_info"):
                found[name] = value
    return found


def _filled(annotation: Any, bound: Mapping[Any, Any]) -> Any:
    if isinstance(annotation, TypeVar):
        return bound[annotation]
    variables = getattr(annotation, "__parameters__", ())  # those of `Sizes | None`
    return annotation[tuple(bound[v] for v in variables)] if variables else annotation


def _bound(cls: type) -> Mapping[Any, Any]:
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

    visit(cls, {})
    return bound
