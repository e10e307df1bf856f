"""What is plainly right: reading values as pydantic does in strict mode, without pydantic.

It may refuse what pydantic would take, and never takes what pydantic would refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin

from .words import REQUIRED, Before, Check, Declared, Plain, Said, number

Reader: TypeAlias = Callable[[Any], Any]
"""Gives the value as the field has it; raises ValueError where it is not plainly right."""


class Step(NamedTuple):
    """How one field is read."""

    key: str
    name: str
    read: Reader
    default: Any
    factory: Callable[[], Any] | None
    check: Callable[[Any, Mapping[str, Any]], Any] | None
    always: bool
    """The default is checked too."""


def steps(fields: Mapping[str, Declared], own: Iterable[Any]) -> tuple[Step, ...]:
    """How the fields of a class are read, in order; `own` are its checks."""
    own = list(own)
    after = {one.field: one.function for one in own if isinstance(one, Check)}
    if not all(isinstance(one, Check) for one in own):
        return (_ASK,)  # a check of pydantic's own, which it knows best
    found = []
    for name, (annotation, said) in fields.items():
        words = said.words if isinstance(said, Said) else {}
        default = said.default if isinstance(said, Said) else said
        if hasattr(said, "annotation"):
            return (_ASK,)  # `pydantic.Field`
        read = _within(_reader(annotation), words)
        always = bool(words.get("validate_default"))
        if always and default is not REQUIRED:
            default = read(default)
        factory = words.get("default_factory")
        found.append(
            Step(words.get("alias", name), name, read, default, factory, after.get(name), always)
        )
    return tuple(found)


def _refuse(_value: Any) -> Any:
    raise ValueError


_ASK = Step("", "", _refuse, REQUIRED, None, None, False)
"""A field that nobody gives: nothing is plainly right."""


def _reader(annotation: Any) -> Reader:
    """What reads values of a type as pydantic does in strict mode; it may refuse too much."""
    kind, args = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return lambda value: value
    if kind is Annotated:
        read = _reader(args[0])
        for note in args[1:]:
            read = _noted(read, note)
        return read
    if kind is Literal:
        return _one_of(args)
    if kind in (Union, UnionType):
        return _either([_reader(arg) for arg in args])
    if kind is tuple:
        if len(args) == 2 and args[1] is ...:
            return _items(_reader(args[0]))
        return _refuse
    if kind is dict:
        return _values(_reader(args[1]))
    if annotation in (None, NoneType):
        return _one_of((None,))
    if annotation is float:
        return _float
    if isinstance(annotation, type) and kind is None:
        return _exactly(annotation) if annotation in (int, bool, str) else _instance(annotation)
    return _refuse


def _noted(read: Reader, note: Any) -> Reader:
    if isinstance(note, Plain):
        return note.function
    if isinstance(note, Before):
        return lambda value: read(note.function(value))
    if isinstance(note, Said):
        return _within(read, note.words)
    # what we do not know may be a check of pydantic's
    return read if type(note).__module__.startswith("archspec.") else _refuse


def _within(read: Reader, words: Mapping[str, Any]) -> Reader:
    gt, ge, lt, le = (words.get(name) for name in ("gt", "ge", "lt", "le"))
    shortest, longest = words.get("min_length"), words.get("max_length")
    if all(bound is None for bound in (gt, ge, lt, le, shortest, longest)):
        return read

    def bounded(value: Any) -> Any:
        value = read(value)
        if (
            (gt is None or value > gt)
            and (ge is None or value >= ge)
            and (lt is None or value < lt)
            and (le is None or value <= le)
            and (shortest is None or len(value) >= shortest)
            and (longest is None or len(value) <= longest)
        ):
            return value
        raise ValueError

    return bounded


def _exactly(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise ValueError

    return read


def _instance(kind: type) -> Reader:
    if not kind.__module__.startswith("archspec."):
        return _refuse

    def read(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        raise ValueError

    return read


def _float(value: Any) -> float:
    if type(value) is float:
        return number(value)
    if type(value) is int:
        return number(float(value))
    raise ValueError


def _one_of(options: tuple[Any, ...]) -> Reader:
    def read(value: Any) -> Any:
        for option in options:
            if value == option and type(value) is type(option):
                return option
        raise ValueError

    return read


def _either(readers: list[Reader]) -> Reader:
    exact = [one for one in readers if one is not _float]  # a whole number stays one where it may
    ordered = [*exact, *(one for one in readers if one is _float)]

    def read(value: Any) -> Any:
        for one in ordered:
            try:
                return one(value)
            except ValueError:
                continue
        raise ValueError

    return read


def _items(read_item: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is tuple:
            return tuple([read_item(item) for item in value])
        raise ValueError

    return read


def _values(read_value: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is dict:
            return {key: read_value(inner) for key, inner in value.items()}
        raise ValueError

    return read
