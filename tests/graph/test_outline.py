"""The outline says of a network what its nodes say, and says it without making copies."""

from __future__ import annotations

from collections import Counter

import pytest

import archspec
from archspec.architecture import Architecture
from archspec.connections import Module
from archspec.graph import Graph
from tests.benchmarks.generated import _spec

NETS = [
    "alexnet",
    "densenet121",
    "googlenet",
    "inception_v3",
    "mobilenet_v3_small",
    "regnet_y_400mf",
    "resnet50",
    "shufflenet_v2_x1_0",
    "swin_t",
    "vgg11",
    "vit_b_16",
]
GENERATED = [_spec(number, flat=flat) for number in range(6) for flat in (False, True)]


@pytest.fixture(params=[*NETS, *GENERATED], ids=[*NETS, *map(str, range(len(GENERATED)))])
def graph(request: pytest.FixtureRequest) -> Graph:
    known = request.param
    return (archspec.load_str(known) if "\n" in known else archspec.load(known)).ir


def test_each_op_is_counted_as_often_as_it_stands_there(graph: Graph):
    counts = graph.outline.counts
    assert Counter(counts) == Counter(node.applied for node in graph)


def test_what_takes_what_is_known(graph: Graph):
    pairs = {
        (value.producer.applied, node.applied)
        for node in graph
        for value in node.inputs
        if value.producer is not None
    }
    assert graph.outline.pairs == pairs


def test_what_calls_say_is_known(graph: Graph):
    said = {(node.module.call, node.applied) for node in graph if node.module.call}
    assert graph.outline.calls == {(call, applied) for call, applied in said if call.args}


def test_nothing_is_left_out(graph: Graph):
    outline = graph.outline
    taken = {value for node in graph for value in node.inputs} | {*graph.outputs.values()}
    if any(taken.isdisjoint(node.outputs) for node in graph):
        assert outline.loose
    if any(len(set(node.inputs)) < len(node.inputs) for node in graph):
        assert outline.twice
    assert outline.heads == any(node.train_only for node in graph)
    assert outline.said == any(node.module.init is not None for node in graph)


def made(arch: Architecture) -> list[bool]:
    """Of each module in the order of the file, whether the modules below it are there."""
    found, stack = [], [arch.root]
    while stack:
        module = stack.pop()
        found.append(_is_made(module))
        stack += module.children[::-1] if _is_made(module) else []
    return found


def _is_made(module: Module) -> bool:
    return module._children is not None


def test_a_network_with_nothing_to_say_of_it_is_checked_without_its_copies():
    text = _spec(3, flat=False)
    arch = archspec.load_str(text)
    archspec.lint.lint(arch.network.program, arch.ir)
    assert made(arch).count(False) == 14  # of 16 instances two are worked out
    assert len(arch.ir.nodes) == sum(arch.ir.outline.counts.values())
    assert all(made(arch))


DEAD = """
archspec: 1
input: [8, 16, 16]
blocks:
  unit:
    body:
      mix: {conv: 8, kernel: 3, padding: half, bias: false}
      side: {relu: , from: mix}
      norm: {batch_norm: , from: mix}
stages:
  layers: {repeat: 6, body: unit}
"""


def test_what_is_wrong_in_every_copy_is_told_of_all():
    found = [one for one in archspec.validate(DEAD) if one.code == "AS0701"]
    assert [one.path for one in found] == ["layers.0.side"]
    assert found[0].notes == (
        "the same in `layers.1.side`, `layers.2.side`, `layers.3.side` and 2 more",
    )
