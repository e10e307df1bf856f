"""The paper that charts are drawn on: type, colours and marks, and how a figure becomes SVG.

Colours are drawn as stand-ins and become those of a theme when the chart is put somewhere: variables of
the page in HTML, plain colours in a file of its own. Text stays text, in whichever sans-serif there is.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from html import escape
from typing import Any

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, FAINT, RULE, PAPER = "#010203", "#010204", "#010205", "#010206"

SERIES = ("#010301", "#010302", "#010303", "#010304", "#010305", "#010306", "#010307", "#010308")
"""Okabe and Ito's colours, told apart by all kinds of colour vision."""

SEARCH, RANDOM, PROXY = SERIES[:3]

DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 2)),
    (0, (1.2, 1.6)),
    (0, (6, 2, 1.2, 2)),
    (0, (3, 1.5)),
    (0, (8, 2.5)),
    (0, (4, 1.5, 1.2, 1.5, 1.2, 1.5)),
    (0, (1.2, 3)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

_LIGHT = {
    INK: "#1a1a1a",
    FAINT: "#5c5c5c",
    RULE: "#dcdfe3",
    PAPER: "#ffffff",
    SERIES[0]: "#0072b2",
    SERIES[1]: "#d55e00",
    SERIES[2]: "#009e73",
    SERIES[3]: "#b3608f",
    SERIES[4]: "#e69f00",
    SERIES[5]: "#56b4e9",
    SERIES[6]: "#1a1a1a",
    SERIES[7]: "#8f8a00",
}
"""The purple and the yellow are darkened, for lines on white."""

_DARK = {
    INK: "#f1f3f5",
    FAINT: "#a9b1ba",
    RULE: "#363c43",
    PAPER: "#16191d",
    SERIES[0]: "#56b4e9",
    SERIES[1]: "#f08a3c",
    SERIES[2]: "#2fc79a",
    SERIES[3]: "#cc79a7",
    SERIES[4]: "#e69f00",
    SERIES[5]: "#3f8fd0",
    SERIES[6]: "#f1f3f5",
    SERIES[7]: "#f0e442",
}
"""Blue and sky blue change places, and what is too dark for lines on black is lightened."""

_NAMES = {
    INK: "ink",
    FAINT: "faint",
    RULE: "rule",
    PAPER: "paper",
    **{color: f"series-{n}" for n, color in enumerate(SERIES, start=1)},
}

_STYLE: Any = {
    "font.family": "DejaVu Sans",  # matplotlib's own, so that a chart is laid out alike everywhere
    "font.size": 9,
    "text.parse_math": False,  # a name may have dollars in it
    "text.usetex": False,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "axes.formatter.useoffset": False,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 2.8,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "archspec",
    "svg.image_inline": True,
    "path.simplify": False,
}

WIDTH = 7.4
"""Of a chart, in inches."""


def drawn(height: float, draw: Callable[[Figure], None]) -> str:
    """A figure as SVG, the same for the same data. height: in inches."""
    made = io.StringIO()
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that its font lacks, and the reader's may have
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        figure.savefig(made, format="svg", metadata={"Date": None, "Creator": None})
    return _trimmed(made.getvalue())


def for_page(svg: str, name: str, says: str) -> str:
    """For a place in a page that has the variables of `variables`. name: unique in the page."""
    colors = {color: f"var(--{called})" for color, called in _NAMES.items()}

    def own(tag: str) -> str:
        return re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", _recolored(tag, colors))

    found = _tags(svg, own)
    return found.replace("<svg ", f'<svg role="img" aria-label="{escape(says)}" ', 1)


def as_file(svg: str, says: str) -> str:
    """For a file of its own, on white."""
    found = _tags(svg, lambda tag: _recolored(tag, _LIGHT))
    head, rest = found.split(">", 1)
    title = f"<title>{escape(says)}</title>"
    white = f'<rect width="100%" height="100%" fill="{_LIGHT[PAPER]}"/>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}>{title}{white}{rest}'


def variables(dark: bool) -> str:
    """The colours of a page, as CSS."""
    colors = _DARK if dark else _LIGHT
    return " ".join(f"--{_NAMES[color]}: {value};" for color, value in colors.items())


def _trimmed(svg: str) -> str:
    """Without its prologue, which no page takes, what nobody reads, and a style for the whole page."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    return svg.replace("<svg ", '<svg stroke-linejoin="round" ', 1)


def _tags(svg: str, change: Callable[[str], str]) -> str:
    """With its tags changed; what stands between them is somebody's text."""
    return re.sub(r"<[^>]*>", lambda tag: change(tag[0]), svg)


def _recolored(tag: str, colors: dict[str, str]) -> str:
    return re.sub(r"#010[23]\w\w", lambda found: colors[found[0]], tag)
