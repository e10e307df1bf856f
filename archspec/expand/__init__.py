"""Expansion: imports, parameters, blocks and loops become a tree of concrete modules."""

from .files import packaged_folder, project_root, zoo
from .network import Network, expand
from .program import Loader, Program, names_in

__all__ = [
    "Loader",
    "Network",
    "Program",
    "expand",
    "names_in",
    "packaged_folder",
    "project_root",
    "zoo",
]
