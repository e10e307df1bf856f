"""PDF: what a reader of it finds."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.drawing.formats import write_pdf
from archspec.drawing.formats.pdf import LARGEST
from archspec.drawing.picture import Line, Picture, Rect, Stroke, Text

from .pictures import HOSTILE, block, saying


def opened(picture: Picture) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(write_pdf(picture)), strict=True)


def operators(picture: Picture) -> list[tuple[list[Any], str]]:
    """The page's drawing operators and what they take."""
    content = opened(picture).pages[0].get_contents()
    assert content is not None
    return [
        ([float(v) for v in values if not isinstance(v, list | bytes | str)], name.decode())
        for values, name in content.operations
    ]


def test_the_page_is_exactly_the_picture() -> None:
    reader = opened(Picture(252, 100.25, []))
    assert len(reader.pages) == 1
    assert [float(side) for side in reader.pages[0].mediabox] == [0, 0, 252, 100.25]


def test_its_text_can_be_selected() -> None:
    text = opened(block()).pages[0].extract_text()
    for words in ("layer2.0 × 4", "conv1", "3×3 conv, 128, /2", "64×56×56"):
        assert words in text


def test_its_fonts_are_embedded_as_subsets() -> None:
    fonts = opened(block()).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    found = {}
    for font in (font.get_object() for font in fonts):
        descriptor = font["/FontDescriptor"]
        assert descriptor["/FontFile2"].get_data()[:4] == b"\x00\x01\x00\x00"
        found[re.sub("^/[A-Z]{6}[+]", "", font["/BaseFont"])] = len(
            descriptor["/FontFile2"].get_data()
        )
    assert found.keys() == {"ArchspecSans-Regular", "ArchspecSans-Bold"}
    assert all(size < 27_000 for size in found.values()), "the whole font has 27 kB"


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="pdffonts is not on the PATH")
def test_pdffonts_sees_them_embedded_too(tmp_path: Path) -> None:
    file = tmp_path / "block.pdf"
    file.write_bytes(write_pdf(block()))
    done = subprocess.run(["pdffonts", file], capture_output=True, text=True, timeout=60)
    fonts = [line.split() for line in done.stdout.splitlines()[2:]]
    assert done.stderr == ""
    assert [font[0].split("+")[1] for font in fonts] == [
        "ArchspecSans-Regular",
        "ArchspecSans-Bold",
    ]
    assert all(font[3:6] == ["yes", "yes", "yes"] for font in fonts)  # embedded, subset, Unicode


def test_its_metadata_say_what_it_is_and_no_time() -> None:
    metadata = opened(block()).metadata
    assert metadata is not None
    assert metadata.title == "BasicBlock"
    assert metadata.author == "archspec"
    assert metadata["/Keywords"] == "archspec; layout: archspec"
    assert metadata["/CreationDate"] == metadata["/ModDate"]
    assert str(metadata["/CreationDate"]).startswith("D:20000101")


def test_lines_are_vectors_that_grow_downwards() -> None:
    line = Line(((10, 10), (40, 10), (40, 60)), Stroke("#d55e00", 1.5, (3, 2)), radius=5, arrow=5)
    done = operators(Picture(100, 100, [line], background=None))
    assert ([10, 90], "m") in done
    assert ([35, 90], "l") in done
    assert [name for _, name in done].count("c") == 1
    assert ([40, 40], "m") in done, "the tip of the arrow"
    assert ([1.5], "w") in done
    assert any(name == "d" for _, name in done)


def test_a_curve_is_a_bezier_curve() -> None:
    line = Line(((0, 0), (0, 20), (30, 20), (30, 40)), Stroke("#000000"), curved=True)
    assert ([0, 80, 30, 80, 30, 60], "c") in operators(Picture(100, 100, [line]))


def test_colours_and_corners_of_a_rectangle() -> None:
    done = operators(
        Picture(100, 100, [Rect(10, 20, 30, 40, radius=4, fill="#336699")], background=None)
    )
    assert ([0.2, 0.4, 0.6], "rg") in done
    assert [name for _, name in done].count("c") == 4


def test_a_page_larger_than_readers_show_is_scaled_down() -> None:
    picture = Picture(300, 2 * LARGEST, [Rect(0, 0, 300, 2 * LARGEST, fill="#336699")])
    assert [float(side) for side in opened(picture).pages[0].mediabox] == [0, 0, 150, LARGEST]
    assert ([0.5, 0, 0, 0.5, 0, 0], "cm") in operators(picture)


@pytest.mark.parametrize("anchor", ["start", "middle", "end"])
def test_text_is_anchored(anchor: str) -> None:
    at: dict[str, float] = {}

    def note(text: str, _cm: Any, matrix: list[float], _font: Any, _size: Any) -> None:
        if text.strip():
            at[text.strip()] = matrix[4]

    page = opened(Picture(100, 50, [Text(50, 20, "mm", 10, "#000000", anchor=anchor)])).pages[0]
    page.extract_text(visitor_text=note)
    width = 2 * 8.33  # of an m in Helvetica
    assert at["mm"] == pytest.approx(
        50 - {"start": 0, "middle": 0.5, "end": 1}[anchor] * width, abs=0.02
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_written(text: str) -> None:
    reader = opened(saying(text))
    assert len(reader.pages) == 1
    assert reader.trailer["/Root"].keys() <= {"/Type", "/Pages", "/PageMode", "/Outlines"}  # type: ignore[union-attr]


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    opened(saying(text))


def test_the_bytes_are_the_same_every_time() -> None:
    assert write_pdf(block()) == write_pdf(block())
