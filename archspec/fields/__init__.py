"""Fields: what a class says of the values that it takes, and letting through what is plainly right.

Ops, connections and spec files declare annotated fields as a pydantic model does. The model itself
waits: importing pydantic takes longer than checking a small spec. What is plainly right is let through
without it (`plain`); pydantic is asked about everything else, and decides (`model`). It says what is
wrong, and writes the JSON Schema.
"""

from .declaration import Fields
from .words import (
    LARGEST,
    Before,
    Declared,
    Field,
    JsonSchema,
    NonNegativeFloat,
    Plain,
    PositiveFloat,
    PositiveInt,
    check,
    numbers,
)

__all__ = [
    "LARGEST",
    "Before",
    "Declared",
    "Field",
    "Fields",
    "JsonSchema",
    "NonNegativeFloat",
    "Plain",
    "PositiveFloat",
    "PositiveInt",
    "check",
    "numbers",
]
