"""SVG: its structure as an XML parser sees it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import visible
from archspec.drawing.formats import write_svg
from archspec.drawing.picture import Group, Line, Picture, Polygon, Rect, Stroke, Text

from .pictures import HOSTILE, block, saying

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
BLACK = Stroke("#000000")


def parsed(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(write_svg(picture).encode())


def drawn(line: Line) -> list[ElementTree.Element]:
    """What a line is drawn with."""
    return list(parsed(Picture(100, 100, [line], background=None)))


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", text)]


def test_golden() -> None:
    assert write_svg(block()) == (GOLDEN / "block.svg").read_text(encoding="utf-8")


def test_the_page_has_the_size_of_the_picture_in_points() -> None:
    root = parsed(Picture(252, 100.456, []))
    assert (root.get("width"), root.get("height")) == ("252pt", "100.46pt")
    assert root.get("viewBox") == "0 0 252 100.46"


def test_a_reader_that_does_not_see_is_told_what_it_is() -> None:
    root = parsed(block())
    assert root.get("role") == "img"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == "BasicBlock"
    assert root[1].text == "A residual block.\nIts shortcut is a projection."


def test_a_group_has_its_id_role_data_and_tooltip() -> None:
    group = parsed(block()).find(f"{SVG}g[@id='conv1']")
    assert group is not None
    assert group.get("class") == "box convolution"
    assert group.get("data-path") == "layer2.0.conv1"
    assert group.get("data-params") == "73728"
    assert group[0].tag == f"{SVG}title"
    assert group[0].text == "conv1\n3×3 conv, 128, /2"


def test_two_ids_stay_two_without_their_spaces() -> None:
    root = parsed(Picture(9, 9, [Group(id="a b"), Group(id="a%20b"), Group(id="a\u2028b")]))
    ids = [group.attrib["id"] for group in root.iter(f"{SVG}g")]
    assert len(set(ids)) == 3
    assert not any(letter.isspace() for text in ids for letter in text)


def test_notes_are_a_comment_that_nothing_in_them_ends() -> None:
    made = write_svg(Picture(9, 9, [], notes=("--><script/>", "a---b", "-")))
    assert "<script" in made  # in the comment, where it means nothing
    (comment,) = re.findall(r"<!--(.*?)-->", made, re.DOTALL)
    assert "--" not in comment
    assert len(list(ElementTree.fromstring(made))) == 1


def test_an_arrow_is_a_polygon_with_its_tip_at_the_end_of_the_line() -> None:
    path, head = drawn(Line(((10, 10), (10, 50)), Stroke("#d55e00"), arrow=5))
    assert numbers(head.attrib["points"])[:2] == [10, 50]
    assert head.get("fill") == path.get("stroke") == "#d55e00"
    end = numbers(path.attrib["d"])[-2:]
    assert end[0] == 10
    assert 45 < end[1] < 50, "the line ends under its head"
    assert "marker" not in write_svg(block())


@pytest.mark.parametrize("length", [0.5, 3, 5])
def test_a_line_shorter_than_its_arrow_does_not_run_backwards(length: float) -> None:
    path, head = drawn(Line(((10, 10), (10, 10 + length)), BLACK, arrow=5))
    start, end = numbers(path.attrib["d"])[1::2]
    assert start <= end <= 10 + length
    assert numbers(head.attrib["points"])[:2] == [10, 10 + length]


def test_corners_are_round_and_no_wider_than_their_sides() -> None:
    (path,) = drawn(Line(((0, 0), (40, 0), (40, 6), (80, 6)), BLACK, radius=8))
    assert path.attrib["d"].count("C") == 2
    # both corners share the side of 6 points: 3 each
    assert path.attrib["d"].startswith("M0 0L37 0C38.66 0 40 1.34 40 3")
    assert numbers(path.attrib["d"])[-2:] == [80, 6]


def test_a_straight_line_has_no_curves() -> None:
    (path,) = drawn(Line(((0, 0), (40, 0), (40, 0), (40, 60)), BLACK))
    assert path.attrib["d"] == "M0 0L40 0L40 60"


def test_a_curve_keeps_its_control_points_and_its_direction() -> None:
    way = ((0.0, 0.0), (0.0, 20.0), (30.0, 20.0), (30.0, 40.0))
    (path,) = drawn(Line(way, BLACK, curved=True))
    assert path.attrib["d"] == "M0 0C0 20 30 20 30 40"
    path, head = drawn(Line(way, BLACK, curved=True, arrow=4))
    assert path.attrib["d"] == "M0 0C0 20 30 17 30 37"
    assert numbers(head.attrib["points"]) == [30, 40, 28.4, 36, 31.6, 36]


@pytest.mark.parametrize("curved", [False, True])
def test_a_line_that_goes_nowhere_is_not_drawn(curved: bool) -> None:
    assert drawn(Line(((5, 5),) * 4, BLACK, curved=curved, arrow=4)) == []


def test_what_no_painter_may_ask_for_is_refused() -> None:
    for item in (
        Rect(0, 0, 9, 9, fill='red" onload="alert(1)'),
        Rect(0, float("nan"), 9, 9),
        Line(((0, 0), (1, 1)), BLACK, curved=True),
        Group(data={"on load": "x"}),
    ):
        with pytest.raises(ValueError):
            write_svg(Picture(9, 9, [item]))


def test_dashes_and_widths() -> None:
    rect, polygon = parsed(
        Picture(
            9,
            9,
            [
                Rect(0, 0, 4, 4, radius=3, stroke=Stroke("#111111", 0.5, (1.5, 2))),
                Polygon(((0, 0), (4, 0), (4, 4)), fill="#222222"),
            ],
            background=None,
        )
    )
    assert rect.get("stroke-dasharray") == "1.5 2"
    assert rect.get("stroke-width") == "0.5"
    assert rect.get("rx") == "2", "no more than half a side"
    assert polygon.get("points") == "0,0 4,0 4,4"
    assert polygon.get("stroke") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str) -> None:
    made = write_svg(saying(text))
    root = ElementTree.fromstring(made.encode())
    plain = parsed(saying("plain"))
    tags = [element.tag for element in root.iter()]
    allowed = {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "g", "text")}
    assert set(tags) <= allowed
    assert len(tags) <= len(list(plain.iter()))
    attributes = {name for element in root.iter() for name in element.attrib}
    assert attributes <= {
        *(name for element in plain.iter() for name in element.attrib),
        "{http://www.w3.org/XML/1998/namespace}space",
    }


@given(st.text())
def test_any_text_comes_back_from_a_parser(text: str) -> None:
    root = parsed(saying(text))
    for words in root.iter(f"{SVG}text"):
        assert (words.text or "") == visible(text)
        space = words.get("{http://www.w3.org/XML/1998/namespace}space")
        kept = visible(text) if space == "preserve" else " ".join(visible(text).split(" ")).strip()
        assert kept == visible(text), "spaces that a viewer would drop are marked"
    group = root.find(f"{SVG}g")
    assert group is not None
    assert group.get("data-path") == visible(text)
    tooltip = group.find(f"{SVG}title")
    assert ("" if tooltip is None else tooltip.text) == "\n".join(map(visible, text.split("\n")))


def test_it_asks_for_nothing_from_outside() -> None:
    made = write_svg(block()).replace('xmlns="http://www.w3.org/2000/svg"', "")
    for word in ("http", "href", "url(", "script", "style", "@import"):
        assert word not in made


def test_text_is_anchored_where_the_picture_says() -> None:
    texts = [Text(1, 2, "a", 8, "#000000", anchor=where) for where in ("start", "middle", "end")]
    root = parsed(Picture(9, 9, list(texts)))
    assert root.get("text-anchor") == "middle"
    anchors = [text.get("text-anchor") for text in root.iter(f"{SVG}text")]
    assert anchors == ["start", None, "end"]
