"""What a scene of a network holds, at every level and for every view."""

from __future__ import annotations

import textwrap
from collections import Counter

import pytest

import archspec
from archspec.diagnostics import RenderError
from archspec.drawing.scene.insets import insets

from ..scenes import FAMILIES, ZOO, outline, scene


def lines(text: str) -> str:
    return textwrap.dedent(text).strip()


def test_blocks_stand_in_their_stages() -> None:
    assert outline(scene("resnet50")) == lines("""
        input
        7×7 conv, 64, /2 (conv1)
        3×3 max pool, /2 (maxpool)
        [layer1]
          bottleneck, 256 (layer1.0)
          bottleneck, 256 ×2 (layer1.1–2)
        [layer2]
          bottleneck, 512, /2 (layer2.0)
          bottleneck, 512 ×3 (layer2.1–3)
        [layer3]
          bottleneck, 1024, /2 (layer3.0)
          bottleneck, 1024 ×5 (layer3.1–5)
        [layer4]
          bottleneck, 2048, /2 (layer4.0)
          bottleneck, 2048 ×2 (layer4.1–2)
        global avg pool (avgpool)
        linear, 1000 (fc)
        output
    """)


def test_a_stage_level_closes_the_networks_own_children() -> None:
    assert outline(scene("resnet50", level="stage")) == lines("""
        input
        7×7 conv, 64, /2 (conv1)
        3×3 max pool, /2 (maxpool)
        3 x bottleneck (layer1)
        4 x bottleneck (layer2)
        6 x bottleneck (layer3)
        3 x bottleneck (layer4)
        global avg pool (avgpool)
        linear, 1000 (fc)
        output
    """)


def test_what_is_expanded_is_open_and_is_no_box() -> None:
    shown = scene("resnet18", expand=("layer2.0",))
    assert outline(shown) == lines("""
        input
        7×7 conv, 64, /2 (conv1)
        3×3 max pool, /2 (maxpool)
        basic_block, 64 ×2 (layer1)
        [layer2]
          [layer2.0]
            3×3 conv, 128, /2 (conv1)
            3×3 conv, 128 (conv2)
            1×1 conv, 128, /2 (downsample)
            +
          basic_block, 128 (layer2.1)
        [layer3]
          basic_block, 256, /2 (layer3.0)
          basic_block, 256 (layer3.1)
        [layer4]
          basic_block, 512, /2 (layer4.0)
          basic_block, 512 (layer4.1)
        global avg pool (avgpool)
        linear, 1000 (fc)
        output
    """)


def test_opening_one_branch_opens_those_beside_it() -> None:
    shown = scene("googlenet", expand=("inception3a.branch2",), join=False)
    frames = {frame.path for frame in shown.root.frames()}
    branches = {f"inception3a.branch{n}" for n in (1, 2, 3, 4)}
    assert branches <= frames
    assert "inception3b" not in frames


def test_part_of_a_network_has_its_own_input_and_output() -> None:
    shown = scene("resnet50", level="op", only="layer2.0", join=True)
    assert outline(shown) == lines("""
        input
        1×1 conv, 128 (conv1)
        3×3 conv, 128, /2 (conv2)
        1×1 conv, 512 (conv3)
        1×1 conv, 512, /2 (downsample)
        +
        output
    """)
    architecture = archspec.load("resnet50")
    inside = [node for node in architecture.ir if node.path.startswith("layer2.0.")]
    assert shown.params == sum(node.params for node in inside)


def test_hidden_ops_are_bridged() -> None:
    whole = scene("resnet18", level="op", join=False)
    without = scene("resnet18", level="op", join=False, hide=("relu", "layer4"))
    assert {box.op for box in without.root.boxes()} == {box.op for box in whole.root.boxes()} - {
        "relu"
    }
    assert not any(box.path.startswith("layer4") for box in without.root.boxes())
    heads = {edge.head for edge in without.edges}
    assert all(box.kind == "input" or box.id in heads for box in without.root.boxes())


def test_a_hidden_head_takes_its_output_along() -> None:
    shown = scene("googlenet", hide=("aux1", "aux2"))
    assert not any(box.train_only for box in shown.root.boxes())
    assert [box.title for box in shown.root.boxes() if box.kind == "output"] == ["logits"]


def test_a_frame_around_one_frame_gives_it_its_name() -> None:
    titles = [frame.title for frame in scene("resnetv2_50").root.frames()]
    assert "stages.0.blocks" in titles and "blocks" not in titles


def test_joined_ops_say_what_goes_with_them() -> None:
    boxes = scene("densenet121", level="op", only="features.denseblock1.denselayer1", join=True)
    titles = [box.title for box in boxes.root.boxes() if box.kind == "op"]
    assert titles == ["BN-ReLU-1×1 conv, 128", "BN-ReLU-3×3 conv, 32"]
    (first, *_rest) = [box for box in scene("resnet18").root.boxes() if box.kind == "op"]
    assert (first.title, first.lines) == ("7×7 conv, 64, /2", ("BN, ReLU",))


