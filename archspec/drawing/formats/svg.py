"""SVG: a picture as text for browsers, papers and drawing programs.

SVG 1.1 with presentation attributes only: no script, no style sheet, no marker, no reference to
anything outside, so that a file reads alike in every importer and may be put into a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape

from archspec.diagnostics import visible
from archspec.drawing.lettering import STACK
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

_KEY = re.compile(r"[a-z][a-z0-9-]*")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_remember = lru_cache(maxsize=4096)  # a picture says few things, and each of them often


def write_svg(picture: Picture) -> str:
    """The SVG text of a picture; the same picture gives the same text.

    Lengths are points to two decimals. A group is a `g` with its id, its role as class, its data as
    `data-` attributes and its title as tooltip. Characters that do not print, which XML mostly
    cannot hold, are escaped as a diagnostic escapes them.
    """
    width, height = short(picture.width), short(picture.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt"'
        f' viewBox="0 0 {width} {height}" role="img" font-family="{_text(STACK)}"'
        ' text-anchor="middle" stroke-linejoin="round" fill="none">'
    ]
    if picture.title:
        lines.append(f"<title>{_text(picture.title)}</title>")
    if picture.description:
        lines.append(f"<desc>{_paragraph(picture.description)}</desc>")
    if picture.notes:
        lines.append(f"<!-- {_comment('; '.join(picture.notes))} -->")
    if picture.background:
        lines.append(f'<rect width="{width}" height="{height}"{_paint(picture.background, None)}/>')
    for item in picture.items:
        lines += _item(item)
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _item(item: Item) -> Iterator[str]:
    match item:
        case Group():
            yield f"<g{_identity(item)}>"
            if item.title:
                yield f"<title>{_paragraph(item.title)}</title>"
            for inner in item.items:
                yield from _item(inner)
            yield "</g>"
        case Rect():
            size = f' x="{short(item.x)}" y="{short(item.y)}"'
            size += f' width="{short(item.width)}" height="{short(item.height)}"'
            if item.radius > 0:
                size += _attributes(rx=min(item.radius, item.width / 2, item.height / 2))
            yield f"<rect{size}{_paint(item.fill, item.stroke)}/>"
        case Polygon():
            yield _polygon(item.points, item.fill, item.stroke)
        case Circle():
            place = _attributes(cx=item.x, cy=item.y, r=item.radius)
            yield f"<circle{place}{_paint(item.fill, item.stroke)}/>"
        case Line():
            yield from _line(item)
        case Text():
            yield _words(item)


def _line(line: Line) -> Iterator[str]:
    path = path_of(line)
    if path is None:
        return
    steps = ["M" + _at(path.start)]
    for piece in path.pieces:
        steps.append("LC"[len(piece) > 1] + " ".join(_at(point) for point in piece))
    yield f'<path d="{"".join(steps)}"{_paint(None, line.stroke)}/>'
    if path.head:
        yield _polygon(path.head, line.stroke.color, None)


def _polygon(points: tuple[Point, ...], fill: str | None, stroke: Stroke | None) -> str:
    corners = " ".join(f"{short(x)},{short(y)}" for x, y in points)
    return f'<polygon points="{corners}"{_paint(fill, stroke)}/>'


def _words(text: Text) -> str:
    more = f' x="{short(text.x)}" y="{short(text.y)}"'
    more += f' font-size="{short(text.size)}" fill="{_color(text.color)}"'
    if text.bold:
        more += ' font-weight="bold"'
    if text.anchor != "middle":
        more += f' text-anchor="{_text(text.anchor)}"'
    shown = visible(text.text)
    if shown != shown.strip(" ") or "  " in shown:
        more += ' xml:space="preserve"'
    return f"<text{more}>{_text(shown)}</text>"


def _identity(group: Group) -> str:
    """The attributes of a group. An id is without spaces: they are percent-encoded."""
    made = ""
    if group.id:
        made += f' id="{_text(group.id.replace("%", "%25").replace(" ", "%20"))}"'
    if group.role:
        made += f' class="{_text(group.role)}"'
    for key, value in group.data.items():
        made += f' data-{_key(key)}="{_text(value)}"'
    return made


@_remember
def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"no attribute can be called data-{key}")
    return key


@_remember
def _paint(fill: str | None, stroke: Stroke | None) -> str:
    made = f' fill="{_color(fill)}"' if fill else ""
    if stroke:
        made += f' stroke="{_color(stroke.color)}"'
        if stroke.width != 1:
            made += _attributes(stroke_width=stroke.width)
        if stroke.dash:
            made += f' stroke-dasharray="{" ".join(map(short, stroke.dash))}"'
    return made


@_remember
def _color(color: str) -> str:
    if not _COLOR.fullmatch(color):
        raise ValueError(f"`{color}` is no colour: #rrggbb")
    return color


def _attributes(**values: float) -> str:
    return "".join(f' {key.replace("_", "-")}="{short(value)}"' for key, value in values.items())


def _at(point: Point) -> str:
    return f"{short(point[0])} {short(point[1])}"


@_remember
def _text(text: str) -> str:
    """Text for an element or an attribute in double quotes."""
    return escape(visible(text)).replace("&#x27;", "'")


def _paragraph(text: str) -> str:
    """Text that may have lines."""
    return "\n".join(_text(line) for line in text.split("\n"))


def _comment(text: str) -> str:
    """Text for a comment, which XML ends at the first two hyphens."""
    return re.sub("-(?=-)", "- ", visible(text))
