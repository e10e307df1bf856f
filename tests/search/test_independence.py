"""What is seen of a spec as written holds of its children: all of them have the same decisions."""

from __future__ import annotations

import random

import pytest

import archspec
from archspec.api import read_program, read_text
from archspec.connections import Decisions
from archspec.expand import expand
from archspec.search.independence import always_the_same
from archspec.search.spec_space import drawn

HEAD = "archspec: 1\ninput: [3, 8, 8]\n"


@pytest.mark.parametrize("name", [spec.name for spec in archspec.list_spaces()])
def test_the_children_of_a_shipped_space(name: str) -> None:
    program = read_program(name)
    space = archspec.load_space(name).space
    rng = random.Random(0)
    fixed = True
    for _ in range(12):
        answers = space.choose(lambda decision: drawn(decision, rng))
        decisions = Decisions(answers)
        expand(program, decisions=decisions)
        assert decisions.asked.keys() == answers.keys()
        fixed = fixed and answers.keys() == space.by_name.keys()
    assert not always_the_same(program) or fixed


@pytest.mark.parametrize(
    "text",
    [
        "stages: [{conv: {choice: [4, 8]}, kernel: {choice: [1, 3]}}]",
        "params: {n: 3, w: {choice: [4, 8]}}\nstages: [{repeat: $n, body: {conv: $w, kernel: {choice: [1, 3]}}}]",
        "blocks: {b: {body: [{choice: [relu, tanh]}]}}\nstages: [b, b]",
        "stages: {a: relu, b: {relu: , from: {choice: [input, a]}}}",
    ],
)
def test_what_is_plain(text: str) -> None:
    assert always_the_same(read_text("x", HEAD + text + "\n"))


@pytest.mark.parametrize(
    "text",
    [
        "stages: {a: {choice: {x: {conv: {choice: [4, 8]}, kernel: 1}, y: relu}}}",
        "stages: [{repeat: {choice: [1, 2]}, body: {conv: {choice: [4, 8]}, kernel: 1}}]",
        "params: {n: {choice: [1, 2]}}\nstages: [{repeat: $n, body: {conv: {choice: [4, 8]}, kernel: 1}}]",
        "params: {n: {choice: [1, 2]}}\nlet: {m: $(n + 1)}\nstages: [{repeat: $m, body: {conv: {choice: [4, 8]}, kernel: 1}}]",
        "params: {n: {choice: [1, 2]}}\nstages: {a: {conv: {choice: [4, 8]}, kernel: 1, when: $(n > 1)}, b: relu}",
        "blocks: {b: {params: {n: int}, repeat: $n, body: {conv: {choice: [4, 8]}, kernel: 1}}}\nstages: [{b: 2}]",
        "blocks: {b: {body: [{choice: [relu, tanh]}]}}\nstages: {a: {choice: {x: b, y: relu}}}",
        "params: {act: {choice: [relu, tanh]}}\nstages: [{$act: }]",
        "stages: {a: {skip: {body: {conv: {choice: [3, 8]}, kernel: 1}, shortcut: {c: {conv: $out_channels, kernel: {choice: [1, 3]}, padding: half}}}}}",
        "defaults: {conv: {kernel: {choice: [1, 3]}}}\nstages: {a: {choice: {x: {conv: 8}, y: relu}}}",
        "stages: {a: {conv: {choice: [4, {range: [8, 16]}]}, kernel: 1}}",
        "params: {a: {choice: [0, 1]}, b: {choice: [0, 1]}}\nlet: {i: $(a * b)}\nstages: [{repeat: $i, body: {conv: {choice: [4, 8]}, kernel: 1}}]",
        "blocks: {u: {params: {i: int}, body: [{repeat: $i, body: {conv: {choice: [4, 8]}, kernel: 1}}]}}\nstages: [{u: 2}]",
        "params: {act: {optional: {choice: {x: {conv: {choice: [4, 8]}, kernel: 1}, y: relu}}}}\nstages: {a: $act}",
        "blocks: {b: {params: {act: relu}, body: [$act]}}\nstages: {a: {b: {optional: {elu: {choice: [0.5, 1.0]}}}}, c: {choice: [relu, tanh]}}",
    ],
)  # fmt: skip
def test_what_is_not_plain(text: str) -> None:
    assert not always_the_same(read_text("x", HEAD + text + "\n"))
