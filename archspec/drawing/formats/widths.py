"""The width of a paper's column: a picture scaled to it, as long as its texts can be read."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

from archspec.diagnostics import RenderError
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

WIDTHS = {"column": 3.5, "page": 7.16}
"""Inches: one column and both of a two-column page, as IEEE and most others set it."""

_SLACK = 1e-6  # points that rounding may take from a text


def fit(picture: Picture, width_inches: float, least: float = 5.0) -> Picture:
    """The picture on a page that is exactly so many inches wide.

    A wider picture is scaled down, lines and all. A narrower one keeps its size and stands in the
    middle: included at the width of the column, the figures of a paper then have letters of one
    size, where enlarging would give the smallest network the largest letters.

    least: the size in points that no text may be below. Raises RenderError where one would be: a
    text too small to read is no figure.
    """
    width = width_inches * 72
    scale = min(1.0, width / picture.width)
    smallest = smallest_text(picture)
    if smallest is not None and smallest * scale < least - _SLACK:
        enough = picture.width / 72 * least / smallest
        names = [f" (`{name}` has {has:g})" for name, has in WIDTHS.items() if has >= enough]
        raise RenderError(
            f"at a width of {width_inches:g} inches the smallest text would be"
            f" {_down(smallest * scale)} points high, and {least:g} is the least: open less of the"
            f" network, give it {_up(enough)} inches{''.join(names[:1])}, or allow smaller text"
        )
    right = (width - picture.width * scale) / 2
    return replace(
        picture,
        width=width,
        height=picture.height * scale,
        items=[_scaled(item, scale, right) for item in picture.items],
    )


def smallest_text(picture: Picture) -> float | None:
    """The least size of a text in a picture, in points; None where it has no text."""
    return min(
        (item.size for item in picture.walk() if isinstance(item, Text) and item.text.strip()),
        default=None,
    )


def _down(value: float) -> str:
    return f"{floor(value * 100) / 100:g}"


def _up(value: float) -> str:
    return f"{ceil(value * 100 - _SLACK) / 100:g}"


def _scaled(item: Item, scale: float, right: float) -> Item:
    """An item with every length scaled, moved to the right."""

    def at(point: Point) -> Point:
        return (point[0] * scale + right, point[1] * scale)

    def pen(stroke: Stroke | None) -> Stroke | None:
        return stroke and _pen(stroke, scale)

    match item:
        case Group():
            return replace(item, items=[_scaled(inner, scale, right) for inner in item.items])
        case Polygon():
            return replace(item, points=tuple(map(at, item.points)), stroke=pen(item.stroke))
        case Line():
            return replace(
                item,
                points=tuple(map(at, item.points)),
                stroke=_pen(item.stroke, scale),
                radius=item.radius * scale,
                arrow=item.arrow * scale,
            )
    x, y = at((item.x, item.y))
    match item:
        case Rect():
            return replace(
                item,
                x=x,
                y=y,
                width=item.width * scale,
                height=item.height * scale,
                radius=item.radius * scale,
                stroke=pen(item.stroke),
            )
        case Circle():
            return replace(item, x=x, y=y, radius=item.radius * scale, stroke=pen(item.stroke))
        case Text():
            return replace(item, x=x, y=y, size=item.size * scale)


def _pen(stroke: Stroke, scale: float) -> Stroke:
    return replace(
        stroke, width=stroke.width * scale, dash=tuple(length * scale for length in stroke.dash)
    )
