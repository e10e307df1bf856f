"""PNG: a picture as pixels, drawn from its SVG by resvg with no font but ours."""

from __future__ import annotations

from math import ceil, floor, sqrt

from archspec.diagnostics import RenderError
from archspec.drawing.lettering import FAMILY, font_file
from archspec.drawing.picture import Picture

from .svg import write_svg

MOST_PIXELS = 64_000_000
"""Of a PNG; drawing so many takes about half a gigabyte."""


def write_png(picture: Picture, *, dpi: float = 192.0) -> bytes:
    """The PNG of a picture at a number of pixels to the inch; the same picture gives the same bytes.

    Raises RenderError for more than `MOST_PIXELS` pixels.
    """
    import resvg_py

    width, height = ceil(picture.width * dpi / 72), ceil(picture.height * dpi / 72)
    if width * height > MOST_PIXELS:
        possible = floor(dpi * sqrt(MOST_PIXELS / (width * height)))
        raise RenderError(
            f"a PNG of {width:,} × {height:,} pixels is too large, {MOST_PIXELS:,} pixels are the"
            f" most: draw it with at most {possible} dots per inch instead of {dpi:g}, open less"
            " of the network, or write SVG or PDF, which have no pixels"
        )
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=write_svg(picture),
            dpi=dpi,
            background=picture.background,  # a last row or column that is covered in part
            skip_system_fonts=True,
            font_files=[str(font_file()), str(font_file(bold=True))],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
        )
    )
