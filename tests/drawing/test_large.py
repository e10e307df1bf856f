"""Networks that are too large for graphviz."""

from __future__ import annotations

import pytest

import archspec
from archspec.drawing import RenderWarning

LONG = (
    "archspec: 1\nname: long\ninput: [4, 8, 8]\nstages:\n"
    "  body: {repeat: 800, body: [{conv: 4, kernel: 1}, relu]}\n"
)


def test_many_boxes_are_laid_out_by_archspec_and_that_is_said() -> None:
    architecture = archspec.load_str(LONG)
    with pytest.warns(RenderWarning, match="graphviz takes long for 1,602 boxes"):
        svg = architecture.render(level="op")
    assert svg.count(b'class="edge"') == architecture.graph.number_of_edges()
    assert b"layout: archspec" in svg
