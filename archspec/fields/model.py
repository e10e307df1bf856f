"""Models: the pydantic model of a class with fields, for what is not plainly right and for JSON Schema."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, create_model, field_validator

from .declaration import Fields, checks
from .words import Check, Said, numbers


class Values(BaseModel):
    """The fields of a class: no others, and of their very types."""

    model_config = ConfigDict(
        extra="forbid", strict=True, defer_build=True, arbitrary_types_allowed=True
    )


def model(cls: type[Fields]) -> type[BaseModel]:
    """The model of what a class declares."""
    fields: dict[str, Any] = {
        name: (_annotation(one.annotation), _said(one.said)) for name, one in cls.declared().items()
    }
    made: type[BaseModel] = create_model(
        cls.__name__,
        __base__=Values,
        __module__=cls.__module__,
        __doc__=cls.__doc__,
        __validators__={
            **{name: _check(one) for name, one in checks(cls).items()},
            "_numbers": field_validator("*", check_fields=False)(numbers),
        },
        **fields,
    )
    return made


def _said(said: Any) -> Any:
    return said.for_pydantic() if isinstance(said, Said) else said


def _annotation(annotation: Any) -> Any:
    """The annotation in pydantic's own words."""
    kind, args = get_origin(annotation), get_args(annotation)
    if kind is Annotated:
        notes = [note for one in args[1:] for note in _notes(one)]
        return Annotated[(_annotation(args[0]), *notes)]  # type: ignore[return-value]
    if kind in (Union, UnionType):
        return Union[tuple(_annotation(arg) for arg in args)]  # noqa: UP007
    if kind in (tuple, dict):
        return kind[tuple(_annotation(arg) for arg in args)]
    return annotation


def _notes(note: Any) -> list[Any]:
    """A note beside a type in pydantic's own words; of a field its bounds, each by itself."""
    if isinstance(note, Said):
        return list(note.for_pydantic().metadata)
    return [note.for_pydantic()] if hasattr(note, "for_pydantic") else [note]


def _check(one: Any) -> Any:
    if not isinstance(one, Check):
        return one  # pydantic's own

    def checked(_cls: Any, value: Any, info: Any) -> Any:
        return one.function(value, info.data)

    return field_validator(one.field)(classmethod(checked))
