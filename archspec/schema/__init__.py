"""Specs as written: pydantic models of a file, never resolved, and the JSON Schema made of them."""

from .reader import BAD_VALUE, MISSING_KEY, UNKNOWN_KEY, Reader
from .spec import PARAM_TYPES, Insert, Spec, SpecFile, read_spec

__all__ = [
    "BAD_VALUE",
    "MISSING_KEY",
    "PARAM_TYPES",
    "UNKNOWN_KEY",
    "Insert",
    "Reader",
    "Spec",
    "SpecFile",
    "read_spec",
]
