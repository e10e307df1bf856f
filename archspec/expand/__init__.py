"""Expansion: imports, parameters, blocks and loops become a tree of concrete modules."""

from .files import spaces, zoo
from .network import Network, expand, read_alone
from .program import Loader, Program, names_in

__all__ = [
    "Loader",
    "Network",
    "Program",
    "expand",
    "names_in",
    "read_alone",
    "spaces",
    "zoo",
]
