"""Drawing: a graph becomes a scene, a layout places it, a painter paints it, and a writer writes it."""

from .draw import FORMATS, LAYOUTS, STYLES, Drawn, Look, Network, draw, format_of
from .layout.sizes import Written
from .render import Options, RenderWarning, render
from .scene.view import LEVELS, View

__all__ = [
    "FORMATS",
    "LAYOUTS",
    "LEVELS",
    "STYLES",
    "Drawn",
    "Look",
    "Network",
    "Options",
    "RenderWarning",
    "View",
    "Written",
    "draw",
    "format_of",
    "render",
]
