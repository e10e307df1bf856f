"""Widths of columns, and the least size of a letter."""

from __future__ import annotations

import pytest

from archspec.diagnostics import RenderError
from archspec.drawing.formats.widths import WIDTHS, fit, smallest_text
from archspec.drawing.picture import Circle, Group, Item, Line, Picture, Polygon, Rect, Stroke, Text

from .pictures import block


def picture(width: float, size: float = 8.0) -> Picture:
    stroke = Stroke("#000000", 1, (4, 2))
    items: list[Item] = [
        Rect(0, 0, width, 50, radius=6, stroke=stroke),
        Group([Text(width / 2, 20, "a", size, "#000000"), Text(9, 20, " ", 1, "#000000")], id="g"),
        Line(((0, 0), (width, 50)), stroke, radius=4, arrow=6),
        Circle(width, 50, 10, stroke=stroke),
        Polygon(((0, 0), (width, 0), (width, 50)), fill="#000000"),
    ]
    return Picture(width, 50, items)


def test_the_presets_are_those_of_two_column_papers() -> None:
    assert WIDTHS == {"column": 3.5, "page": 7.16}


def test_a_wide_picture_is_scaled_down_with_all_that_is_in_it() -> None:
    fitted = fit(picture(504), WIDTHS["column"], least=4)
    half = Stroke("#000000", 0.5, (2, 1))
    assert (fitted.width, fitted.height) == (252, 25)
    rect, group, line, circle, polygon = fitted.items
    assert rect == Rect(0, 0, 252, 25, radius=3, stroke=half)
    assert isinstance(group, Group)
    assert group.id == "g"
    assert group.items[0] == Text(126, 10, "a", 4, "#000000")
    assert line == Line(((0, 0), (252, 25)), half, radius=2, arrow=3)
    assert circle == Circle(252, 25, 5, stroke=half)
    assert polygon == Polygon(((0, 0), (252, 0), (252, 25)), fill="#000000")


def test_a_narrow_picture_keeps_its_size_in_the_middle_of_the_column() -> None:
    fitted = fit(block(), WIDTHS["column"])
    assert (fitted.width, fitted.height) == (252, 150)
    assert smallest_text(fitted) == smallest_text(block()) == 6
    frame = fitted.items[0]
    assert isinstance(frame, Rect)
    assert (frame.x, frame.width) == (36.5, 179)


def test_letters_too_small_to_read_are_an_error_that_says_what_to_do() -> None:
    with pytest.raises(RenderError) as caught:
        fit(picture(720), WIDTHS["column"])
    assert str(caught.value) == (
        "at a width of 3.5 inches the smallest text would be 2.8 points high, and 5 is the least:"
        " open less of the network, give it 6.25 inches (`page` has 7.16), or allow smaller text"
    )
    fit(picture(720), 6.25)
    fit(picture(720), WIDTHS["column"], least=2.8)


def test_no_preset_is_named_that_is_too_narrow() -> None:
    with pytest.raises(RenderError, match=r"give it 12\.5 inches, or"):
        fit(picture(1440), WIDTHS["column"])


def test_what_is_drawn_too_small_is_an_error_in_a_wide_column_too() -> None:
    with pytest.raises(RenderError, match="would be 4 points"):
        fit(picture(100, size=4), WIDTHS["page"])


def test_exactly_the_least_size_is_enough() -> None:
    assert smallest_text(fit(picture(252 * 8 / 5), 3.5)) == pytest.approx(5)


def test_a_picture_without_text_fits_any_width() -> None:
    assert fit(Picture(9000, 10, [Text(0, 0, " ", 1, "#000000")]), 1.0).width == 72
