"""A scene as JSON, for scripts and other drawing tools.

An object with these fields; a later version may add some, and another `version` may change them:

- `version`: 1
- `name`, `description`, `level`; `params` and `macs` of the whole network
- `items`: boxes and frames in order of flow
- `edges`: objects with `tail` and `head` (ids of boxes), `kind` (`flow`, `identity`, `projection`,
  `dense`), `shape` of the tensor, `slot`, which input of the head it is, and `change`
- `insets`: blocks drawn open beside the network; objects with the fields above but `version`

A box has `type` `box`, `id` (unique in its scene), `path` in the module tree, `title`, `kind`
(`block`, `op`, `join`, `input`, `output`), `op`, `family`, `name` in its frame, `lines` below the title, `in_shape`,
`out_shape`, `params`, `macs`, `count` of the copies that it stands for and `last`, the path of the
last of them, `shortcut` around it (`identity`, `projection` or empty), `train_only`, `place`
(FILE:LINE) and `change` (`added`, `removed`, `changed` or empty).
A frame has `type` `frame`, `id`, `path`, `title`, `role` (`branches`, `skip`, `dense` or empty),
`count`, `train_only`, `params`, `macs`, `place`, `change` and `items`.

Shapes are without the batch, null where there is none. A size that depends on the input, and MACs
that do, are strings such as `"height//2"`.
"""

from __future__ import annotations

import json
from typing import Any

from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.ops import Shape
from archspec.ops.dims import Dim

VERSION = 1


def to_json(scene: Scene) -> str:
    """The JSON text of a scene; the same scene gives the same text."""
    return json.dumps({"version": VERSION, **_scene(scene)}, indent=2, ensure_ascii=True) + "\n"


def _scene(scene: Scene) -> dict[str, Any]:
    return {
        "name": scene.name,
        "description": scene.description,
        "level": scene.level,
        "params": scene.params,
        "macs": _size(scene.macs),
        "items": [_item(item) for item in scene.root.items],
        "edges": [_edge(edge) for edge in scene.edges],
        "insets": [_scene(inset) for inset in scene.insets],
    }


def _item(item: Box | Frame) -> dict[str, Any]:
    if isinstance(item, Frame):
        return {
            "type": "frame",
            "id": item.id,
            "path": item.path,
            "title": item.title,
            "role": item.role,
            "count": item.count,
            "train_only": item.train_only,
            "params": item.params,
            "macs": _size(item.macs),
            "place": item.place,
            "change": item.change,
            "items": [_item(each) for each in item.items],
        }
    return {
        "type": "box",
        "id": item.id,
        "path": item.path,
        "title": item.title,
        "kind": item.kind,
        "op": item.op,
        "family": item.family,
        "name": item.name,
        "lines": list(item.lines),
        "in_shape": _shape(item.in_shape),
        "out_shape": _shape(item.out_shape),
        "params": item.params,
        "macs": _size(item.macs),
        "count": item.count,
        "last": item.last,
        "shortcut": item.shortcut,
        "train_only": item.train_only,
        "place": item.place,
        "change": item.change,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "tail": edge.tail,
        "head": edge.head,
        "kind": edge.kind,
        "shape": _shape(edge.shape),
        "slot": edge.slot,
        "change": edge.change,
    }


def _shape(shape: Shape | None) -> list[int | str] | None:
    return None if shape is None else [_size(size) for size in shape]


def _size(size: int | Dim) -> int | str:
    return str(size) if isinstance(size, Dim) else size
