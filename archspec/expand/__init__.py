"""Expansion: imports, parameters, blocks and loops become a tree of concrete modules."""

from .files import spaces, zoo
from .loading import Loader, names_in
from .network import Network, expand, read_alone
from .program import Program

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
