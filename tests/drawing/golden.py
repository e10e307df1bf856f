"""What a small scene is in every text format; `python -m tests.drawing.golden` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path

from archspec.drawing.formats.dot import to_dot
from archspec.drawing.formats.json import to_json
from archspec.drawing.formats.mermaid import to_mermaid
from archspec.drawing.layout.graphviz import place
from archspec.drawing.layout.sizes import Written

from .handmade import residual

GOLDEN = Path(__file__).parent / "golden"


def made(name: str) -> str:
    """The text of a golden file as it is made now."""
    scene = residual()
    if name == "residual.dot":
        return to_dot(scene)
    if name == "residual.mmd":
        return to_mermaid(scene)
    if name == "residual.json":
        return to_json(scene)
    placed = place(scene, Written(), "graphviz-pure")
    lines = [f"page {placed.width:.1f} {placed.height:.1f}", f"by {placed.provider}"]
    for kind, places in (("box", placed.boxes), ("frame", placed.frames)):
        for key, at in places.items():
            lines.append(f"{kind} {key} {at.x:.1f} {at.y:.1f} {at.width:.1f} {at.height:.1f}")
    for route in placed.routes:
        points = json.dumps([[round(x, 1), round(y, 1)] for x, y in route.points])
        lines.append(f"edge {route.edge.tail} {route.edge.head} {points}")
    return "\n".join(lines) + "\n"


NAMES = ("residual.dot", "residual.mmd", "residual.json", "residual.placed")

if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in NAMES:
        (GOLDEN / each).write_text(made(each), encoding="utf-8", newline="\n")
