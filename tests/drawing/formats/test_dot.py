"""DOT: every edge once, and texts from a spec stay texts."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.drawing.formats.dot import to_dot
from archspec.drawing.layout.providers import find_provider, lay_out
from archspec.drawing.layout.sizes import clipped
from archspec.drawing.scene.build import build_scene
from archspec.drawing.scene.model import Scene
from archspec.drawing.scene.view import View

from ..handmade import HOSTILE, residual, said

PROVIDERS = ["graphviz-pure", *(["dot"] if shutil.which("dot") else [])]
SVG = "{http://www.w3.org/2000/svg}"


def read(scene: Scene) -> Any:
    """A scene's DOT as graphviz reads it."""
    return json.loads(lay_out(to_dot(scene), find_provider("graphviz-pure")))


def drawn(scene: Scene, provider: str = "graphviz-pure") -> dict[str, list[str]]:
    """The lines of text that graphviz draws in each node and cluster, by their names."""
    done = subprocess.run(
        [*find_provider(provider).command, "-Tsvg"],
        input=to_dot(scene).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    return {
        group.findtext(f"{SVG}title", ""): [
            (text.text or "").replace("\xa0", " ") for text in group.iter(f"{SVG}text")
        ]
        for group in ElementTree.fromstring(done.stdout).iter(f"{SVG}g")
        if group.get("class") in ("node", "cluster")
    }


def check_said(texts: list[str], provider: str) -> None:
    found = drawn(said(texts), provider)
    assert len(found) == 2 * len(texts)
    for number, text in enumerate(texts):
        shown = [clipped(text)] * bool(text)
        assert found[f"n{number}"] == shown * 2
        assert found[f"cluster_{number}"] == shown


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_hostile_text_stays_a_text(provider: str) -> None:
    check_said(HOSTILE, provider)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=8))
def test_graphviz_draws_the_texts_that_were_given(texts: list[str]) -> None:
    check_said(texts, "graphviz-pure")


@pytest.mark.parametrize(("name", "level"), [("googlenet", "op"), ("resnet50", "block")])
def test_every_edge_is_written_once(name: str, level: Any) -> None:
    network = archspec.load(name)
    scene = build_scene(network.ir, network.root, View(level=level))
    found = read(scene)
    insets = scene.insets
    expected = len(scene.edges) + sum(len(inset.edges) for inset in insets)
    assert len(found["edges"]) == expected
    number = {box: place for place, box in enumerate(scene.boxes())}
    names = [item.get("name") for item in found["objects"]]
    ends = [(names[edge["tail"]], names[edge["head"]]) for edge in found["edges"]]
    wanted = [(f"n{number[edge.tail]}", f"n{number[edge.head]}") for edge in scene.edges]
    if not insets:
        assert sorted(ends) == sorted(wanted)
    assert all(ends.count(pair) >= wanted.count(pair) for pair in wanted)


def test_edges_counts_and_training_are_told_apart() -> None:
    found = read(residual())
    edges = {edge.get("tooltip", "") + edge.get("style", ""): edge for edge in found["edges"]}
    assert {edge.get("style") for edge in found["edges"]} == {None, "dashed", "dotted"}
    assert edges["64×8×8dashed"]["color"] == "#d55e00"
    texts = drawn(residual())
    lines = [line for shown in texts.values() for line in shown]
    assert "[bottleneck, 64] × 2" in lines and "layer1 × 3" in lines and "head.0–1" in lines
    styles = {texts[item["name"]][0]: item.get("style") for item in found["objects"]}
    assert styles["linear, 10"] == "filled,dashed"
