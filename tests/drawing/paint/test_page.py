"""The page of a network: what a reader must be able to read."""

from __future__ import annotations

import pytest

import archspec
from archspec.drawing.layout.sizes import Written
from archspec.drawing.layout.spine import place
from archspec.drawing.lettering import ASCENT, text_width
from archspec.drawing.paint.page import page
from archspec.drawing.paint.themes import THEMES, theme
from archspec.drawing.picture import Group, Picture, Polygon, Rect, Text
from archspec.drawing.scene.insets import insets

from ..scenes import ZOO, scene

Box = tuple[float, float, float, float]


def drawn(name: str, colors: str = "light", *, level: str = "block") -> Picture:
    architecture = archspec.load(name)
    shown = scene(architecture, level=level)
    if level == "block":
        shown.insets = insets(shown, architecture.ir, architecture.root)
    written = Written(params=True, macs=True)
    return page(shown, lambda part: place(part, written), written, theme(colors))


def extent(text: Text) -> Box:
    """Left, top, right and bottom of a text."""
    width = text_width(text.text, text.size, bold=text.bold)
    left = {"start": text.x, "middle": text.x - width / 2, "end": text.x - width}[text.anchor]
    return left, text.y - text.size * ASCENT, left + width, text.y


def meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("level", ["stage", "block"])
def test_no_text_lies_on_another_or_outside(name: str, level: str) -> None:
    picture = drawn(name, level=level)
    texts = [item for item in picture.walk() if isinstance(item, Text)]
    extents = [extent(text) for text in texts]
    for number, (left, top, right, bottom) in enumerate(extents):
        assert left >= 0 and top >= 0 and right <= picture.width and bottom <= picture.height
        for other, theirs in enumerate(extents[:number]):
            assert not meet(extents[number], theirs), (texts[number].text, texts[other].text)


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "densenet121", "vit_b_16", "swin_t"])
def test_what_a_box_says_is_within_its_outline(name: str) -> None:
    groups = [item for item in drawn(name).items if isinstance(item, Group)]
    boxes = [g for g in groups if g.role in ("box op", "box block")]
    assert boxes
    for group in boxes:
        outline = [item for item in group.items if isinstance(item, Rect | Polygon)]
        lefts, rights = [], []
        for item in outline:
            if isinstance(item, Rect):
                lefts.append(item.x)
                rights.append(item.x + item.width)
            else:
                lefts += [x for x, _y in item.points]
                rights += [x for x, _y in item.points]
        for text in group.items:
            if isinstance(text, Text):
                left, _top, right, _bottom = extent(text)
                assert min(lefts) <= left and right <= max(rights) + 0.1


def test_the_title_has_the_totals_and_the_legend_what_is_there() -> None:
    texts = [item.text for item in drawn("resnet50").walk() if isinstance(item, Text)]
    assert texts.count("resnet50") == 1
    assert "25.6M parameters · 4.09G MACs" in texts
    assert {"block", "convolution", "pooling", "linear", "projection shortcut"} <= set(texts)
    assert "attention" not in texts


@pytest.mark.parametrize("name", THEMES)
def test_letters_stand_out_from_what_is_behind_them(name: str) -> None:
    """The contrast of WCAG 2 is at least 4.5 for every fill of a theme."""
    colors = theme(name)
    for fill in (*colors.families.values(), colors.other, colors.background, colors.frame):
        assert contrast(colors.ink, fill) >= 4.5
    assert contrast(colors.badge_ink, colors.badge) >= 4.5
    assert contrast(colors.faint, colors.background) >= 4.5


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_families_are_told_apart_without_colour() -> None:
    """Outlines differ where colours are not seen; blocks and convolutions by their corners."""
    from archspec.drawing.layout.placed import Place
    from archspec.drawing.paint.shapes import outline
    from archspec.drawing.picture import Stroke

    families = ("block", "convolution", "linear", "pooling", "normalization", "activation",
                "regularization", "attention")  # fmt: skip
    made = [
        repr(outline("op", family, Place(0, 0, 60, 24), "#ffffff", Stroke("#000000")))
        for family in families
    ]
    assert len(set(made)) == len(families)
