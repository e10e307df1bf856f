"""The words of a declaration: a field's default and bounds, and the notes that stand beside its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf, isnan
from typing import Annotated, Any, NamedTuple, TypeAlias

REQUIRED: Any = ...
"""The default of a field that must be given."""


class Said:
    """What `Field(...)` says, in pydantic's words."""

    __slots__ = ("default", "words")

    def __init__(self, default: Any, words: dict[str, Any]):
        self.default = default
        self.words = words

    def for_pydantic(self) -> Any:
        from pydantic import Field

        if "default_factory" in self.words:
            return Field(**self.words)
        return Field(self.default, **self.words)


def Field(
    default: Any = REQUIRED,
    *,
    default_factory: Callable[[], Any] | None = None,
    alias: str | None = None,
    description: str | None = None,
    validate_default: bool | None = None,
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
) -> Any:
    """The default of a field and what holds of its values; `pydantic.Field` does as well."""
    words = {name: word for name, word in locals().items() if name != "default"}
    return Said(default, {name: word for name, word in words.items() if word is not None})


PositiveInt: TypeAlias = Annotated[int, Field(gt=0)]
PositiveFloat: TypeAlias = Annotated[float, Field(gt=0)]
NonNegativeFloat: TypeAlias = Annotated[float, Field(ge=0)]


LARGEST = 3.4028234663852886e38
"""What 32 bits hold at the most: torch refuses a finite number beyond it."""


def number(value: float) -> float:
    """A number that a tensor can hold, infinities among them. Raises ValueError."""
    if isnan(value):
        raise ValueError("a number was expected")
    if LARGEST < abs(value) < inf:
        raise ValueError("a number within 3.4e38 was expected, which is what 32 bits hold")
    return value


def numbers(value: Any) -> Any:
    """A value, of which every number with a point is one by `number`. Raises ValueError."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, tuple):
        for item in value:
            numbers(item)
    return value


class Before(NamedTuple):
    """An annotation: what is done to a value before it is checked."""

    function: Callable[[Any], Any]

    def for_pydantic(self) -> Any:
        from pydantic import BeforeValidator

        return BeforeValidator(self.function)


class Plain(NamedTuple):
    """An annotation: what reads a value, whatever its type says. Raises ValueError."""

    function: Callable[[Any], Any]

    def for_pydantic(self) -> Any:
        from pydantic import PlainValidator

        return PlainValidator(self.function)


class JsonSchema:
    """An annotation: the JSON Schema of the values."""

    def __init__(self, schema: dict[str, Any]):
        self.schema = schema

    def for_pydantic(self) -> Any:
        from pydantic import WithJsonSchema

        return WithJsonSchema(self.schema)


class Check:
    """Checks one field with what is known of the fields before it."""

    def __init__(self, field: str, function: Callable[[Any, Mapping[str, Any]], Any]):
        self.field = field
        self.function = function


def check(field: str) -> Callable[[Callable[[Any, Mapping[str, Any]], Any]], Check]:
    """Declare a check: a function of the value and of the fields before it, those of them that were
    not refused, which gives the value or raises ValueError."""
    return lambda function: Check(field, function)


class Declared(NamedTuple):
    """One field: its annotation, with type variables filled in, and what is said of it."""

    annotation: Any
    said: Any
    """`Said`, pydantic's own FieldInfo, or the default itself."""

    @property
    def required(self) -> bool:
        """Whether it must be given; of pydantic's own fields that is not known here."""
        if isinstance(self.said, Said):
            return self.said.default is REQUIRED and "default_factory" not in self.said.words
        return self.said is REQUIRED

    @property
    def alias(self) -> str | None:
        return self.said.words.get("alias") if isinstance(self.said, Said) else None

    @property
    def description(self) -> str | None:
        return self.said.words.get("description") if isinstance(self.said, Said) else None
