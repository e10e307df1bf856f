"""How nodes are joined: `from:`, `output:`, branches, skips, conditions and outputs."""

from __future__ import annotations

import pytest
import torch

from .running import load, op, paths, refused, shape

CONV = "{conv: 8, kernel: 3, stride: 2, padding: 1}"


# -- from and output ----------------------------------------------------------------------------


def test_from_takes_another_node() -> None:
    model = load("stages:\n  a: relu\n  b: tanh\n  c: {sigmoid: , from: a}").compile()
    x = torch.randn(1, 4, 8, 8)
    assert torch.equal(model(x), torch.sigmoid(torch.relu(x)))


def test_from_the_input() -> None:
    model = load("stages:\n  a: relu\n  b: {add: [a, input]}").compile()
    x = torch.randn(1, 4, 8, 8)
    assert torch.equal(model(x.clone()), torch.relu(x) + x)


def test_from_finds_outward_and_down() -> None:
    text = """
    stages:
      a: {body: {x: relu, y: tanh}}
      b: {body: {p: sigmoid, q: {add: [p, a.x]}}}
    """
    x = torch.randn(1, 4, 8, 8)
    expected = torch.sigmoid(torch.tanh(torch.relu(x))) + torch.relu(x)
    assert torch.equal(load(text).compile()(x), expected)


def test_the_own_scope_goes_first() -> None:
    text = "stages:\n  a: relu\n  b: {body: {a: tanh, c: {sigmoid: , from: a}}}"
    x = torch.randn(1, 4, 8, 8)
    assert torch.equal(load(text).compile()(x), torch.sigmoid(torch.tanh(torch.relu(x))))


def test_a_block_sees_nothing_outside() -> None:
    text = "blocks:\n  b: {body: {c: {sigmoid: , from: a}}}\nstages:\n  a: relu\n  b: b"
    refused(text, "AS0402", "`a`")


@pytest.mark.parametrize("name", ["later", "nothing", "b.x"])
def test_unknown_nodes(name: str) -> None:
    refused(f"stages:\n  b: {{relu: , from: {name}}}\n  later: relu", "AS0402")


def test_output_of_a_sequence() -> None:
    text = "stages:\n  s: {output: a, body: {a: {conv: 2, kernel: 1}, b: {conv: 3, kernel: 1}}}\n  r: relu"
    assert shape(text) == (2, 8, 8)
    assert paths(text) == ["s.a", "s.b", "r"]


def test_named_outputs() -> None:
    net = load("stages:\n  a: {conv: 2, kernel: 1}\n  b: relu\noutputs: {low: a, high: b}")
    assert {k: v.shape for k, v in net.outputs.items()} == {"low": (2, 8, 8), "high": (2, 8, 8)}
    out = net.compile()(torch.randn(1, 4, 8, 8))
    assert out._fields == ("low", "high")
    assert torch.equal(out.high, torch.relu(out.low))


def test_a_list_of_outputs() -> None:
    net = load("stages:\n  a: {body: {x: relu}}\n  b: tanh\noutputs: [a.x, b]")
    assert list(net.outputs) == ["a_x", "b"]


def test_an_unknown_output() -> None:
    refused("stages:\n  a: relu\noutputs: {x: aa}", "AS0402", "did you mean `a`")


@pytest.mark.parametrize(
    "text",
    ["stages: [relu]\noutputs: {}", "stages: [relu]\noutputs: []"]
    + ["stages: {a: {body: [relu], output: []}}"],
)
def test_no_output_at_all(text: str) -> None:
    refused(text, "AS0403")


def test_several_inputs() -> None:
    text = """
    input: {left: [4, 8, 8], right: [4, 8, 8]}
    stages:
      a: {conv: 4, kernel: 1, from: right}
      b: {add: [a, left]}
    """
    net = load(text)
    assert list(net.inputs) == ["left", "right"]
    model = net.compile()
    left, right = torch.randn(2, 1, 4, 8, 8)
    assert torch.equal(model(left, right), model.a(right) + left)


# -- branches -----------------------------------------------------------------------------------


def test_branches() -> None:
    text = """
    stages:
      b:
        branches:
          one: {conv: 2, kernel: 1}
          two: [{conv: 3, kernel: 1}, relu]
        merge: concat
    """
    net = load(text)
    assert shape(net) == (5, 8, 8)
    assert paths(net) == ["b.one", "b.two.0", "b.two.1"]
    model, x = net.compile(), torch.randn(2, 4, 8, 8)
    assert torch.equal(model(x), torch.cat([model.b.one(x), model.b.two(x)], 1))


