"""DOT: texts from a spec stay texts, and the same spec gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import archspec
from archspec.backends.graphviz.dot import to_dot
from archspec.backends.graphviz.scene import Box, Edge, Scene

HOSTILE = [
    "<b>bold</b>",
    "<<img src='/etc/passwd'/>>",
    '"]; n9 [label="x"]; //',
    "ends with a backslash\\",
    r"\N \G \l \n",
    "two\nlines",
    "a\x00b\x1b[31m\u202e",
    "&amp; ]]> -->",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text(text: str) -> None:
    box = Box(text, text, [text, text], "linear", (), (text,))
    scene = Scene(text, [box, Box("b", "b", [], "linear", ())], [Edge(0, 1, True)])
    plain = to_dot(scene)
    assert "=<" not in plain and "digraph <" not in plain
    picture = archspec_layout(plain)
    assert picture.count(b'class="node"') == 2
    assert picture.count(b'class="cluster"') == 1
    assert b"<image" not in picture and b"<b>" not in picture


def archspec_layout(dot: str) -> bytes:
    from archspec.backends.graphviz.providers import layout

    return layout(dot, "svg")


def test_colours_and_dashes_say_the_family_and_training_alone() -> None:
    boxes = [
        Box("a", "a", [], "convolution", ()),
        Box("b", "b", [], "no such family", (), train_only=True),
    ]
    plain = to_dot(Scene("net", boxes, [Edge(0, 1, skip=True)]))
    assert "#9ed0f0" in plain and "dashed" in plain and 'n0 -> n1 [color="#d55e00"' in plain


def test_a_scope_is_one_cluster_wherever_its_boxes_run() -> None:
    boxes = [Box(n, n, [], "linear", (), ("s",) if n != "b" else ()) for n in "abc"]
    assert to_dot(Scene("net", boxes, [])).count("subgraph") == 1


@pytest.mark.parametrize("form", ["dot", "svg"])
def test_the_same_spec_gives_the_same_bytes(form: str) -> None:
    code = (
        "import sys, archspec\n"
        f"sys.stdout.buffer.write(archspec.load('resnet18').render(level='op', format={form!r}))"
    )
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pictures) == 1


def test_a_wrong_format_or_level_says_which_there_are() -> None:
    network = archspec.load("resnet18")
    with pytest.raises(archspec.RenderError, match="did you mean `svg`"):
        network.render(format="svgz")
    with pytest.raises(archspec.RenderError, match="did you mean `block`"):
        network.render(level="blocks")
