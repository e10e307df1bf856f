"""Training: a spec's network learns from images, through Lightning (`archspec[train]`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

_HOMES = {
    "Data": "data",
    "Fit": "run",
    "Settings": "settings",
    "fit": "run",
    "fit_child": "child",
    "from_arrays": "data",
    "read_data": "data",
}
"""Where each public name lives: Lightning is imported when somebody trains."""

if TYPE_CHECKING:
    from .child import fit_child
    from .data import Data, from_arrays, read_data
    from .run import Fit, fit
    from .settings import Settings

__all__ = ["Data", "Fit", "Settings", "fit", "fit_child", "from_arrays", "read_data"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