@pytest.mark.parametrize("merge", ["add", "mul", "maximum"])
def test_merges(merge: str) -> None:
    model = load(f"stages:\n  b: {{branches: {{x: relu, y: tanh}}, merge: {merge}}}").compile()
    x = torch.randn(1, 4, 8, 8)
    fn = getattr(torch, merge)
    assert torch.equal(model(x.clone()), fn(torch.relu(x), torch.tanh(x)))


def test_branches_stay_apart() -> None:
    text = "stages:\n  b: {branches: [relu, tanh], merge: null}\n  c: {concat: [b.0, b.1]}"
    assert shape(text) == (8, 8, 8)


def test_branches_need_a_merge() -> None:
    refused("stages:\n  b: {branches: {x: relu, y: tanh}}", "AS0306", "merge")


def test_branches_of_other_sizes() -> None:
    text = "stages:\n  b: {branches: {x: relu, y: {max_pool: 2}}, merge: concat}"
    refused(text, "AS0401")


def test_a_branch_can_be_left_out() -> None:
    text = (
        "params: {more: true}\nstages:\n"
        "  b: {branches: {x: relu, y: {tanh: , when: $more}}, merge: concat}"
    )
    assert shape(text) == (8, 8, 8)
    assert shape(text, more=False) == (4, 8, 8)


# -- skips --------------------------------------------------------------------------------------


def test_the_identity_where_the_body_keeps_its_input() -> None:
    text = """
    stages:
      s:
        skip:
          body: {conv1: {conv: 4, kernel: 3, padding: half}}
          shortcut: {proj: {conv: $out_channels, kernel: 1}}
    """
    net = load(text)
    assert paths(net) == ["s.conv1"]
    model, x = net.compile(), torch.randn(1, 4, 8, 8)
    assert torch.equal(model(x), model.s.conv1(x) + x)


@pytest.mark.parametrize("width", [4, 8])
def test_a_projection_where_it_does_not(width: int) -> None:
    text = f"""
    stages:
      s:
        skip:
          body: {{conv1: {{conv: {width}, kernel: 3, stride: 2, padding: 1}}}}
          shortcut: {{proj: {{conv: $out_channels, kernel: 1, stride: 2}}}}
          after: relu
    """
    net = load(text)
    assert paths(net) == ["s.conv1", "s.proj"]
    model, x = net.compile(), torch.randn(1, 4, 8, 8)
    assert torch.equal(model(x), torch.relu(model.s.conv1(x) + model.s.proj(x)))


def test_a_stride_counts_even_where_the_size_stays() -> None:
    """On a 1 x 1 image a stride of 2 changes no size; the weights must not depend on it."""
    text = """
    input: [4, {size}, {size}]
    stages:
      s:
        skip:
          body: {{conv1: {{conv: 4, kernel: 3, stride: 2, padding: 1}}}}
          shortcut: {{proj: {{conv: $out_channels, kernel: 1, stride: 2}}}}
    """
    states = [load(text.format(size=size)).state for size in (1, 2, 8)]
    assert states[0] == states[1] == states[2]


def test_no_projection() -> None:
    refused(f"stages:\n  s: {{skip: {{body: {{c: {CONV}}}}}}}", "AS0410", "proj")
    refused(
        f"stages:\n  s: {{skip: {{body: {{c: {CONV}}}, shortcut: identity}}}}", "AS0410", "proj"
    )


def test_a_projection_from_inside_the_body() -> None:
    """Pre-activation: the projection starts after the first normalisation."""
    text = f"""
    stages:
      s:
        skip:
          body: {{norm: batch_norm, c: {CONV}}}
          shortcut: {{from: norm, body: {{proj: {{conv: 8, kernel: 1, stride: 2}}}}}}
    """
    model, x = load(text).compile().eval(), torch.randn(1, 4, 8, 8)
    norm = model.s.norm(x)
    assert torch.equal(model(x), model.s.c(norm) + model.s.proj(norm))


@pytest.mark.parametrize("keep", [True, False])
def test_no_shortcut_at_all(keep: bool) -> None:
    text = """
    params: {keep: true}
    stages:
      s:
        skip:
          body: {c: {conv: 4, kernel: 1}}
          shortcut: {identity: , when: $keep}
    """
    model, x = load(text, keep=keep).compile(), torch.randn(1, 4, 8, 8)
    assert torch.equal(model(x), model.s.c(x) + x if keep else model.s.c(x))


def test_another_merge() -> None:
    text = "stages:\n  s: {skip: {body: {c: {conv: 4, kernel: 1}}, merge: mul}}"
    model, x = load(text).compile(), torch.randn(1, 4, 8, 8)
    assert torch.equal(model(x), model.s.c(x) * x)


