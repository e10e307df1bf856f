"""Children: plain specs with the same modules, and fingerprints by which equal ones are known."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

import archspec
from archspec.search.fingerprint import fingerprint

SPACES = [info.name for info in archspec.list_spaces()]
OPEN = (Path(__file__).parent / "open.yaml").read_text()


def checked(
    space: object, rng: random.Random
) -> tuple[archspec.Architecture, archspec.Architecture]:
    """A valid child drawn at random, and what its own spec says."""
    for _ in range(50):
        try:
            drawn = archspec.child(space, space.sample(rng))  # type: ignore[arg-type,attr-defined]
        except archspec.SpecError:
            continue
        text = drawn.plain(name="child")
        found = [d for d in archspec.validate("child", text=text) if d.severity == "error"]
        assert not found, found[0].format()
        return drawn, archspec.load_str(text)
    raise AssertionError("no valid child in 50 draws")


@pytest.mark.parametrize("name", SPACES)
def test_a_child_of_a_shipped_space_is_a_plain_spec_with_the_same_modules(name: str) -> None:
    space = archspec.load_space(name)
    rng = random.Random(1)
    for _ in range(2):
        drawn, plain = checked(space, rng)
        assert list(plain.state.items()) == list(drawn.state.items())
        assert plain.fingerprint == drawn.fingerprint
        assert not plain.network.decisions.asked
        assert plain.plain(name="child") == archspec.load_str(plain.plain(name="child")).plain(
            name="child"
        )


def test_a_child_computes_the_same_to_the_last_bit() -> None:
    space = archspec.load_space(OPEN)
    rng = random.Random(0)
    x = torch.randn(2, 1, 8, 8)
    for _ in range(6):
        drawn, plain = checked(space, rng)
        first, second = drawn.compile(seed=0).eval(), plain.compile(seed=0).eval()
        second.load_state_dict(first.state_dict())
        assert torch.equal(first(x), second(x))


def test_choosing_is_setting() -> None:
    text = """archspec: 1
input: [1, 8, 8]
params: {kernel: {choice: [3, 5]}, width: {choice: [8, 16]}}
stages: {a: {conv: $width, kernel: $kernel, padding: half}, b: {conv: $width, kernel: $kernel}}
"""
    space = archspec.load_space(text)
    chosen = archspec.child(space, {"kernel": 1, "width": 1})
    closed = archspec.load(text, kernel=5, width=16)
    assert chosen.resolved(origins=False) == closed.resolved(origins=False)
    assert archspec.load_str(chosen.plain()).state == closed.state


def test_a_child_keeps_what_it_was_required_to_be() -> None:
    text = """archspec: 1
input: [8]
stages: [{linear: {choice: [8, 16]}}]
require: {params: <= 100}
"""
    space = archspec.load_space(text)
    assert archspec.load_str(archspec.child(space, {"0.linear": 0}).plain()).cost.params == 72
    with pytest.raises(archspec.SpecError, match="AS0503"):
        archspec.child(space, {"0.linear": 1})


def mark(stages: str, input: str = "[4, 8, 8]") -> str:
    return archspec.load(f"archspec: 1\ninput: {input}\nstages:\n{stages}").fingerprint


CONV = "{conv: 4, kernel: 3, padding: half}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"  a: {CONV}\n", f"  other: {{body: {{name: {CONV}}}}}\n"),
        (f"  a: {CONV}\n", f"  a: [identity, {CONV}, {{dropout: 0.0}}]\n"),
        (
            f"  a: {CONV}\n",
            "  unused: relu\n  a: {conv: 4, kernel: 3, padding: 1, from: input}\n",
        ),
        (
            f"  a: {CONV}\n  b: {{relu: , from: input}}\n  c: {{add: [a, b]}}\n",
            "  b: relu\n  a: {conv: 4, kernel: 3, padding: half, from: input}\n  c: {add: [b, a]}\n",
        ),
    ],
)
def test_equal_networks_have_one_fingerprint(one: str, other: str) -> None:
    assert mark(one) == mark(other.replace("padding: 1", "padding: half"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"  a: {CONV}\n", "  a: {conv: 4, kernel: 5, padding: half}\n"),
        (  # operands of concat have an order
            f"  a: {CONV}\n  b: {{concat: [a, input]}}\n",
            f"  a: {CONV}\n  b: {{concat: [input, a]}}\n",
        ),
        (  # two convolutions are not one of them twice
            f"  a: {CONV}\n  b: {{conv: 4, kernel: 3, padding: half, from: input}}\n  c: {{add: [a, b]}}\n",
            f"  a: {CONV}\n  c: {{add: [a, a]}}\n",
        ),
        (  # the same ops, otherwise joined
            "  a: relu\n  b: {tanh: , from: a}\n  c: {add: [b, input]}\n",
            "  a: relu\n  b: {tanh: , from: a}\n  c: {add: [b, a]}\n",
        ),
    ],
)
def test_different_networks_have_different_fingerprints(one: str, other: str) -> None:
    assert mark(one) != mark(other)


CELL = """archspec: 1
input: [4, 8, 8]
blocks:
  conv_1x1: {body: [relu, {conv: $in_channels, kernel: 1, bias: false}, batch_norm]}
  conv_3x3: {body: [relu, {conv: $in_channels, kernel: 3, bias: false, padding: half}, batch_norm]}
  pool_3x3: {body: [{avg_pool: 3, stride: 1, padding: 1}]}
  none: {body: [{scale: 0}]}
  skip_connect: {body: [identity]}
