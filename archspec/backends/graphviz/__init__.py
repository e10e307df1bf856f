"""Drawing with graphviz: a graph becomes a scene, the scene DOT, and DOT a picture."""

from __future__ import annotations

from archspec.connections import Module
from archspec.diagnostics import RenderError, did_you_mean
from archspec.graph import Graph

from .dot import to_dot
from .providers import layout
from .scene import LEVELS, Level, build_scene

FORMATS = ("svg", "png", "pdf", "dot")


def draw(graph: Graph, root: Module, *, level: Level = "block", format: str = "svg") -> bytes:
    """The picture of a network. Raises RenderError."""
    if format not in FORMATS:
        hint = did_you_mean(format, FORMATS) or f"one of {', '.join(FORMATS)}"
        raise RenderError(f"no format is called `{format}`: {hint}")
    if level not in LEVELS:
        hint = did_you_mean(level, LEVELS) or f"one of {', '.join(LEVELS)}"
        raise RenderError(f"no level is called `{level}`: {hint}")
    dot = to_dot(build_scene(graph, root, level))
    return dot.encode() if format == "dot" else layout(dot, format)


__all__ = ["FORMATS", "LEVELS", "Level", "draw"]