def test_a_skip_in_a_skip() -> None:
    text = """
    stages:
      s:
        skip:
          body:
            inner: {skip: {body: {c: {conv: 4, kernel: 1}}}}
    """
    model, x = load(text).compile(), torch.randn(1, 4, 8, 8)
    inner = model.s.inner.c(x) + x
    assert torch.equal(model(x), inner + x)


# -- conditions ---------------------------------------------------------------------------------


def test_when() -> None:
    text = "params: {act: true}\nstages:\n  a: {relu: , when: $act}\n  b: tanh"
    assert paths(text) == ["a", "b"]
    assert paths(text, act=False) == ["b"]


def test_else() -> None:
    text = "params: {act: true}\nstages:\n  a: {relu: , when: $act, else: {tanh: }}"
    assert op(load(text), "a").name == "relu"
    assert op(load(text, act=False), "a").name == "tanh"


def test_else_of_an_else() -> None:
    text = (
        "params: {n: 0}\nstages:\n"
        "  a: {relu: , when: $(n == 0), else: {tanh: , when: $(n == 1), else: sigmoid}}"
    )
    assert [op(load(text, n=n), "a").name for n in range(3)] == ["relu", "tanh", "sigmoid"]


def test_a_list_closes_up_behind_what_is_left_out() -> None:
    assert paths("stages:\n  f: [relu, {tanh: , when: false}, sigmoid]") == ["f.0", "f.1"]


def test_a_name_left_out_stands_for_its_input() -> None:
    text = "stages:\n  a: relu\n  b: {tanh: , when: false}\n  c: relu\n  d: {sigmoid: , from: b}"
    x = torch.randn(1, 4, 8, 8)
    assert torch.equal(load(text).compile()(x), torch.sigmoid(torch.relu(x)))


def test_left_out_with_several_inputs() -> None:
    text = "stages:\n  a: relu\n  b: {add: [a, input], when: false}\n  c: {relu: , from: b}"
    refused(text, "AS0408", "else")


@pytest.mark.parametrize("condition", ["3", "text", "null", "[]", "$(1 + 1)"])
def test_conditions_are_true_or_false(condition: str) -> None:
    refused(f"stages:\n  a: {{relu: , when: {condition}}}", "AS0406")


def test_else_needs_when() -> None:
    refused("stages:\n  a: {relu: , else: tanh}", "AS0306", "when")


# -- heads that run in training alone -----------------------------------------------------------

HEADS = """
stages:
  a: {conv: 6, kernel: 1}
  aux: {train_only: true, body: {pool: global_avg_pool, flat: flatten, fc: {linear: 3}}}
  b: {conv: 8, kernel: 1}
  pool: global_avg_pool
  flatten: flatten
  fc: {linear: 3}
"""


def test_a_head_stands_beside_the_flow() -> None:
    net = load(HEADS)
    assert net.state["b.weight"][0] == (8, 6, 1, 1)
    assert list(net.outputs) == ["fc", "aux"]
    model, x = net.compile(), torch.randn(2, 4, 8, 8)
    out = model(x)
    assert torch.equal(out.aux, model.aux(model.a(x)))
    assert out.fc.shape == (2, 3)


def test_a_head_does_not_run_in_evaluation() -> None:
    model = load(HEADS).compile().eval()
    ran = []
    model.aux.register_forward_hook(lambda *_: ran.append(1))
    out = model(torch.randn(2, 4, 8, 8))
    assert not ran
    assert out.aux is None if isinstance(out, tuple) else out.shape == (2, 3)


def test_without_heads() -> None:
    net = load(HEADS)
    whole, bare = net.compile(seed=0), net.compile(seed=0, train_only=False)
    assert [k for k in whole.state_dict() if not k.startswith("aux.")] == list(bare.state_dict())
    assert "aux" not in net.source(train_only=False)
    x = torch.randn(2, 4, 8, 8)
    out = bare(x)
    assert isinstance(out, torch.Tensor)
    assert torch.equal(out, whole(x).fc)


def test_without_heads_from_a_checkpoint_with_heads() -> None:
    net = load(HEADS)
    state = net.compile(seed=0).state_dict()
    bare = net.compile(train_only=False, weights=state)
    assert torch.equal(bare.fc.weight, state["fc.weight"])


def test_heads_do_not_count_as_output() -> None:
    load(HEADS + "expect: {output: [3]}")


def test_loss_weight() -> None:
    net = load(HEADS.replace("train_only: true", "train_only: true, loss_weight: 0.3"))
    (head,) = (m for m in net.root.walk() if m.path == "aux")
    assert head.loss_weight == 0.3
