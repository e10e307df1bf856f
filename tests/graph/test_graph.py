"""The graph: a networkx DAG whose nodes know all about themselves."""

from __future__ import annotations

import networkx
import pytest
import torch

import archspec

TEXT = """
archspec: 1
name: net
input: [3, 8, 8]
params: {width: 4}
blocks:
  unit:
    params: {width: int}
    skip:
      body:
        conv: {conv: $width, kernel: 3, padding: 1}
      shortcut:
        project: {conv: $out_channels, kernel: 1}
stages:
  layers: {repeat: 2, body: {unit: $width}}
  aux: {train_only: true, body: {pool: global_avg_pool}}
  act: relu
"""


@pytest.fixture(scope="module")
def network() -> archspec.Architecture:
    return archspec.load_str(TEXT, name="net.yaml")


def test_it_is_a_directed_acyclic_graph(network: archspec.Architecture) -> None:
    graph = network.graph
    assert networkx.is_directed_acyclic_graph(graph)
    assert list(graph.predecessors("input")) == []
    assert networkx.has_path(graph, "input", "output:act")
    assert networkx.has_path(graph, "input", "output:aux")


def test_a_node_knows_itself(network: archspec.Architecture) -> None:
    node = network.graph.nodes["layers.0.conv"]
    assert node["path"] == "layers.0.conv"
    assert node["op"] == "conv"
    assert node["args"]["out_channels"] == 4
    assert (node["in_shapes"], node["out_shapes"]) == (((3, 8, 8),), ((4, 8, 8),))
    assert node["params"] == 3 * 4 * 9 + 4
    assert node["macs"] == 3 * 4 * 9 * 64
    assert not node["train_only"]
    assert network.graph.nodes["aux.pool"]["train_only"]


def test_a_node_knows_where_it_is_from(network: archspec.Architecture) -> None:
    node = network.graph.nodes["layers.1.conv"]
    span = node["span"]
    assert (span.source.name, span.line, span.column) == ("net.yaml", 11, 15)
    assert [(frame.span.line, frame.text) for frame in node["stack"]] == [
        (2, "network net"),
        (15, "copy 2 of 2"),
        (15, "block unit, width = 4"),
    ]


def test_edges_carry_shapes_and_operands(network: archspec.Architecture) -> None:
    graph = network.graph
    (added,) = (n for n, d in graph.nodes(data=True) if d["op"] == "add" and "layers.1" in n)
    into = {
        key: (source, data["shape"])
        for source, _, key, data in graph.in_edges(added, keys=True, data=True)
    }
    assert into[0] == ("layers.1.conv", (4, 8, 8))
    assert into[1][1] == (4, 8, 8)


def test_twice_the_same_operand_is_two_edges() -> None:
    graph = archspec.load_str(
        "archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n  b: {add: [a, a]}\n"
    ).graph
    assert graph.number_of_edges("a", "b") == 2


def test_execution_and_registration_are_two_orders() -> None:
    """The head is registered last, and runs as soon as its input is there."""
    text = """
archspec: 1
input: [3, 8, 8]
stages:
  a: {conv: 4, kernel: 1}
  b: {conv: 4, kernel: 1}
  c: {conv: 4, kernel: 1}
  head: {from: a, train_only: true, body: {fc: {conv: 2, kernel: 1}}}
"""
    network = archspec.load_str(text)
    assert [n.path for n in network.ir] == ["a", "head.fc", "b", "c"]
    assert list(dict.fromkeys(k.partition(".")[0] for k in network.state)) == [
        "a",
        "b",
        "c",
        "head",
    ]


def test_free_sizes() -> None:
    network = archspec.load_str(
        "archspec: 1\ninput: [3, height, width]\nstages:\n"
        "  c: {conv: 4, kernel: 3, stride: 2, padding: 1}\n  p: global_avg_pool\n"
    )
    shape = network.graph.nodes["c"]["out_shapes"][0]
    assert shape[0] == 4 and "height" in str(shape[1]) and "width" in str(shape[2])
    assert network.graph.nodes["p"]["out_shapes"] == ((4, 1, 1),)
    macs = str(network.cost.macs)
    sizes = {"height": 5, "width": 7}
    assert eval(macs, sizes) == network.cost.macs.at({"height": 5, "width": 7}) == 108 * 3 * 4  # type: ignore[union-attr]


def test_reach() -> None:
    """Araujo, Norris and Sim (2019), table 1: AlexNet 195 and VGG-16 212 pixels."""
    from archspec.analysis.reach import depth, receptive_field

    assert receptive_field(archspec.load("vgg16").ir) == 212
    assert receptive_field(archspec.load("alexnet_paper").ir) == 195
    assert depth(archspec.load("resnet152").ir) == 152
    assert depth(archspec.load("plain34").ir) == 34


@pytest.mark.parametrize("up", ["upsample: 2", "upsample_like: [middle, stem]"])
def test_the_receptive_field_behind_an_upsampling_is_what_gradients_reach(up: str) -> None:
    from archspec.analysis.reach import receptive_field

    arch = archspec.load_str(
        "archspec: 1\ninput: [1, 64, 64]\nstages:\n"
        "  stem: {conv: 1, kernel: 3, padding: 1}\n"
        "  down: {conv: 1, kernel: 2, stride: 2}\n"
        "  middle: {conv: 1, kernel: 3, padding: 1}\n"
        f"  up: {{{up}}}\n"
        "  last: {conv: 1, kernel: 3, padding: 1}\n"
    )
    model = arch.compile()
    for weight in model.parameters():
        torch.nn.init.ones_(weight)
    image = torch.zeros(1, 1, 64, 64, requires_grad=True)
    seen = 0
    for at in (32, 33):  # which sees more depends on where it lies over the coarser grid
        (grad,) = torch.autograd.grad(model(image)[0, 0, at, at], image)
        seen = max(seen, int((grad[0, 0, at] != 0).sum()))
    assert seen <= receptive_field(arch.ir) <= seen + 1


def test_a_skip_over_a_decoder_has_no_projection() -> None:
    arch = archspec.load_str(
        "archspec: 1\ninput: [4, height, width]\nstages:\n  unet:\n    skip:\n      body:\n"
        "        down: {conv: 4, kernel: 3, stride: 2, padding: 1}\n"
        "        up: {upsample_like: [down, input]}\n"
    )
    assert arch.compile()(torch.zeros(1, 4, 9, 7)).shape == (1, 4, 9, 7)
