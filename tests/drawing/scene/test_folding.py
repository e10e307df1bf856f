"""Copies in a row become one box."""

from __future__ import annotations

import archspec

from ..scenes import outline, scene

HEAD = "archspec: 1\ninput: [8, 16, 16]\n"


def test_a_first_copy_that_differs_stays_apart() -> None:
    text = HEAD + (
        "blocks:\n  unit: {params: {stride: 1}, body: [{conv: 8, kernel: 3, padding: 1, "
        "stride: $stride}, relu, {conv: 8, kernel: 1}]}\n"
        "stages:\n  stage: {repeat: 6, body: {unit: $(2 if i == 0 else 1)}}\n"
    )
    shown = scene(archspec.load_str(text))
    assert outline(shown).splitlines()[1:4] == [
        "[stage]",
        "  unit, 8, /2 (stage.0)",
        "  unit, 8 ×5 (stage.1–5)",
    ]


def test_a_pattern_is_folded_as_a_whole() -> None:
    text = HEAD + (
        "stages:\n- repeat: 4\n  inline: true\n  body: [{conv: 8, kernel: 1}, "
        "{max_pool: 3, stride: 1, padding: 1}]\n"
    )
    shown = scene(archspec.load_str(text))
    assert [(frame.count, len(frame.items)) for frame in shown.root.frames()] == [(4, 2)]
    assert sum(box.params for box in shown.root.boxes()) == shown.params


def test_copies_that_others_take_from_stay() -> None:
    text = HEAD + (
        "stages:\n  a: {conv: 8, kernel: 1}\n  b: {conv: 8, kernel: 1}\n  c: {conv: 8, kernel: 1}\n"
        "  both: {add: [a, c]}\n"
    )
    counts = {box.path: box.count for box in scene(archspec.load_str(text)).root.boxes()}
    assert counts["a"] == 1
    assert counts["b"] == 2  # and c, which nothing takes from but the sum


def test_layers_of_a_dense_block_are_one_box_with_its_growth() -> None:
    boxes = [box for box in scene("densenet121").root.boxes() if box.op == "dense_layer"]
    assert [box.count for box in boxes] == [6, 12, 24, 16]
    assert {box.shortcut for box in boxes} == {"dense"}
    assert boxes[0].lines == ("64 → 224 channels in",)


def test_what_a_folded_dense_block_gives_has_all_channels() -> None:
    edges = {(edge.tail, edge.head): edge for edge in scene("densenet121").edges}
    out = edges["features.denseblock1.denselayer1", "features.transition1"]
    assert (out.kind, out.shape) == ("flow", (256, 56, 56))


def test_unfolded_all_copies_are_there() -> None:
    assert len(scene("resnet152", fold=False).boxes()) == 6 + 3 + 8 + 36 + 3
    assert all(box.count == 1 for box in scene("resnet152", fold=False).root.boxes())


def test_stochastic_depth_does_not_tell_copies_apart() -> None:
    boxes = [b for b in scene("convnext_tiny").root.boxes() if b.op == "cn_block" or b.count > 1]
    assert max(box.count for box in boxes) == 9
