"""PNG: the pixels."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from archspec.diagnostics import RenderError
from archspec.drawing.formats import write_png
from archspec.drawing.formats.png import MOST_PIXELS
from archspec.drawing.lettering import text_width
from archspec.drawing.picture import Picture, Rect, Text

from .pictures import HOSTILE, block, saying

Pixel = tuple[int, ...]


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    assert image.format == "PNG"
    return image.convert("RGBA")


def test_its_size_is_that_of_the_picture_at_the_resolution() -> None:
    assert opened(write_png(block())).size == (480, 400)
    assert opened(write_png(block(), dpi=72)).size == (180, 150)
    assert opened(write_png(block(), dpi=300)).size == (750, 625)


def test_colours_are_where_the_picture_has_them() -> None:
    image = opened(write_png(block(), dpi=144))
    assert image.getpixel((300, 20)) == (255, 255, 255, 255)  # the background
    assert image.getpixel((2 * 30, 2 * 50)) == (0x9E, 0xD0, 0xF0, 255)  # inside conv1
    assert image.getpixel((2 * 150, 2 * 66)) in {
        (0xD5, 0x5E, 0x00, 255),
        (255, 255, 255, 255),  # the shortcut is dashed
    }
    column = {image.getpixel((2 * 150, y)) for y in range(60, 240)}
    assert (0xD5, 0x5E, 0x00, 255) in column
    assert (255, 255, 255, 255) in column


def test_a_text_is_as_wide_as_the_layout_was_told() -> None:
    words, size = "3×3 conv, 64, /2", 20.0
    width = text_width(words, size)
    image = opened(
        write_png(
            Picture(width + 40, 40, [Text(20, 28, words, size, "#000000", anchor="start")]), dpi=72
        )
    )
    ink = [
        x
        for x in range(image.width)
        for y in range(image.height)
        if image.getpixel((x, y))[0] < 128
    ]  # type: ignore[index]
    assert 20 <= min(ink) <= 20 + 0.1 * size
    assert 20 + width - 0.1 * size <= max(ink) + 1 <= 20 + width


def test_the_letters_are_ours_and_no_others() -> None:
    """A letter that our font lacks is a hollow box, whatever fonts the machine has."""
    strange = opened(write_png(Picture(40, 40, [Text(20, 30, "中", 20, "#000000")])))
    lacking = opened(write_png(Picture(40, 40, [Text(20, 30, "\U0001f600", 20, "#000000")])))
    assert strange.tobytes() == lacking.tobytes()
    blank = opened(write_png(Picture(40, 40, [])))
    assert strange.tobytes() != blank.tobytes()


def test_without_a_background_it_is_transparent() -> None:
    image = opened(
        write_png(Picture(10, 10, [Rect(5, 0, 5, 10, fill="#0072b2")], background=None), dpi=72)
    )
    assert image.getpixel((2, 5))[3] == 0  # type: ignore[index]
    assert image.getpixel((7, 5)) == (0x00, 0x72, 0xB2, 255)


def test_a_background_reaches_every_edge_of_a_broken_size() -> None:
    image = opened(write_png(Picture(10.3, 10.6, [], background="#222222"), dpi=100))
    corners = [
        (0, 0),
        (image.width - 1, 0),
        (0, image.height - 1),
        (image.width - 1, image.height - 1),
    ]
    assert {image.getpixel(corner) for corner in corners} == {(0x22, 0x22, 0x22, 255)}


def test_the_bytes_are_the_same_every_time() -> None:
    assert write_png(block()) == write_png(block())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_drawn(text: str) -> None:
    opened(write_png(saying(text), dpi=72))


def test_too_many_pixels_are_refused_with_what_is_possible() -> None:
    tall = Picture(300, 60_000, [])
    with pytest.raises(RenderError, match=r"800 × 160,000 pixels.*at most 135 dots") as caught:
        write_png(tall)
    assert "SVG or PDF" in str(caught.value)
    width, height = 300 * 135 / 72, 60_000 * 135 / 72
    assert width * height <= MOST_PIXELS < (width / 135 * 136) * (height / 135 * 136)
