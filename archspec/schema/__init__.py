"""Specs as written: pydantic models of a file, never resolved, and the JSON Schema made of them."""

from .reader import Reader
from .spec import PARAM_TYPES, Insert, Spec, SpecFile, read_spec

__all__ = [
    "PARAM_TYPES",
    "Insert",
    "Reader",
    "Spec",
    "SpecFile",
    "read_spec",
]
