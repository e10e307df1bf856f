"""Instances of a block that are copied, and those that keep the modules with other sizes."""

from __future__ import annotations

import random

import pytest

import archspec
from archspec.architecture import Architecture
from archspec.connections import Value
from archspec.expand import binding
from tests.benchmarks.generated import _spec

STAGES = """
archspec: 1
input: [8, SIZE, SIZE]
blocks:
  unit:
    params: {width: int, stride: 1, kernel: 3}
    skip:
      body:
        conv1: {conv: $width, kernel: $kernel, stride: $stride, padding: half, bias: false}
        norm1: batch_norm
        act: relu
        conv2: {conv: $(2 * width), kernel: 3, padding: half, bias: false}
        norm2: batch_norm
      shortcut:
        conv: {conv: $out_channels, kernel: 1, stride: $stride, bias: false}
        norm: batch_norm
      after: relu
stages:
UNITS
"""


def network(units: list[str], size: int = 64) -> str:
    rows = [f"  unit{number}: {{unit: {unit}}}" for number, unit in enumerate(units)]
    return STAGES.replace("SIZE", str(size)).replace("UNITS", "\n".join(rows))


def told(arch: Architecture) -> list[object]:
    """All that is known of the ops of a network."""
    tokens: dict[object, int] = {}

    def stride(value: Value) -> object:
        known = isinstance(value.stride, tuple)
        return value.stride if known else tokens.setdefault(value.stride, len(tokens))

    return [
        (
            node.path,
            node.label,
            node.op,
            [(value.path, value.shape, stride(value), value.shared) for value in node.inputs],
            [(value.shape, stride(value)) for value in node.outputs],
            dict(node.weights),
            node.macs,
            dict(node.module.env),
            [(frame.text, frame.span.line) for frame in node.module.origin.frames()],
        )
        for node in arch.ir
    ]


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch):
    """The architecture of a text in which no instance has the modules of another size."""

    def load(text: str) -> Architecture:
        with monkeypatch.context() as patch:
            patch.setattr(binding, "is_plain", lambda *_: False)
            return archspec.load_str(text)

    return load


@pytest.mark.parametrize("number", range(12))
def test_an_instance_of_another_size_is_what_it_would_be_worked_out_by_itself(number, worked_out):
    text = _spec(number, flat=False)
    assert told(archspec.load_str(text)) == told(worked_out(text))


@pytest.mark.parametrize("seed", range(12))
def test_a_skip_has_its_shortcut_where_its_own_sizes_need_one(seed, worked_out):
    draw = random.Random(seed)
    units = [
        f"{draw.choice([4, 8, 16])}, stride: {draw.choice([1, 1, 2])}, kernel: {draw.choice([3, 5])}"
        for _ in range(10)
    ]
    text = network(units)
    assert told(archspec.load_str(text)) == told(worked_out(text))


def test_names_inside_an_instance_of_another_size_are_found():
    text = network(["8", "16, stride: 2", "32, stride: 2"])
    text += "  both: {add: [unit2.norm2, unit2.conv2]}\n"
    node = archspec.load_str(text).ir.nodes[-1]
    assert [value.path for value in node.inputs] == ["unit2.norm2", "unit2.conv2"]


def test_copies_of_an_instance_of_another_size_are_copies_of_that():
    arch = archspec.load_str(
        network(["8", "8", "16, stride: 2", "16", "32, stride: 2", "32", "32"])
    )
    shapes = {node.path: node.outputs[0].shape for node in arch.ir if node.path}
    assert shapes["unit6.conv1"] == (32, 16, 16)
    assert shapes["unit5.norm2"] == shapes["unit6.norm2"] == (64, 16, 16)


def test_what_is_wrong_with_a_size_alone_is_told_of_the_instance_that_has_it(worked_out):
    units = ["8", "16, stride: 2", "16.5, stride: 2", "32, kernel: -1", "8"]
    found = []
    for load in (archspec.load_str, worked_out):
        with pytest.raises(archspec.SpecError) as caught:
            load(network(units))
        found.append([diagnostic.format() for diagnostic in caught.value.diagnostics])
    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_the_limit_on_nodes_counts_instances_of_other_sizes():
    text = network(["8", "16", "32", "64"])
    nodes = 4 * 9
    archspec.load_str(text, limit=60)
    with pytest.raises(archspec.SpecError, match="more than 30 nodes"):
        archspec.load_str(text, limit=30)
    assert len(archspec.load_str(text).ir) == nodes


def test_an_input_that_flows_in_twice_is_one_value_in_two_places(worked_out):
    text = """\
archspec: 1
input: [4, 32, 32]
blocks:
  join:
    params: {width: int}
    inputs: [first, again, other]
    body:
      both: {concat: [first, again]}
      wide: {conv: $width, kernel: 3, padding: 1, from: other}
      all: {concat: [both, wide]}
stages:
  small0: {max_pool: 2}
  a: {conv: 8, kernel: 1, from: small0}
  b: {conv: 6, kernel: 1, from: small0}
  small: {join: 5, from: [a, a, b]}
  large: {join: 9, from: [b, b, a]}
  again: {join: 9, from: [small, small, large]}
"""
    arch = archspec.load_str(text)
    assert told(arch) == told(worked_out(text))
    assert arch.ir.nodes[-1].outputs[0].shape == (2 * 21 + 9, 16, 16)
