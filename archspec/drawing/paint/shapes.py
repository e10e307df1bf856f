"""The shapes of boxes: each family of ops has its own, so that colour is not all that tells them."""

from __future__ import annotations

from archspec.drawing.layout.placed import Place
from archspec.drawing.picture import Circle, Item, Line, Polygon, Rect, Stroke

_CUT = 6.0


def outline(kind: str, family: str, place: Place, fill: str, stroke: Stroke) -> list[Item]:
    """The outline of a box, filled."""
    x, y, width, height = place.x, place.y, place.width, place.height
    if kind == "join":
        if width <= height:
            return [Circle(place.middle, y + height / 2, height / 2, fill, stroke)]
        return [Rect(x, y, width, height, height / 2, fill, stroke)]
    if kind in ("input", "output") or family == "activation":
        return [Rect(x, y, width, height, height / 2, fill, stroke)]
    if family == "pooling":  # it narrows
        cut = min(_CUT, width / 8)
        corners = ((x, y), (x + width, y), (x + width - cut, y + height), (x + cut, y + height))
        return [Polygon(corners, fill, stroke)]
    if family == "linear":  # a bar on either side
        bars = [
            Line(((at, y), (at, y + height)), Stroke(stroke.color, stroke.width))
            for at in (x + 4, x + width - 4)
        ]
        return [Rect(x, y, width, height, 0.0, fill, stroke), *bars]
    if family == "attention":  # cut corners
        cut = min(_CUT, height / 3)
        return [
            Polygon(
                (
                    (x + cut, y), (x + width - cut, y), (x + width, y + cut),
                    (x + width, y + height - cut), (x + width - cut, y + height),
                    (x + cut, y + height), (x, y + height - cut), (x, y + cut),
                ),
                fill,
                stroke,
            )
        ]  # fmt: skip
    if family == "normalization":  # a double line below
        line = Line(((x + 3, y + height - 2.5), (x + width - 3, y + height - 2.5)), stroke)
        return [Rect(x, y, width, height, 2.0, fill, stroke), line]
    if family == "regularization":
        dotted = Stroke(stroke.color, stroke.width, (2.0, 2.0))
        return [Rect(x, y, width, height, 2.0, fill, dotted)]
    if family == "block":
        return [Rect(x, y, width, height, 5.0, fill, Stroke(stroke.color, stroke.width * 1.6))]
    return [Rect(x, y, width, height, 2.0, fill, stroke)]
