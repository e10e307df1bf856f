"""Scenes: which boxes and edges a picture has."""

from __future__ import annotations

import pytest

import archspec
from archspec.backends.graphviz.scene import Level, Scene, build_scene

HEAD = "archspec: 1\ninput: [8, 16, 16]\n"
SKIP = HEAD + "stages: {block: {skip: {body: {a: {conv: 8, kernel: 1}, b: relu}}}}\n"
BRANCHES = HEAD + (
    "stages:\n"
    "  split:\n"
    "    branches:\n"
    "      near: {conv: 4, kernel: 1}\n"
    "      far: [{conv: 4, kernel: 1}, relu, relu]\n"
    "    merge: concat\n"
)


def scene(spec: str, level: Level = "op") -> Scene:
    network = archspec.load(spec)
    return build_scene(network.ir, network.root, level)


def skips(found: Scene) -> list[tuple[str, str]]:
    return [
        (found.boxes[edge.tail].name, found.boxes[edge.head].name)
        for edge in found.edges
        if edge.skip
    ]


def test_an_edge_past_a_body_is_a_skip() -> None:
    assert skips(scene(SKIP)) == [("input", "block.add")]


def test_parallel_branches_of_different_length_are_no_skips() -> None:
    assert skips(scene(BRANCHES)) == []


@pytest.mark.parametrize("spec", archspec.list_specs(), ids=lambda spec: spec.name)
@pytest.mark.parametrize("level", ["stage", "block", "op"])
def test_every_op_is_in_one_box_and_every_box_is_connected(
    spec: archspec.SpecInfo, level: Level
) -> None:
    network = archspec.load(spec.name)
    found = build_scene(network.ir, network.root, level)
    assert [node for box in found.boxes for node in box.nodes] == list(network.ir)
    ends = {edge.tail for edge in found.edges} | {edge.head for edge in found.edges}
    assert ends == set(range(len(found.boxes)))
    assert all(edge.tail < edge.head for edge in found.edges)


def test_a_stage_says_what_it_is_made_of() -> None:
    layer1 = next(box for box in scene("resnet50", "stage").boxes if box.name == "layer1")
    assert layer1.lines == ["3 x bottleneck", "216K params", "256 x 56 x 56"]


def test_an_op_is_written_as_papers_write_it_and_says_nothing_twice() -> None:
    boxes = {box.name: box for box in scene("resnet50").boxes}
    assert boxes["conv1"].lines == ["7x7 conv, 64, /2", "64 x 112 x 112"]
    assert boxes["relu"].lines == ["64 x 112 x 112"]


def test_both_operands_of_one_tensor_are_drawn_at_the_level_of_ops() -> None:
    twice = HEAD + "stages: {a: relu, b: {add: [a, a]}}\n"
    assert [(edge.tail, edge.head) for edge in scene(twice).edges].count((1, 2)) == 2
