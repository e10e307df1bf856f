"""The layout by graphviz: everything has a place, nothing overlaps, the main flow is straight."""

from __future__ import annotations

import shutil
from itertools import combinations
from math import hypot

import pytest

import archspec
from archspec.diagnostics import RenderError
from archspec.drawing.layout.graphviz import MOST_SKIPS, TooTangled, place
from archspec.drawing.layout.placed import Place, Placed
from archspec.drawing.layout.sizes import Written, sizes
from archspec.drawing.picture import Point
from archspec.drawing.scene.build import build_scene
from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.drawing.scene.view import View

from ..handmade import HOSTILE, chain, residual, said

WRITTEN = Written()


def op_level(name: str) -> Scene:
    network = archspec.load(name)
    return build_scene(network.ir, network.root, View(level="op"))


def overlap(one: Place, other: Place) -> bool:
    across = min(one.right, other.right) - max(one.x, other.x)
    return across > 0.1 and min(one.bottom, other.bottom) - max(one.y, other.y) > 0.1


def within(inner: Place, outer: Place) -> bool:
    return (
        inner.x >= outer.x - 0.1
        and inner.y >= outer.y - 0.1
        and inner.right <= outer.right + 0.1
        and inner.bottom <= outer.bottom + 0.1
    )


def check(scene: Scene, placed: Placed) -> None:
    page = Place(0.0, 0.0, placed.width, placed.height)
    assert placed.boxes.keys() == scene.boxes().keys()
    for name, (width, height) in sizes(scene, WRITTEN).items():
        at = placed.boxes[name]
        assert (at.width, at.height) == (width, height)
        assert within(at, page)
    for one, other in combinations(placed.boxes.values(), 2):
        assert not overlap(one, other)
    for frame in [scene.root, *scene.root.frames()]:
        around = placed.frames.get(frame.id, page)
        for item in frame.items:
            inner = placed.boxes[item.id] if isinstance(item, Box) else placed.frames[item.id]
            assert within(inner, around)
            if frame is not scene.root:
                assert inner.y >= around.y + 14  # the frame's title
        beside = [item for item in frame.items if isinstance(item, Frame)]
        for one_frame, other_frame in combinations(beside, 2):
            assert not overlap(placed.frames[one_frame.id], placed.frames[other_frame.id])
    assert [route.edge for route in placed.routes] == scene.edges
    for route in placed.routes:
        assert route.curved and len(route.points) % 3 == 1 and len(route.points) >= 4
        tail, head = placed.boxes[route.edge.tail], placed.boxes[route.edge.head]
        for (x, y), box in ((route.points[0], tail), (route.points[-1], head)):
            assert box.x - 1 <= x <= box.right + 1 and box.y - 1 <= y <= box.bottom + 1
        assert route.points[0][1] < route.points[-1][1]


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "mobilenet_v3_large"])
def test_every_box_frame_and_edge_has_its_place(name: str) -> None:
    scene = op_level(name)
    check(scene, place(scene, WRITTEN))


def test_every_kind_of_box_and_edge_has_its_place() -> None:
    scene = residual()
    check(scene, place(scene, WRITTEN))


def test_the_main_flow_of_a_residual_network_is_straight() -> None:
    scene = op_level("resnet18")
    placed = place(scene, WRITTEN)
    flow = [edge for edge in scene.edges if edge.kind == "flow"]
    bends = [abs(placed.boxes[e.tail].middle - placed.boxes[e.head].middle) for e in flow]
    assert max(bends) < 0.51


def test_an_edge_ends_on_the_side_of_its_box() -> None:
    placed = place(chain(30), WRITTEN)
    for route in placed.routes:
        if route.edge.kind == "flow":
            assert route.points[0][1] == placed.boxes[route.edge.tail].bottom
            assert route.points[-1][1] == placed.boxes[route.edge.head].y


def test_a_tall_picture_is_placed_as_exactly_as_a_small_one() -> None:
    placed = place(chain(2000), WRITTEN)
    tops = [at.y for at in placed.boxes.values()]
    steps = {round(after - before, 1) for before, after in zip(tops, tops[1:], strict=False)}
    assert placed.height > 80_000 and max(steps) - min(steps) <= 1.01


def test_two_edges_between_the_same_boxes_are_two() -> None:
    scene = chain(2)
    scene.edges = [Edge("b0", "b1"), Edge("b0", "b1", "identity", slot=1)]
    ways = [route.points for route in place(scene, WRITTEN).routes]
    assert len(ways) == 2 and ways[0] != ways[1]


@pytest.mark.skipif(shutil.which("dot") is None, reason="no `dot` on the PATH")
@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_a_second_provider_puts_the_boxes_at_the_same_heights(name: str) -> None:
    scene = op_level(name)
    pure, other = place(scene, WRITTEN, "graphviz-pure"), place(scene, WRITTEN, "dot")
    assert pure.provider.startswith("graphviz-pure 0.2.2") and other.provider.startswith("dot (")
    assert pure.height == pytest.approx(other.height, abs=2)
    for box in scene.boxes():
        assert pure.boxes[box].y == pytest.approx(other.boxes[box].y, abs=2)
    if name == "resnet18":
        first = pure.boxes["conv1"].middle - other.boxes["conv1"].middle
        for box in scene.boxes():
            apart = pure.boxes[box].middle - other.boxes[box].middle
            assert apart == pytest.approx(first, abs=6)


def test_no_text_of_the_scene_reaches_graphviz() -> None:
    scene = said(HOSTILE)
    placed = place(scene, WRITTEN)
    assert len(placed.boxes) == len(placed.frames) == len(HOSTILE)


def test_more_skips_than_graphviz_can_take_are_refused_at_once() -> None:
    scene = chain(MOST_SKIPS + 6, every=1)
    assert sum(edge.kind == "identity" for edge in scene.edges) == MOST_SKIPS + 1
    with pytest.raises(TooTangled) as caught:
        place(scene, WRITTEN)
    assert caught.value.reason == "301 edges go past other boxes, and 300 is the most"
    scene.edges.pop()
    assert len(place(scene, WRITTEN).routes) == len(scene.edges)


def test_an_empty_scene_and_an_empty_frame_have_no_place() -> None:
    scene = chain(1)
    scene.root.items.append(Frame("empty", "empty", "empty"))
    assert place(scene, WRITTEN).frames == {}
    scene.root.items = []
    scene.edges = []
    assert (place(scene, WRITTEN).width, place(scene, WRITTEN).boxes) == (0.0, {})


def test_a_provider_that_is_none_is_an_error() -> None:
    with pytest.raises(RenderError, match="did you mean `dot`"):
        place(chain(3), WRITTEN, "dott")


def test_many_edges_into_one_join_are_straight() -> None:
    """Curves that all turn there run along other boxes."""
    network = archspec.load("nasnetamobile")
    placed = place(build_scene(network.ir, network.root, View(only="cell_4")), WRITTEN)
    assert all(straight(route.points[n : n + 4]) for route in placed.routes
               for n in range(0, len(route.points) - 1, 3))  # fmt: skip
    assert not all(straight(route.points[:4]) for route in place(residual(), WRITTEN).routes)


def straight(piece: tuple[Point, ...]) -> bool:
    (x, y), *others = piece
    dx, dy = others[-1][0] - x, others[-1][1] - y
    return all(abs(dx * (py - y) - dy * (px - x)) < 1 + hypot(dx, dy) for px, py in others)
