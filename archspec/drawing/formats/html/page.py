"""Writing the page: the scene as data, the style and the script in one file.

Nothing in the file leads out of it, and its content security policy allows no request: the script runs
by its hash alone. Names from a spec stand in the data, where they cannot end the element, and the
script brings them into the page as text.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import archspec
from archspec.drawing.scene.model import Box, Frame, Scene
from archspec.ops import Shape

_SCRIPTS = ("model", "structure", "layout", "view", "camera", "card", "app")
"""The parts of the script, in order; they share one scope."""

_IN_ELEMENT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def write_html(scene: Scene, *, open: Collection[str] = ()) -> str:
    """A scene as a page. The scene's frames are open down to the ops.

    open: the ids of the frames that are open at first, and again at the page's level of blocks.
    """
    script = _script()
    digest = b64encode(sha256(script.encode()).digest()).decode()
    parts = {
        "hash": f"sha256-{digest}",
        "version": html.escape(archspec.__version__),
        "title": html.escape(scene.name),
        "style": _read("app.css"),
        "data": _json(_Data(scene, open).content()),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("page.html"))


@cache
def _script() -> str:
    parts = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


@cache
def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _json(content: Any) -> str:
    """Data as JSON that no HTML element ends in."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is no text that a file could hold.
    text = text.encode("utf-8", "replace").decode()
    return text.translate(_IN_ELEMENT)


class _Data:
    """What the script reads: the tree of items, the edges by the boxes' numbers, the shapes once."""

    def __init__(self, scene: Scene, open: Collection[str]):
        self.scene = scene
        self.opened = frozenset(open)
        self.open: list[int] = []
        self.shapes: dict[str, int] = {}
        self.count = 0  # of items so far
        self.numbers: dict[str, int] = {}  # of boxes by id

    def content(self) -> Mapping[str, Any]:
        scene = self.scene
        root = self._frame(scene.root)
        edges: list[list[Any]] = []
        for edge in scene.edges:
            ends = [self.numbers[edge.tail], self.numbers[edge.head]]
            edges.append(ends if edge.kind == "flow" else [*ends, edge.kind])
        return {
            "name": scene.name,
            "description": scene.description,
            "params": scene.params,
            "macs": _number(scene.macs),
            "open": self.open,
            "shapes": list(self.shapes),
            "root": root,
            "edges": edges,
        }

    def _frame(self, frame: Frame) -> dict[str, Any]:
        if frame.id in self.opened:
            self.open.append(self.count)
        self.count += 1
        item = self._common(frame)
        item["title"] = frame.title
        item["role"] = frame.role
        item["items"] = [
            self._frame(inner) if isinstance(inner, Frame) else self._box(inner)
            for inner in frame.items
        ]
        return _said(item)

    def _box(self, box: Box) -> dict[str, Any]:
        self.count += 1
        self.numbers[box.id] = len(self.numbers)
        item = self._common(box)
        item["title"] = box.title
        lines = [box.name, *box.lines]
        item["lines"] = [line for line in lines if line and line.lower() != box.title.lower()]
        item["kind"] = "" if box.kind == "op" else box.kind
        item["op"] = box.op
        item["family"] = box.family
        item["around"] = box.shortcut
        item["last"] = box.last
        item["in"] = self._shape(box.in_shape)
        item["out"] = self._shape(box.out_shape)
        return _said(item)

    def _common(self, item: Box | Frame) -> dict[str, Any]:
        return {
            "id": None if item.id == item.path else item.id,
            "path": item.path,
            "count": None if item.count == 1 else item.count,
            "params": item.params,
            "macs": _number(item.macs),
            "place": item.place,
            "train_only": item.train_only,
        }

    def _shape(self, shape: Shape | None) -> int | None:
        if shape is None:
            return None
        text = "×".join(str(size) for size in shape) or "scalar"
        return self.shapes.setdefault(text, len(self.shapes))


def _said(item: dict[str, Any]) -> dict[str, Any]:
    """Without what the script takes for granted; the number 0 of a shape is not nothing."""
    always = ("items", "in", "out")
    return {
        name: value
        for name, value in item.items()
        if value is not None and (name in always or value not in ("", 0, False, []))
    }


def _number(count: Any) -> int | str:
    return count if isinstance(count, int) else str(count)
