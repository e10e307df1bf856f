"""Expansion: imports, parameters, blocks and loops become a tree of concrete modules."""

from .files import zoo
from .network import Network, expand
from .program import Loader, Program, names_in

__all__ = [
    "Loader",
    "Network",
    "Program",
    "expand",
    "names_in",
    "zoo",
]
