"""JSON: everything in a scene, as written down."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from archspec.drawing.formats import json as format_json
from archspec.drawing.formats.json import to_json
from archspec.drawing.scene.model import Box, Edge, Frame, Scene

from ..handmade import HOSTILE, residual, said


def fields(cls: type) -> set[str]:
    return {field.name for field in dataclasses.fields(cls)}


def test_every_field_of_a_scene_is_there_and_written_down() -> None:
    found = json.loads(to_json(residual()))
    assert found["version"] == 1
    assert found.keys() == fields(Scene) - {"root"} | {"version", "items"}
    by_type: dict[str, set[str]] = {}

    def walk(items: list[Any]) -> None:
        for item in items:
            by_type[item["type"]] = set(item)
            walk(item.get("items", []))

    walk(found["items"])
    assert by_type == {"box": fields(Box) | {"type"}, "frame": fields(Frame) | {"type"}}
    assert set(found["edges"][0]) == fields(Edge)
    said_of = format_json.__doc__ or ""
    for name in (*found, *by_type["box"], *by_type["frame"], *found["edges"][0]):
        assert f"`{name}`" in said_of


def test_what_is_read_back_is_what_was_there() -> None:
    scene = residual()
    found = json.loads(to_json(scene))
    assert [(e["tail"], e["head"], e["kind"], e["slot"]) for e in found["edges"]] == [
        (e.tail, e.head, e.kind, e.slot) for e in scene.edges
    ]
    assert found["macs"] == "height" and found["edges"][0]["shape"] == [3, 8, 8]
    assert found["edges"][5]["shape"] is None
    assert found["items"][1]["items"][2]["items"][0]["id"] == "d"
    assert found["insets"][0]["edges"] == [
        {"tail": "i", "head": "j", "kind": "flow", "shape": None, "slot": 0, "change": ""}
    ]


def test_any_text_is_read_back() -> None:
    text = to_json(said(HOSTILE))
    assert text.isascii()
    assert [frame["items"][0]["title"] for frame in json.loads(text)["items"]] == HOSTILE
