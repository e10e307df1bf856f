"""archspec: neural-network architectures as specs, checked, drawn and compiled to PyTorch.

>>> import archspec
>>> archspec.load("resnet50", num_classes=10).cost.params
23528522
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Architecture": "archspec.architecture",
    "ArchspecError": "archspec.diagnostics",
    "CheckpointError": "archspec.diagnostics",
    "Diagnostic": "archspec.diagnostics",
    "Op": "archspec.ops",
    "PluginError": "archspec.diagnostics",
    "RenderError": "archspec.diagnostics",
    "RenderWarning": "archspec.drawing",
    "SpecError": "archspec.diagnostics",
    "SpecInfo": "archspec.api",
    "child": "archspec.api",
    "compile": "archspec.api",
    "json_schema": "archspec.api",
    "list_spaces": "archspec.api",
    "list_specs": "archspec.api",
    "load": "archspec.api",
    "load_space": "archspec.api",
    "load_str": "archspec.api",
    "register": "archspec.plugins",
    "render": "archspec.api",
    "validate": "archspec.api",
}
"""Where each public name lives: it is imported when somebody asks for it."""

if TYPE_CHECKING:
    from archspec.api import (
        SpecInfo,
        child,
        compile,
        json_schema,
        list_spaces,
        list_specs,
        load,
        load_space,
        load_str,
        render,
        validate,
    )
    from archspec.architecture import Architecture
    from archspec.diagnostics import (
        ArchspecError,
        CheckpointError,
        Diagnostic,
        PluginError,
        RenderError,
        SpecError,
    )
    from archspec.drawing import RenderWarning
    from archspec.ops import Op
    from archspec.plugins import register

__all__ = [
    "Architecture",
    "ArchspecError",
    "CheckpointError",
    "Diagnostic",
    "Op",
    "PluginError",
    "RenderError",
    "RenderWarning",
    "SpecError",
    "SpecInfo",
    "child",
    "compile",
    "json_schema",
    "list_spaces",
    "list_specs",
    "load",
    "load_space",
    "load_str",
    "register",
    "render",
    "validate",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
