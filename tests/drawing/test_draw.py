"""From a spec to the bytes of a picture."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from IPython.core.formatters import DisplayFormatter

import archspec
from archspec.diagnostics import RenderError
from archspec.drawing import RenderWarning

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"

RESIDUAL = """archspec: 1
name: residual
input: [3, 16, 16]
blocks:
  unit:
    params: {width: int, stride: 1}
    skip:
      body:
        conv1: {conv: $width, kernel: 3, padding: 1, stride: $stride}
        relu: relu
        conv2: {conv: $width, kernel: 3, padding: 1}
      shortcut: {proj: {conv: $out_channels, kernel: 1, stride: $stride}}
stages:
  stem: {conv: 8, kernel: 3, padding: 1}
  body: {repeat: 4, body: {unit: 16, stride: $(2 if i == 0 else 1)}}
  pool: global_avg_pool
  flat: flatten
  fc: {linear: 10}
"""


def edges(svg: bytes) -> Counter[tuple[str, str, str]]:
    """The edges of an SVG: tail, head and operand."""
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return Counter(
        (g.get("data-tail", ""), g.get("data-head", ""), g.get("data-slot", ""))
        for g in groups
        if g.get("class") == "edge"
    )


@pytest.mark.parametrize("layout", ["graphviz", "spine"])
@pytest.mark.parametrize("name", ["resnet18", "googlenet", "mobilenet_v3_small", "vit_b_16"])
def test_the_op_level_draws_every_edge_of_the_graph_once(name: str, layout: str) -> None:
    architecture = archspec.load(name)
    drawn = edges(architecture.render(level="op", layout=layout))
    wanted = Counter(
        (tail if tail not in architecture.inputs else f"input:{tail}", head, str(slot))
        for tail, head, slot in architecture.graph.edges(keys=True)
    )
    assert drawn == wanted


def test_folded_copies_are_counted_in_the_picture() -> None:
    svg = archspec.load("resnet152").render(insets=False).decode()
    assert re.findall(r">×(\d+)<", svg) == ["2", "7", "35", "2"]


def test_costs_are_those_of_the_summary() -> None:
    architecture = archspec.load_str(RESIDUAL)
    svg = architecture.render(level="stage", params=True, macs=True).decode()
    assert "4 x unit" in svg
    row = next(line for line in str(architecture.summary(1)).splitlines() if line[:4] == "body")
    params, macs = (int(number.replace(",", "")) for number in row.split()[-3:-1])
    said = re.search(r">([\d.]+)k params, ([\d.]+)M MACs<", svg[svg.index("4 x unit") :])
    assert said is not None
    assert float(said[1]) == pytest.approx(params / 1e3, rel=0.01)
    assert float(said[2]) == pytest.approx(macs / 1e6, rel=0.01)


@pytest.mark.parametrize("level", ["stage", "block"])
def test_small_networks_look_as_they_did(level: str) -> None:
    """`python -m tests.drawing.test_draw` accepts how they look now."""
    made = archspec.load_str(RESIDUAL).render(level=level)
    assert made.decode() == (GOLDEN / f"residual-{level}.svg").read_text(encoding="utf-8")


ALL = """
import hashlib, sys, archspec
a, b = archspec.load("googlenet"), archspec.load("densenet121")
for options in (
    {}, {"level": "stage", "theme": "dark"}, {"level": "op"}, {"format": "html"}, {"format": "json"},
    {"format": "dot"}, {"format": "tex"}, {"format": "pdf"}, {"format": "png", "dpi": 40},
    {"format": "md", "style": "table"}, {"style": "volume"},
):
    print(options, hashlib.sha256(a.render(**options)).hexdigest())
print(hashlib.sha256(archspec.render([a, b])).hexdigest())
print(hashlib.sha256(archspec.render([a, b], diff=True)).hexdigest())
"""


def test_the_same_spec_gives_the_same_bytes() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", ALL],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(told[0].splitlines()) == 13


def test_too_many_skips_for_graphviz_are_drawn_all_the_same() -> None:
    architecture = archspec.load("densenet121")
    with pytest.warns(RenderWarning, match="archspec's own layout: .* 300 is the most"):
        svg = architecture.render(level="op")
    assert sum(edges(svg).values()) == architecture.graph.number_of_edges()


def test_the_layout_is_written_down() -> None:
    architecture = archspec.load_str(RESIDUAL)
    assert b"layout: archspec" in architecture.render()
    assert b"layout: graphviz-pure 0.2.2 (graphviz " in architecture.render(level="op")


def test_a_notebook_shows_the_picture() -> None:
    architecture = archspec.load_str(RESIDUAL)
    data, _metadata = DisplayFormatter().format(architecture)
    assert data["image/svg+xml"] == architecture.render().decode()
    assert data["text/plain"] == repr(architecture)


def test_a_picture_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    architecture = archspec.load_str(RESIDUAL)
    architecture.render(tmp_path / "net.pdf", width="column")
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(RenderError):
        architecture.render(tmp_path / "small.svg", width=0.5)
    assert not (tmp_path / "small.svg").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"them": "dark"}, "no option of a picture is called `them`: did you mean `theme`"),
        ({"theme": "drak"}, "no theme is called `drak`: did you mean `dark`"),
        ({"layout": "spin"}, "no layout is called `spin`: did you mean `spine`"),
        ({"style": "volumes"}, "no style is called `volumes`: did you mean `volume`"),
        ({"format": "jpeg"}, "no format is called `jpeg`"),
        ({"format": "md"}, "add the style `table`"),
        ({"format": "dot", "style": "volume"}, "this picture is written as svg, png, pdf"),
        ({"format": "svg", "style": "table"}, "a table is written as tex or md, not as svg"),
        ({"diff": True}, "a comparison takes two networks"),
        ({"width": "colum"}, "a width is column, page or inches"),
        ({"provider": "neato"}, "neato"),
        ({"format": "png", "dpi": math.nan}, "from 10 to 1200, not nan"),
        ({"format": "png", "dpi": 0}, "from 10 to 1200, not 0"),
        ({"width": "column", "least": math.inf}, "1 point or more, not inf"),
    ],
)
def test_what_is_asked_for_wrongly_is_told(options: dict[str, object], said: str) -> None:
    with pytest.raises(RenderError, match=re.escape(said)), warnings.catch_warnings():
        archspec.load_str(RESIDUAL).render(**options)  # type: ignore[arg-type]


if __name__ == "__main__":
    for shown in ("stage", "block"):
        archspec.load_str(RESIDUAL).render(GOLDEN / f"residual-{shown}.svg", level=shown)
