"""Installed packages that add ops, by the entry point group `archspec.ops`.

`importlib.metadata` takes longer to import than a spec to read: it is asked only where something on
the path may have such an entry point.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "archspec.ops"


@cache
def entry_points() -> tuple[EntryPoint, ...]:
    """The entry points of the group."""
    strange = any(
        hasattr(finder, "find_distributions") and finder.__module__ != "_frozen_importlib_external"
        for finder in sys.meta_path
    )
    if not strange and not any(map(_may_have_some, sys.path)):
        return ()
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))


def installed() -> tuple[tuple[str, str, str], ...]:
    """What adds ops: name, place and the package's version."""
    return tuple(
        (p.name, p.value, "" if p.dist is None else p.dist.version) for p in entry_points()
    )


def _may_have_some(place: str) -> bool:
    """Whether a package in a place of the path may have an entry point of the group."""
    try:
        names = os.listdir(place or ".")
    except FileNotFoundError:
        return False
    except OSError:  # an archive
        return True
    for name in names:
        if name.endswith((".dist-info", ".egg-info")):
            try:
                with open(os.path.join(place, name, "entry_points.txt"), "rb") as file:
                    if GROUP.encode() in file.read():
                        return True
            except OSError:
                continue
        elif name.endswith(".egg"):
            return True
    return False
