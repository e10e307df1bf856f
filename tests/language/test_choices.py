"""Choices: what a spec leaves open, how it is called, and what it is where nobody chooses."""

from __future__ import annotations

import pytest

import archspec
from archspec.connections import Decisions
from archspec.expand import expand

from .running import load, paths, refused, spec


def asked(text: str, **answers: int | float) -> dict[str, tuple[object, ...]]:
    """The decisions of a spec under answers, with their options."""
    from archspec.api import read_program

    decisions = Decisions({name.replace("__", "."): n for name, n in answers.items()})
    expand(read_program(spec(text)), decisions=decisions)
    return {name: one.options for name, one in decisions.asked.items()}


def test_a_value_is_called_by_its_module_and_its_key() -> None:
    text = """
        stages:
          body:
            - {conv: {choice: [8, 16]}, kernel: [{choice: [1, 3]}, 3], padding: half}
    """
    assert asked(text) == {"body.0.conv": (8, 16), "body.0.kernel.0": (1, 3)}


def test_the_first_option_stands_where_nobody_chooses_unless_said() -> None:
    text = """
        stages:
          - {conv: {choice: [8, 16]}, kernel: 3}
          - {conv: {choice: [8, 16], default: 16}, kernel: 3}
    """
    architecture = load(text)
    assert [v[0] for k, v in architecture.state.items() if "bias" in k] == [(8,), (16,)]
    assert architecture.network.is_open


def test_copies_decide_each_for_themselves_and_exist_as_often_as_is_chosen() -> None:
    text = """
        stages:
          body:
            repeat: {choice: [1, 3]}
            body: {conv: 4, kernel: {choice: [1, 3]}, padding: half}
    """
    assert list(asked(text)) == ["body.repeat", "body.0.kernel"]
    more = ["body.repeat", "body.0.kernel", "body.1.kernel", "body.2.kernel"]
    assert list(asked(text, body__repeat=1)) == more


def test_uses_of_a_block_decide_each_for_themselves_unless_they_share() -> None:
    text = """
        blocks:
          unit: {body: {conv: {conv: 4, kernel: {choice: [1, 3]SHARED}, padding: half}}}
        stages: {a: unit, b: unit, c: [unit, unit]}
    """
    own = ["a.conv.kernel", "b.conv.kernel", "c.0.conv.kernel", "c.1.conv.kernel"]
    assert list(asked(text.replace("SHARED", ""))) == own
    assert list(asked(text.replace("SHARED", ", shared: true"))) == ["unit.conv.kernel"]


def test_a_node_is_chosen_by_name_and_keeps_its_place() -> None:
    text = """
        stages:
          mixed: {choice: {conv: {conv: 4, kernel: {choice: [1, 3]}, padding: half}, pool: [relu]}}
          last: {conv: 4, kernel: 1}
    """
    assert asked(text) == {"mixed": ("conv", "pool"), "mixed.conv.kernel": (1, 3)}
    assert asked(text, mixed=1) == {"mixed": ("conv", "pool")}
    assert list(load(text).state)[:2] == ["mixed.weight", "mixed.bias"]


def test_an_optional_node_that_is_absent_is_the_identity_in_its_place() -> None:
    text = """
        stages:
          - {optional: {conv: 4, kernel: 3, padding: half}, default: absent}
          - {conv: 4, kernel: 1}
    """
    architecture = load(text)
    assert paths(architecture) == ["0", "1"]
    assert list(architecture.state) == ["1.weight", "1.bias"]


def test_inputs_are_chosen_among_earlier_nodes() -> None:
    text = """
        stages:
          a: relu
          b: {relu: , from: input}
          one: {relu: , from: {choice: [a, b]}}
          sum: {add: [one, {optional: [a, b]}]}
    """
    assert asked(text) == {
        "one.from": ("a", "b"),
        "sum.add.a": ("present", "absent"),
        "sum.add.b": ("present", "absent"),
    }
    from archspec.api import read_program

    network = expand(read_program(spec(text)), decisions=Decisions({"one.from": 1, "sum.add.a": 1}))
    inputs = {m.path: [v.path for v in m.inputs] for m in network.root.walk() if m.op}
    assert inputs["one"] == ["b"]
    assert inputs["sum"] == ["one", "b"]


