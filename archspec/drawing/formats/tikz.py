"""TikZ: a picture as LaTeX source, to be edited with a paper and set in its fonts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.diagnostics import RenderError, visible
from archspec.drawing.picture import (
    Circle,
    Group,
    Item,
    Line,
    Picture,
    Point,
    Polygon,
    Rect,
    Stroke,
    Text,
)

from .paths import path_of, short

LONGEST = 16_000.0
"""Points of a side; TeX has no length above 16,383."""

_DOCUMENT = r"""\documentclass[tikz,border=0pt]{standalone}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{helvet}
\begin{document}
%s\end{document}
"""

_NEEDS = """\
% Needs \\usepackage{tikz}. Texts are set in the document's sans-serif font; \\usepackage{helvet}
% gives that of the other formats.
"""

_TIMES = r"\def\by{\makebox[.584em]{$\times$}}"
"""The sign of a multiplication as wide as our font has it: shapes are full of it."""

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"{\char34}",  # babel gives it a meaning in some languages
    "×": r"\by{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    **{letter: "\\" + letter for letter in "&%$#_{}"},
    "–": "--",
    "—": "---",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "“": "``",
    "”": "''",
    "…": r"\dots{}",
    **{
        letter: f"${command}$"
        for letter, command in {
            "÷": r"\div",
            "±": r"\pm",
            "·": r"\cdot",
            "−": "-",
            "⊕": r"\oplus",
            "⊗": r"\otimes",
            "⊙": r"\odot",
            "←": r"\leftarrow",
            "↑": r"\uparrow",
            "→": r"\rightarrow",
            "↓": r"\downarrow",
            "↔": r"\leftrightarrow",
            "≈": r"\approx",
            "≠": r"\neq",
            "≤": r"\leq",
            "≥": r"\geq",
            "∞": r"\infty",
            "‖": r"\|",
            "√": r"\surd",
            "∑": r"\sum",
            "∏": r"\prod",
            "∫": r"\int",
            "∂": r"\partial",
            "∆": r"\Delta",
            "°": r"^\circ",
            "µ": r"\mu",
            "\N{PRIME}": "'",
            "″": "''",
            "•": r"\bullet",
            "²": "^2",
            "³": "^3",
            "¹": "^1",
            "○": r"\circ",
            "●": r"\bullet",
            "◦": r"\circ",
        }.items()
    },
    **{
        letter: f"$\\{name}$"
        for letter, name in zip(
            "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
            [
                "alpha",
                "beta",
                "gamma",
                "delta",
                "epsilon",
                "zeta",
                "eta",
                "theta",
                "iota",
                "kappa",
                "lambda",
                "mu",
                "nu",
                "xi",
                "pi",
                "rho",
                "varsigma",
                "sigma",
                "tau",
                "upsilon",
                "phi",
                "chi",
                "psi",
                "omega",
                "Gamma",
                "Delta",
                "Theta",
                "Lambda",
                "Xi",
                "Pi",
                "Sigma",
                "Upsilon",
                "Phi",
                "Psi",
                "Omega",
            ],
            strict=True,
        )
    },
}
"""What LaTeX needs for a character that means something to it or that its fonts lack."""

_LIGATURE = re.compile(r"(?<=[-'`,?!])(?=[-'`,])")
_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def write_tikz(picture: Picture, *, standalone: bool) -> str:
    """The `tikzpicture` of a picture, or a document with nothing else on a page of its size.

    Lengths are big points, which are the points of a picture. A colour is defined once, where it can
    be changed. A letter that LaTeX's usual fonts lack becomes `?`. Raises RenderError where a side
    is above `LONGEST`.
    """
    if max(picture.width, picture.height) > LONGEST:
        raise RenderError(
            f"a TikZ picture of {picture.width:,.0f} × {picture.height:,.0f} points is too large,"
            f" TeX measures up to {LONGEST:,.0f}: open less of the network, or write SVG or PDF"
        )
    corner = f"({short(picture.width)},{short(picture.height)})"
    pens = _Pens()
    drawn = [rf"\path[use as bounding box] (0,0) rectangle {corner};"]
    if picture.background:
        drawn.append(rf"\fill[{pens.color(picture.background)}] (0,0) rectangle {corner};")
    for item in picture.items:
        drawn += _item(item, pens)
    heads = [picture.title, *picture.description.split("\n"), *picture.notes]
    lines = [
        *(f"% {visible(head)}" for head in heads if head),
        r"\begin{tikzpicture}[x=1bp,y=-1bp,line width=1bp,line join=round,",
        "  every node/.style={inner sep=0pt,outer sep=0pt,anchor=base},",
        *(f"  {name}/.style={{font={font}}}," for name, font in pens.fonts.items()),
        "]",
        *(rf"\definecolor{{{name}}}{{HTML}}{{{code}}}" for code, name in pens.colors.items()),
        *([_TIMES] if any(r"\by{}" in line for line in drawn) else []),
        *drawn,
        r"\end{tikzpicture}",
    ]
    made = "\n".join(lines) + "\n"
    return _DOCUMENT % made if standalone else _NEEDS + made


class _Pens:
    """The colours and fonts of a picture, in the order of their first use."""

    def __init__(self) -> None:
        self.colors: dict[str, str] = {}
        self.fonts: dict[str, str] = {}

    def color(self, color: str) -> str:
        code = color.removeprefix("#").upper()
        return self.colors.setdefault(code, f"archspec{len(self.colors) + 1}")

    def font(self, size: float, bold: bool) -> str:
        name = f"size {short(size)}{' bold' if bold else ''}"
        weight = r"\bfseries" if bold else ""
        sizes = f"{{{short(size)}bp}}{{{short(size * 1.2)}bp}}"
        self.fonts[name] = rf"\sffamily{weight}\fontsize{sizes}\selectfont"
        return name


def _item(item: Item, pens: _Pens) -> Iterator[str]:
    match item:
        case Group():
            about = " ".join(word for word in (item.role, item.id) if word)
            if about:
                yield f"% {visible(about)}"
            for inner in item.items:
                yield from _item(inner, pens)
        case Rect():
            radius = min(item.radius, item.width / 2, item.height / 2)
            round_ = [f"rounded corners={short(radius)}bp"] if radius > 0 else []
            ends = (item.x, item.y), (item.x + item.width, item.y + item.height)
            yield _path(
                f"{_at(ends[0])} rectangle {_at(ends[1])}", item.fill, item.stroke, pens, round_
            )
        case Polygon():
            yield _path(_closed(item.points), item.fill, item.stroke, pens)
        case Circle():
            around = f"{_at((item.x, item.y))} circle[radius={short(item.radius)}bp]"
            yield _path(around, item.fill, item.stroke, pens)
        case Line():
            yield from _line(item, pens)
        case Text():
            if item.text:
                options = [pens.font(item.size, item.bold)]
                if item.anchor != "middle":
                    options.append(f"anchor={_ANCHORS[item.anchor]}")
                options.append(f"text={pens.color(item.color)}")
                place = _at((item.x, item.y))
                yield rf"\node[{','.join(options)}] at {place} {{{_escape(item.text)}}};"


def _line(line: Line, pens: _Pens) -> Iterator[str]:
    path = path_of(line)
    if path is None:
        return
    way = _at(path.start)
    for piece in path.pieces:
        *controls, end = (_at(point) for point in piece)
        way += f" .. controls {' and '.join(controls)} .. {end}" if controls else f" -- {end}"
    yield _path(way, None, line.stroke, pens)
    if path.head:
        yield _path(_closed(path.head), line.stroke.color, None, pens)


def _closed(points: tuple[Point, ...]) -> str:
    return " -- ".join(_at(point) for point in points) + " -- cycle"


def _path(
    way: str, fill: str | None, stroke: Stroke | None, pens: _Pens, more: list[str] | None = None
) -> str:
    options = []
    if fill:
        options.append(f"fill={pens.color(fill)}")
    if stroke:
        options.append(f"draw={pens.color(stroke.color)}")
        if stroke.width != 1:
            options.append(f"line width={short(stroke.width)}bp")
        if stroke.dash:
            # PostScript repeats a list of odd length; TikZ needs each gap said
            dash = stroke.dash * (1 + len(stroke.dash) % 2)
            words = (f"{'off' if n % 2 else 'on'} {short(d)}bp" for n, d in enumerate(dash))
            options.append(f"dash pattern={' '.join(words)}")
    return rf"\path[{','.join([*options, *(more or [])])}] {way};"


def _at(point: Point) -> str:
    return f"({short(point[0])},{short(point[1])})"


def _escape(text: str) -> str:
    """Text for a node: nothing in it means anything to LaTeX, and no two letters become another."""
    shown = _LIGATURE.sub("\0", visible(text))
    made = "".join("{}" if letter == "\0" else _letter(letter) for letter in shown)
    return re.sub(r"^ | $|(?<= ) | (?= )", r"\\ ", made)


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    return letter if letter.isascii() or letter in _LATIN else "?"


_LATIN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŤťŮůŰűŸŹźŻżŽž"
)
"""The letters outside ASCII that LaTeX takes in both its old encoding and T1."""