def test_shortcuts_are_told_from_the_graph() -> None:
    boxes = {box.path: box for box in scene("resnet50").root.boxes()}
    assert boxes["layer1.0"].shortcut == "projection"
    assert boxes["layer1.1"].shortcut == "identity"
    assert not any(box.shortcut for box in scene("plain34").root.boxes())
    assert {b.shortcut for b in scene("mobilenet_v2").root.boxes()} == {"", "identity"}
    kinds = Counter(edge.kind for edge in scene("resnet34", level="op", join=True).edges)
    assert kinds["identity"] == 13
    assert kinds["projection"] == 3 * 2  # into the projection and out of it


@pytest.mark.parametrize("name", ZOO)
def test_the_op_level_has_every_operand_once(name: str) -> None:
    architecture = archspec.load(name)
    shown = scene(architecture, level="op")
    graph = architecture.graph
    wanted = Counter(
        (tail.partition(":")[2] or tail, head) for tail, head, _slot in graph.edges(keys=True)
    )
    drawn = Counter((edge.tail.removeprefix("input:"), edge.head) for edge in shown.edges)
    assert drawn == wanted
    assert len(shown.boxes()) == len(graph)


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("level", ["stage", "block", "op"])
def test_costs_add_up_to_the_summary(name: str, level: str) -> None:
    architecture = archspec.load(name)
    shown = scene(architecture, level=level)
    assert sum(box.params for box in shown.root.boxes()) == architecture.cost.params
    assert shown.params == architecture.cost.params
    total = sum((box.macs for box in shown.root.boxes()), 0)
    assert total == architecture.cost.train_macs


@pytest.mark.parametrize("name", ZOO)
def test_a_module_is_a_box_or_a_frame(name: str) -> None:
    shown = scene(name)
    frames = {frame.path for frame in shown.root.frames()} - {""}
    boxes = {box.path for box in shown.root.boxes()} - {""}
    assert not frames & boxes


def test_deep_networks_stay_small() -> None:
    assert len(scene("resnet152").boxes()) <= 25
    assert max(len(scene(name).boxes()) for name in FAMILIES) <= 60


def test_instances_that_are_given_other_ops_are_told_apart() -> None:
    text = """\
archspec: 1
input: [3, 8, 8]
blocks:
  cell:
    params: {width: int, act: relu, mode: zeros}
    body:
      - {conv: $width, kernel: 3, padding: 1, padding_mode: $mode}
      - $act
      - {conv: $width, kernel: 3, padding: 1}
stages:
  - {repeat: 2, body: {cell: 4}}
  - {repeat: 2, body: {cell: 4, act: {leaky_relu: 0.1}}}
  - {repeat: 2, body: {cell: 8}}
"""
    shown = outline(scene(archspec.load_str(text), level="block"))
    titles = [line.strip().split(" (")[0] for line in shown.split("\n")]
    assert [t for t in titles if t.startswith("cell")] == [
        "cell, 4, ReLU ×2",
        "cell, 4, leaky relu ×2",
        "cell, 8, ReLU ×2",
    ]


@pytest.mark.parametrize("up", ["upsample: 2", "conv_transpose: 4, kernel: 2, stride: 2"])
def test_a_block_that_upsamples_says_how_much_larger_an_image_becomes(up: str) -> None:
    text = (
        "archspec: 1\ninput: [4, 8, 8]\nblocks:\n"
        f"  up: {{body: [{{conv: 4, kernel: 1}}, {{{up}}}, {{conv: 4, kernel: 1}}]}}\n"
        "stages: [up, {up: , from: 0}]\n"
    )
    shown = outline(scene(archspec.load_str(text), level="block"))
    assert shown.count("up, 4, ×2 (") == 2


def test_a_misspelt_path_is_told() -> None:
    with pytest.raises(RenderError, match="no module is called `layer3.9`: did you mean"):
        scene("resnet50", expand=("layer3.9",))
    with pytest.raises(RenderError, match="did you mean `relu`"):
        scene("resnet50", hide=("reluu",))
    with pytest.raises(RenderError, match="no level is called `blocks`"):
        scene("resnet50", level="blocks")
    with pytest.raises(RenderError, match="`fc` is an op"):
        scene("resnet50", only="fc")


def test_what_changes_nothing_has_no_box_where_ops_are_joined() -> None:
    plain, joined = (
        scene("swin_t", level="op", only="features.1.0", join=j) for j in (False, True)
    )
    assert [box.name for box in plain.root.boxes() if box.op == "stochastic_depth"]
    assert not [box.name for box in joined.root.boxes() if box.op == "stochastic_depth"]


def test_insets_are_the_blocks_that_occur_most_however_much_is_in_them() -> None:
    architecture = archspec.load("swin_t")
    found = insets(scene(architecture), architecture.ir, architecture.root)
    assert [inset.name for inset in found] == ["swin_block", "patch_merging"]
    assert "swin_attention" in {box.op for box in found[0].root.boxes()}  # closed: it has 23 ops
