"""From text to a positioned tree: safe, bounded YAML."""

from .files import decode, read
from .parser import parse, scalar_spans
from .scalars import reading
from .tree import Entry, Mapping, Scalar, Sequence, Tree, plain

__all__ = [
    "Entry",
    "Mapping",
    "Scalar",
    "Sequence",
    "Tree",
    "decode",
    "parse",
    "plain",
    "read",
    "reading",
    "scalar_spans",
]
