"""PDF: a picture as one page of vectors and selectable text, with the letters it uses embedded."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from archspec.diagnostics import visible
from archspec.drawing.lettering import font_file
from archspec.drawing.picture import Circle, Line, Picture, Point, Polygon, Rect, Stroke, Text

from .paths import path_of

LARGEST = 14_400.0
"""Points of a page's longer side; PDF readers need not show a larger one (ISO 32000-1, annex C)."""


def write_pdf(picture: Picture) -> bytes:
    """The PDF of a picture; the same picture gives the same bytes: its date is always the same.

    The page has the size of the picture, unless that is above `LARGEST`: then all of it is scaled
    down to that.
    """
    from reportlab.pdfgen.canvas import Canvas

    scale = min(1.0, LARGEST / max(picture.width, picture.height))
    made = BytesIO()
    canvas = Canvas(
        made,
        pagesize=(picture.width * scale, picture.height * scale),
        invariant=1,
        pageCompression=1,
        initialFontName=_faces()[False],
    )
    canvas.setTitle(visible(picture.title))
    canvas.setSubject(visible(picture.description))
    canvas.setAuthor("archspec")
    canvas.setCreator("archspec")
    canvas.setKeywords(visible("; ".join(picture.notes)))
    canvas.scale(scale, scale)
    _Page(canvas, picture.height).draw(picture)
    canvas.save()
    return made.getvalue()


class _Page:
    """A canvas whose y grows downwards, as a picture's does."""

    def __init__(self, canvas: Any, height: float):
        self.canvas = canvas
        self.height = height

    def draw(self, picture: Picture) -> None:
        self.canvas.setLineJoin(1)
        if picture.background:
            self.rect(Rect(0, 0, picture.width, picture.height, fill=picture.background))
        for item in picture.walk():
            match item:
                case Rect():
                    self.rect(item)
                case Polygon():
                    self.polygon(item.points, item.fill, item.stroke)
                case Circle():
                    painted = self.paint(item.fill, item.stroke)
                    self.canvas.circle(item.x, self.height - item.y, item.radius, **painted)
                case Line():
                    self.line(item)
                case Text():
                    self.text(item)

    def rect(self, rect: Rect) -> None:
        place = (rect.x, self.height - rect.y - rect.height, rect.width, rect.height)
        painted = self.paint(rect.fill, rect.stroke)
        radius = min(rect.radius, rect.width / 2, rect.height / 2)
        if radius > 0:
            self.canvas.roundRect(*place, radius, **painted)
        else:
            self.canvas.rect(*place, **painted)

    def polygon(self, points: tuple[Point, ...], fill: str | None, stroke: Stroke | None) -> None:
        path = self.canvas.beginPath()
        path.moveTo(*self.at(points[0]))
        for point in points[1:]:
            path.lineTo(*self.at(point))
        path.close()
        self.canvas.drawPath(path, **self.paint(fill, stroke))

    def line(self, line: Line) -> None:
        way = path_of(line)
        if way is None:
            return
        path = self.canvas.beginPath()
        path.moveTo(*self.at(way.start))
        for piece in way.pieces:
            numbers = [number for point in piece for number in self.at(point)]
            (path.curveTo if len(piece) > 1 else path.lineTo)(*numbers)
        self.canvas.drawPath(path, **self.paint(None, line.stroke))
        if way.head:
            self.polygon(way.head, line.stroke.color, None)

    def text(self, text: Text) -> None:
        shown = visible(text.text)
        if not shown:
            return
        self.canvas.setFont(_faces()[text.bold], text.size)
        self.canvas.setFillColor(_color(text.color))
        draw = {
            "start": self.canvas.drawString,
            "middle": self.canvas.drawCentredString,
            "end": self.canvas.drawRightString,
        }[text.anchor]
        draw(text.x, self.height - text.y, shown)

    def paint(self, fill: str | None, stroke: Stroke | None) -> dict[str, int]:
        """Set what a shape is painted with; gives which of both are."""
        if fill:
            self.canvas.setFillColor(_color(fill))
        if stroke:
            self.canvas.setStrokeColor(_color(stroke.color))
            self.canvas.setLineWidth(stroke.width)
            self.canvas.setDash(list(stroke.dash))
        return {"fill": int(bool(fill)), "stroke": int(bool(stroke))}

    def at(self, point: Point) -> Point:
        return (point[0], self.height - point[1])


def _color(color: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(color)


@cache
def _faces() -> dict[bool, str]:
    """The names that reportlab knows our fonts by, plain and bold."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    names = {bold: font_file(bold=bold).stem for bold in (False, True)}
    for bold, name in names.items():
        registerFont(TTFont(name, str(font_file(bold=bold))))
    return names
