"""Checking many specs: which ones, what is looked for, and what is known already."""

from .discovery import changed_since, find_specs
from .many import check_many
from .run import Checker
from .selection import Selection
from .settings import Settings, read_settings

__all__ = [
    "Checker",
    "Selection",
    "Settings",
    "changed_since",
    "check_many",
    "find_specs",
    "read_settings",
]
