"""Our own layout, held to what a reader expects on every network of the zoo."""

from __future__ import annotations

from collections import Counter

import pytest

import archspec
from archspec.drawing.layout.placed import Placed
from archspec.drawing.layout.sizes import NOTE, Written, edge_label
from archspec.drawing.layout.spine import place
from archspec.drawing.layout.structure import Opened, Parallel, structure
from archspec.drawing.lettering import text_width
from archspec.drawing.scene.insets import insets
from archspec.drawing.scene.model import Box, Scene

from ..geometry import faults
from ..scenes import ZOO, scene

WRITTEN = Written()


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("level", ["stage", "block"])
def test_nothing_overlaps_and_every_edge_is_drawn_once(name: str, level: str) -> None:
    architecture = archspec.load(name)
    whole = scene(architecture, level=level)
    for shown in [whole, *insets(whole, architecture.ir, architecture.root)]:
        placed = place(shown, WRITTEN)
        assert list(faults(shown, placed)) == []
        drawn = Counter((route.edge.tail, route.edge.head) for route in placed.routes)
        assert drawn == Counter((edge.tail, edge.head) for edge in shown.edges)


@pytest.mark.parametrize("name", ZOO)
def test_the_spine_is_straight(name: str) -> None:
    shown = scene(name)
    placed = place(shown, WRITTEN)
    middles = {round(placed.boxes[box].middle, 6) for box in spine(shown)}
    assert len(middles) == 1


def spine(shown: Scene) -> list[str]:
    """The boxes in series, in frames too."""
    found = []
    columns = [structure(shown)]
    while columns:
        for row in columns.pop().rows:
            if isinstance(row, Opened):
                columns.append(row.column)
            elif isinstance(row, Box):
                found.append(row.id)
    return found


def placed(name: str, **view: object) -> tuple[Scene, Placed]:
    shown = scene(name, **view)
    return shown, place(shown, WRITTEN)


@pytest.mark.parametrize("name", ["resnet34", "preresnet200", "mobilenet_v2", "regnet_y_400mf"])
def test_skips_are_on_the_right(name: str) -> None:
    shown, where = placed(name, level="op", join=True)
    for route in where.routes:
        if route.edge.kind in ("identity", "projection"):
            ends = where.boxes[route.edge.tail], where.boxes[route.edge.head]
            assert max(x for x, _y in route.points) > min(end.right for end in ends)
            assert min(x for x, _y in route.points) > min(end.middle for end in ends) - 0.1


def test_branches_stand_side_by_side() -> None:
    shown, where = placed("googlenet", level="op", only="inception3a", join=True)
    (row,) = [row for row in structure(shown).rows if isinstance(row, Parallel)]
    assert len(row.columns) == 4
    tops = [where.boxes[box.id].y for box in shown.root.boxes() if box.title.startswith("1×1")]
    assert len(tops) == 4


def test_heads_stand_apart_on_the_left() -> None:
    shown, where = placed("googlenet")
    axis = where.boxes["conv1.conv"].x
    for box in shown.root.boxes():
        if box.train_only:
            assert where.boxes[box.id].right < axis


def test_the_lanes_of_a_dense_block_are_one_for_each_layer() -> None:
    shown, where = placed("densenet121", level="op", only="features.denseblock1", join=True)
    lanes: dict[str, set[float]] = {}
    for route in where.routes:
        if route.edge.kind == "dense":
            lanes.setdefault(route.edge.tail, set()).add(max(x for x, _y in route.points))
    assert len(lanes) == 6  # the input and all layers but the last
    assert all(len(each) == 1 for each in lanes.values())
    assert len(set.union(*lanes.values())) == 6


def test_any_graph_has_a_layout() -> None:
    shown, where = placed("nasnetamobile", level="block", only="cell_2", join=False)
    assert structure(shown).tangled > 6
    assert where.boxes.keys() == shown.boxes().keys()
    assert len(where.routes) == len(shown.edges)


def test_what_edges_say_is_clear_of_the_frame_around_them() -> None:
    shown, where = placed("swin_t", only="features.1.1")
    labelled = 0
    for frame in shown.root.frames():
        around, boxes = where.frames[frame.id], {box.id: box for box in frame.boxes()}
        for route in where.routes:
            tail = boxes.get(route.edge.tail)
            if tail is None or route.label is None or route.edge.shape == tail.in_shape:
                continue
            x, y = route.label
            assert x - text_width(edge_label(route.edge.shape), NOTE) > around.x + 1
            assert y < around.bottom - 1
            labelled += 1
    assert labelled == 2


def test_what_edges_say_below_copies_is_clear_of_the_frame() -> None:
    shown, where = placed("densenet121")
    stacks = {box.id: box for box in shown.root.boxes() if box.op == "dense_layer"}
    frames = [frame for frame in shown.root.frames() if frame.role == "dense"]
    labels = [r.label for r in where.routes if r.edge.tail in stacks]
    for frame, label in zip(frames, labels, strict=True):
        assert label is not None and label[1] < where.frames[frame.id].bottom - 1
