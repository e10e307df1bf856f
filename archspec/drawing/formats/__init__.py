"""Writers: a picture or a scene as bytes of a format."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from archspec.drawing.picture import Picture

from .pdf import write_pdf
from .png import write_png
from .svg import write_svg
from .tikz import write_tikz

PICTURE_WRITERS: dict[str, Callable[[Picture], str | bytes]] = {
    "svg": write_svg,
    "png": write_png,
    "pdf": write_pdf,
    "tex": partial(write_tikz, standalone=True),
    "tikz": partial(write_tikz, standalone=False),
}
"""What writes a picture, by the ending of its file. What PNG and PDF need is imported on writing."""
