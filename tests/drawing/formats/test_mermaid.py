"""Mermaid: what its own parser reads is what was in the scene."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.diagnostics import RenderError
from archspec.drawing.formats.mermaid import MOST_CHARACTERS, to_mermaid
from archspec.drawing.layout.sizes import clipped
from archspec.drawing.scene.build import build_scene
from archspec.drawing.scene.model import Edge, Scene
from archspec.drawing.scene.view import View

from ..handmade import HOSTILE, chain, residual, said

NODE = shutil.which("node")


def parsed(texts: Mapping[str, str]) -> Any:
    """What Mermaid makes of each text."""
    if NODE is None:
        pytest.skip("no `node` on the PATH")
    done = subprocess.run(
        [NODE, Path(__file__).with_name("parse.mjs")],
        input=json.dumps(texts),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    if done.returncode == 3:
        pytest.skip("no packages `mermaid` and `jsdom`: npm install them, and set NODE_PATH")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def built(name: str, level: Any) -> Scene:
    network = archspec.load(name)
    return build_scene(network.ir, network.root, View(level=level))


def check_said(texts: list[str], found: Any) -> None:
    """Each text is in a box twice, as its title and below, and is a frame's title."""
    assert "error" not in found, found
    nodes, frames = dict(found["nodes"]), dict(found["frames"])
    assert len(nodes) == len(frames) == len(texts)
    for number, text in enumerate(texts):
        shown = clipped(text)
        lines = nodes[f"n{number}"].replace("\u200b", "")
        title = frames[f"f{number}"].replace("\u200b", "")
        assert lines.strip() == "\n".join([shown] * 2).strip()
        assert title.strip() == shown.strip()


@pytest.mark.slow
def test_mermaid_reads_networks_as_they_are() -> None:
    levels = [("resnet18", "op"), ("googlenet", "op"), ("resnet152", "block"), ("vgg16", "stage")]
    scenes = {f"{name} {level}": built(name, level) for name, level in levels}
    scenes["residual"] = residual()
    found = parsed({name: to_mermaid(scene) for name, scene in scenes.items()})
    for name, scene in scenes.items():
        assert "error" not in found[name], found[name]
        whole = [scene, *scene.insets]
        numbers = iter(range(10_000))
        wanted = []
        for each in whole:
            known = {box: f"n{next(numbers)}" for box in each.boxes()}
            for edge in each.edges:
                stroke = "dotted" if edge.kind == "projection" else "normal"
                color = {"flow": [], "dense": ["stroke:#0072b2"]}.get(edge.kind, ["stroke:#d55e00"])
                wanted.append([known[edge.tail], known[edge.head], stroke, color])
        assert [
            [*ends, [s for s in style if "stroke" in s]] for *ends, style in found[name]["edges"]
        ] == wanted
        assert len(found[name]["nodes"]) == sum(len(each.boxes()) for each in whole)


@pytest.mark.slow
def test_a_hostile_text_stays_a_text() -> None:
    check_said(HOSTILE, parsed({"hostile": to_mermaid(said(HOSTILE))})["hostile"])


@pytest.mark.slow
@settings(max_examples=3, deadline=None)
@given(st.lists(st.text(max_size=70), min_size=60, max_size=60))
def test_mermaid_reads_the_texts_that_were_given(texts: list[str]) -> None:
    check_said(texts, parsed({"random": to_mermaid(said(texts))})["random"])


@given(st.text(max_size=70))
def test_a_text_leaves_nothing_to_read_as_mermaid_or_html(text: str) -> None:
    label = next(line for line in to_mermaid(said([text])).splitlines() if " n0[" in line)
    inner = label.split('"', 1)[1].rsplit('"', 1)[0].replace("<br/>", "")
    assert not set(inner) & set('"`<>[]{}|&$@!?*~^%\\\n')


def test_what_mermaid_would_refuse_is_refused_with_a_way_out() -> None:
    edges = chain(400, every=4)
    assert len(edges.edges) == 498
    edges.edges += [Edge("b0", "b9"), Edge("b0", "b10")]
    assert to_mermaid(edges).count("-->") == 500
    edges.edges.append(Edge("b0", "b11"))
    with pytest.raises(RenderError, match="500 edges .* this has 501 edges; take a coarser level"):
        to_mermaid(edges)
    long = said(["x" * 60] * 400)
    with pytest.raises(RenderError, match=r"50,000 characters, this has \d\d,\d{3} characters"):
        to_mermaid(long)
    assert len(to_mermaid(said(["x" * 60] * 200))) <= MOST_CHARACTERS
