"""Scenes and pages that the tests of the interactive page share."""

from __future__ import annotations

from pathlib import Path

import archspec
from archspec.drawing.scene.build import build_scene
from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.drawing.scene.view import Opening, View

NASTY = (
    "</script><img src=x onerror=\"window.hacked='tag'\">",
    "<!--<script>window.hacked='comment'</script>",
    "\"'><svg onload=\"window.hacked='attribute'\">",
    "javascript:window.hacked='link'",
    "&lt;b&gt; {{script}} ${window.hacked=1} `\\u0022\\",
    "\u2028window.hacked='line'\u2029",
)


def network(name: str) -> tuple[Scene, list[str]]:
    """A network open down to its ops, and the frames that the level of blocks opens."""
    architecture = archspec.load(name)
    scene = build_scene(architecture.ir, architecture.root, View("op", fold=False, join=False))
    opening = Opening(View("block", join=False), architecture.ir, architecture.root)
    frames = [f.id for f in scene.root.frames() if opening.is_open(opening.paths[f.path])]
    return scene, frames


def page(name: str) -> str:
    """The page of a shipped network, as a user gets it."""
    return archspec.load(name).render(format="html").decode()


def written(folder: Path, text: str) -> str:
    """The address of a page on the disk."""
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def nasty_scene(text: str) -> Scene:
    """A scene in which everything that has a name is called the same."""

    def box(number: int) -> Box:
        return Box(
            f"{text}{number}", f"{text}.{number}", text, "op", text, text, text, (text,),
            (3, 8, 8), (3, 8, 8), last=text, place=text,
        )  # fmt: skip

    inner = Frame(f"{text}f", f"{text}.f", text, [box(1), box(2)], place=text)
    root = Frame("", "", text, [box(0), inner, box(3)])
    ids = [b.id for b in root.boxes()]
    edges = [Edge(tail, head) for tail, head in zip(ids, ids[1:])]
    return Scene(text, root, edges, description=text, params=1, macs=1)