def test_a_node_without_chosen_inputs_takes_the_node_before() -> None:
    text = """
        stages:
          a: relu
          b: {concat: {optional: [input, a], default: absent}}
    """
    (b,) = [m for m in load(text).root.walk() if m.path == "b"]
    assert [value.path for value in b.inputs] == ["a"]


def test_unused_are_those_that_no_node_takes() -> None:
    text = """
        stages:
          a: relu
          b: {relu: , from: input}
          c: {relu: , from: a}
          d: {concat: {unused: [a, b, c]}}
    """
    (d,) = [m for m in load(text).root.walk() if m.path == "d"]
    assert [value.path for value in d.inputs] == ["b", "c"]


def test_a_parameter_whose_default_is_a_choice_is_one_decision_and_set_closes_it() -> None:
    text = """
        params: {kernel: {choice: [3, 5, 7], default: 5}, act: {choice: [relu, gelu]}}
        stages:
          - {conv: 8, kernel: $kernel, padding: half}
          - $act
          - {conv: 8, kernel: $kernel, padding: half}
    """
    assert asked(text) == {"kernel": (3, 5, 7), "act": ("relu", "gelu")}
    assert load(text).state["0.weight"][0] == (8, 4, 5, 5)
    closed = load(text, kernel=7, act="gelu")
    assert closed.state["2.weight"][0] == (8, 8, 7, 7)
    assert not closed.network.is_open
    refused(text, "AS0350", "they are 3, 5, 7", kernel=9)


def test_options_by_name_stand_for_values() -> None:
    text = """
        params: {size: {choice: {small: [8, 16], large: [32, 64]}}}
        stages: [{conv: "$size[0]", kernel: 1}, {conv: "$size[1]", kernel: 1}]
    """
    assert asked(text) == {"size": ("small", "large")}
    assert load(text, size="large").cost.params == 4 * 32 + 32 + 32 * 64 + 64


def test_a_range_of_whole_numbers_has_both_ends_and_one_of_floats_has_no_options() -> None:
    text = """
        stages:
          conv: {conv: {range: [16, 64], step: 16, default: 32}, kernel: 1}
          drop: {dropout: {range: [0.01, 0.5], log: true}}
    """
    assert asked(text) == {"conv.conv": (16, 32, 48, 64), "drop.dropout": ()}
    assert load(text).state["conv.bias"][0] == (32,)


def test_the_parts_of_a_skip_are_chosen() -> None:
    text = """
        stages:
          block:
            skip:
              body: {conv: {conv: 4, kernel: 1}}
              after: {choice: [relu, gelu]}
    """
    assert asked(text) == {"block.after": ("relu", "gelu")}


def test_a_contract_of_plain_numbers_speaks_of_the_defaults_alone() -> None:
    text = """
        params: {width: {choice: [8, 16]}}
        stages: [{conv: $width, kernel: 1}]
        expect: {params: 40, output: [$width, 8, 8]}
    """
    assert load(text).cost.params == 40
    assert load(text, width=16).cost.params == 80


def test_what_is_required_is_not_asked_of_a_spec_that_is_open() -> None:
    text = """
        params: {width: {choice: [16, 8]}}
        stages: [{conv: $width, kernel: 1}]
        require: {params: <= 50}
    """
    assert load(text).cost.params == 80
    assert load(text, width=8).cost.params == 40
    refused(text, "AS0503", "`params` is 80", width=16)
    assert archspec.validate(spec(text)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("stages: [{conv: 8, kernel: {choice: [3]}}]", "AS0801"),
        ("stages: [{relu: , when: {choice: [true, false]}}]", "AS0802"),
        ("stages: [relu]\nexpect: {params: {choice: [1, 2]}}", "AS0802"),
        ("stages: {a: {choise: {x: relu, y: gelu}}}", "AS0302"),
        ("input: [{choice: [1, 3]}, 8, 8]\nstages: [relu]", "AS0802"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    refused(text, code)