stages:
  e01: {choice: [none, skip_connect, conv_1x1, conv_3x3, pool_3x3]}
  e02: {choice: [none, skip_connect, conv_1x1, conv_3x3, pool_3x3], from: input}
  e12: {choice: [none, skip_connect, conv_1x1, conv_3x3, pool_3x3], from: e01}
  n2: {add: [e02, e12]}
  e03: {choice: [none, skip_connect, conv_1x1, conv_3x3, pool_3x3], from: input}
  e13: {choice: [none, skip_connect, conv_1x1, conv_3x3, pool_3x3], from: e01}
  e23: {choice: [none, skip_connect, conv_1x1, conv_3x3, pool_3x3], from: n2}
  n3: {add: [e03, e13, e23]}
"""


def published(values: dict[str, str]) -> str:
    """NAS-Bench-201's own text for a cell, in which equal cells are equal (its `to_unique_str`)."""
    nodes = {0: "0"}
    for node in (1, 2, 3):
        edges = []
        for source in range(node):
            op = values[f"e{source}{node}"]
            if op == "none" or nodes[source] == "#":
                edges.append("#")
            elif op == "skip_connect":
                edges.append(nodes[source])
            else:
                edges.append(f"({nodes[source]})@{op}")
        nodes[node] = "+".join(sorted(edges))
    return nodes[3]


@pytest.mark.slow
def test_nas_bench_201_has_15625_cells_of_which_6466_are_unique_as_published() -> None:
    """The published count takes what nothing flows into for nothing; see docs/spaces.md for ours."""
    space = archspec.load_space(CELL)
    assert space.space.size == 15_625
    texts: set[str] = set()
    ours: set[str] = set()
    zero: set[str] = set()
    for answers in space.space.all():
        texts.add(published(space.space.values(answers)))
        graph = archspec.child(space, answers).ir
        ours.add(fingerprint(graph))
        zero.add(fingerprint(graph, zero=True))
    assert (len(texts), len(ours), len(zero)) == (6_466, 13_625, 6_334)


def test_the_shipped_cells_have_the_published_size() -> None:
    """All 3 x 3 convolutions: 1.531546 M parameters and 220.12 M MACs; all skips: 0.073306 M."""
    space = archspec.load_space("nas_bench_201")
    assert space.space.size == 15_625
    names = [d.name for d in space.space.decisions]
    cost = archspec.child(space, dict.fromkeys(names, 3)).cost
    assert (cost.params, cost.macs) == (1_531_546, 220_119_680)
    assert archspec.child(space, dict.fromkeys(names, 1)).cost.params == 73_306


def test_the_sizes_of_the_shipped_spaces() -> None:
    sizes = {name: archspec.load_space(name).space.size for name in SPACES}
    assert sizes["controller_convnets"] == 576**15 * 2**105
    assert sizes["mobilenet_space"] == 3 * (9**2 + 9**3 + 9**4) ** 5
    assert sizes["nasnet_cells"] == (13**10 * (2 * 3 * 4 * 5 * 6) ** 2) ** 2
    assert sizes["digits_cells"] == 3 * 2 * (3 + 9) ** 2 * 2
