"""Expansion: imports, parameters, blocks and loops become a tree of concrete modules."""

from .files import spaces, zoo
from .network import Network, expand
from .program import Loader, Program, names_in

__all__ = [
    "Loader",
    "Network",
    "Program",
    "expand",
    "names_in",
    "spaces",
    "zoo",
]
