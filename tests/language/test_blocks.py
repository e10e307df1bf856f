"""Blocks, parameters, derived values, defaults and free sizes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import archspec

from .running import load, op, paths, refused, shape, spec

# -- blocks -------------------------------------------------------------------------------------

BLOCK = """
blocks:
  unit:
    params: {width: int, act: relu}
    body: {conv: {conv: $width, kernel: 1}, act: $act}
stages:
"""


def test_the_key_gives_the_first_parameter() -> None:
    assert shape(BLOCK + "  a: {unit: 6}") == (6, 8, 8)
    assert shape(BLOCK + "  a: {unit: , width: 6}") == (6, 8, 8)


def test_defaults_of_parameters() -> None:
    assert op(load(BLOCK + "  a: {unit: 6}"), "a.act").name == "relu"


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("tanh", nn.Tanh),
        ("{leaky_relu: 0.1}", nn.LeakyReLU),
        ("{relu: }", nn.ReLU),
        ("batch_norm", nn.BatchNorm2d),
    ],
)
def test_a_block_takes_an_op(act: str, kind: type[nn.Module]) -> None:
    model = load(BLOCK + f"  a: {{unit: 6, act: {act}}}").compile()
    assert type(model.a.act) is kind


def test_the_arguments_of_a_given_op() -> None:
    net = load(BLOCK + "  a: {unit: 6, act: {leaky_relu: 0.3}}")
    assert op(net, "a.act").negative_slope == 0.3


def test_a_block_takes_a_block() -> None:
    text = """
    blocks:
      narrow: {params: {width: int}, body: {conv: {conv: $width, kernel: 1}}}
      wide: {params: {width: int}, body: {conv: {conv: $(width * 2), kernel: 1}}}
      stage:
        params: {block: node, width: int}
        body: {repeat: 2, body: {$block: $width}}
    stages:
      a: {stage: narrow, width: 3}
      b: {stage: wide, width: 3}
    """
    net = load(text)
    assert paths(net) == ["a.0.conv", "a.1.conv", "b.0.conv", "b.1.conv"]
    assert shape(net) == (6, 8, 8)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{repeat: $depth, body: {$block: 4}}", ["a.0.conv", "a.1.conv"]),
        ("{repeat: $depth, names: l$i, body: {narrow: 4}}", ["a.l0.conv", "a.l1.conv"]),
        ("{$block: 4}", ["a.0.conv"]),
        ("{narrow: $depth}", ["a.0.conv"]),
        ("{narrow: {conv: 4, kernel: 1}}", ["a.narrow"]),
        ("{dense: {narrow: 4}, repeat: 2, names: l$i}", ["a.l0.conv", "a.l1.conv"]),
        ("[{conv: 4, kernel: 1}]", ["a.0"]),
    ],
)
def test_what_a_body_holds(body: str, expected: list[str]) -> None:
    text = f"""
    blocks:
      narrow: {{params: {{width: int}}, body: {{conv: {{conv: $width, kernel: 1}}}}}}
      stage:
        params: {{block: narrow, depth: 2}}
        body: {body}
    stages: {{a: stage}}
    """
    assert [path for path in paths(load(text)) if path] == expected


def test_branches_without_merge_are_no_children() -> None:
    refused("blocks: {b: {body: {branches: {a: relu, b: relu}}}}\nstages: [b]", "AS0306", "merge")


def test_a_parameter_of_the_spec_names_a_block() -> None:
    text = """
    params: {block: narrow}
    blocks:
      narrow: {params: {width: int}, body: {conv: {conv: $width, kernel: 1}}}
      wide: {params: {width: int}, body: {conv: {conv: $(width * 2), kernel: 1}}}
    stages:
      a: {$block: 3}
    """
    assert shape(text) == (3, 8, 8)
    assert shape(text, block="wide") == (6, 8, 8)
    refused(text, "AS0305", "wyde", block="wyde")


def test_a_block_of_several_inputs() -> None:
    text = """
    blocks:
      join: {inputs: [low, high], body: {up: {upsample: 2, from: high}, out: {concat: [low, up]}}}
    stages:
      a: {conv: 2, kernel: 1}
      b: {max_pool: 2}
      c: {join: , from: [a, b]}
    """
    assert shape(text) == (4, 8, 8)
    refused(text.replace("from: [a, b]", "from: a"), "AS0403")


def test_arguments_of_the_wrong_type() -> None:
    refused(BLOCK + "  a: {unit: wide}", "AS0350", "whole number")
    refused(BLOCK + "  a: {unit: true}", "AS0350")
    refused(BLOCK + "  a: {unit: 2.5}", "AS0350")


def test_missing_and_unknown_arguments() -> None:
    refused(BLOCK + "  a: unit", "AS0351", "width")
    refused(BLOCK + "  a: {unit: 6, with: 3}", "AS0352", "width")


def test_a_block_in_itself() -> None:
    refused("blocks: {b: {body: [b]}}\nstages: [b]", "AS0407", "itself")


def test_unknown_blocks() -> None:
    refused(BLOCK + "  a: {unti: 6}", "AS0301", "unit")


def test_let() -> None:
    text = """
    blocks:
      b:
        params: {factor: 2}
        let: {inner: $(in_channels * factor), twice: $(inner * 2)}
        body: {a: {conv: $inner, kernel: 1}, b: {conv: $twice, kernel: 1}}
    stages:
      a: {b: 3}
    """
    net = load(text)
    assert [op(net, p).out_channels for p in ("a.a", "a.b")] == [12, 24]


def test_let_of_the_spec() -> None:
    text = "params: {w: 3}\nlet: {twice: $(w * 2), more: $(twice + 1)}\nstages: [{conv: $more, kernel: 1}]"
    assert shape(text) == (7, 8, 8)
    assert shape(text, w=5) == (11, 8, 8)


def test_a_block_does_not_see_parameters_of_the_spec() -> None:
    text = "params: {w: 3}\nblocks: {b: {body: [{conv: $w, kernel: 1}]}}\nstages: [b]"
    refused(text, "AS0202", "w")


# -- parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("default", "good", "bad"),
    [
        ("3", 4, "x"),
        ("0.5", 1, "x"),
        ("true", False, 1),
        ("[1, 2]", [3], 3),
        ("text", "other", 3),
        ("int", 4, 4.5),
        ("bool", True, 0),
        ("list", (1,), 1),
    ],
)
def test_the_type_of_a_parameter(default: str, good: Any, bad: Any) -> None:
    text = f"params: {{p: {default}}}\nstages: [relu]"
    assert load(text, p=good).params["p"] == (tuple(good) if isinstance(good, list) else good)
    refused(text, "AS0350", p=bad)


def test_a_parameter_that_must_be_given() -> None:
    text = "params: {w: int}\nstages: [{conv: $w, kernel: 1}]"
    refused(text, "AS0361", "w")
    assert shape(text, w=5) == (5, 8, 8)


def test_an_unknown_parameter() -> None:
    refused("params: {width: 3}\nstages: [relu]", "AS0345", "width", widht=3)


def test_a_parameter_from_others() -> None:
    text = "params: {a: 2, b: $(a * 3)}\nstages: [{conv: $b, kernel: 1}]"
    assert shape(text) == (6, 8, 8)
    assert shape(text, a=1) == (3, 8, 8)
    assert shape(text, b=1) == (1, 8, 8)


# -- defaults -----------------------------------------------------------------------------------


def test_defaults_of_the_file() -> None:
    net = load(
        "defaults: {conv: {kernel: 3, padding: half, bias: false}}\n"
        "stages:\n  a: {conv: 5}\n  b: {conv: 5, kernel: 1, bias: true}"
    )
    assert op(net, "a").kernel == (3, 3) and op(net, "b").kernel == (1, 1)
    assert list(net.state) == ["a.weight", "b.weight", "b.bias"]


def test_defaults_of_a_block_go_over_those_of_the_file() -> None:
    net = load(
        "defaults: {conv: {kernel: 3, padding: half}}\n"
        "blocks: {b: {defaults: {conv: {kernel: 5}}, body: {c: {conv: 4}}}}\n"
        "stages:\n  a: {conv: 4}\n  b: b"
    )
    assert op(net, "b.c").kernel == (5, 5) and op(net, "a").kernel == (3, 3)


def test_defaults_of_a_block_read_its_parameters() -> None:
    net = load(
        "blocks: {b: {params: {k: 3}, defaults: {conv: {kernel: $k, padding: half}}, body: {c: {conv: 4}}}}\n"
        "stages:\n  a: b\n  b: {b: 7}"
    )
    assert op(net, "a.c").kernel == (3, 3) and op(net, "b.c").kernel == (7, 7)


def test_defaults_for_a_block() -> None:
    text = "defaults: {unit: {act: tanh}}\n" + BLOCK + "  a: {unit: 6}\n  b: {unit: 6, act: relu}"
    net = load(text)
    assert [op(net, f"{p}.act").name for p in "ab"] == ["tanh", "relu"]


@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
def test_half_padding_keeps_the_size(kernel: int) -> None:
    assert shape(f"stages: [{{conv: 4, kernel: {kernel}, padding: half}}]") == (4, 8, 8)


@pytest.mark.parametrize("kernel", [2, 3, 4, 5])
def test_half_padding_is_half_the_kernel(kernel: int) -> None:
    """Rounded down, as the papers' code has it: an even kernel adds one."""
    text = "stages: [{conv: 4, kernel: %d, dilation: 1, padding: %s}]"
    assert shape(text % (kernel, "half")) == shape(text % (kernel, kernel // 2))


def test_half_padding_by_axis() -> None:
    assert shape("stages: [{conv: 4, kernel: [1, 7], padding: half}]") == (4, 8, 8)


def test_unknown_defaults() -> None:
    refused("defaults: {conv: {kernle: 3}}\nstages: [relu]", "AS0302", "kernel")
    refused("defaults: {covn: {kernel: 3}}\nstages: [relu]", "AS0301", "conv")


# -- free sizes ---------------------------------------------------------------------------------

FREE = """
input: [3, height, width]
stages:
  a: {conv: 8, kernel: 3, stride: 2, padding: 1}
  b: {max_pool: 2}
"""


def test_free_sizes() -> None:
    net = load(FREE)
    channels, height, width = shape(net)
    assert channels == 8
    assert "height" in str(height) and "width" in str(width)
    for size in ((16, 16), (17, 33), (224, 100)):
        known = shape(FREE.replace("height, width", f"{size[0]}, {size[1]}"))
        out = net.compile()(torch.zeros(1, 3, *size))
        assert tuple(out.shape[1:]) == known


def test_free_sizes_have_the_same_weights() -> None:
    assert load(FREE).state == load(FREE.replace("height, width", "32, 32")).state


def test_free_sizes_pool_to_a_known_one() -> None:
    text = FREE + "  c: global_avg_pool\n  d: flatten\n  e: {linear: 5}"
    assert shape(text) == (5,)


def test_a_weight_cannot_depend_on_a_free_size() -> None:
    refused(FREE + "  d: flatten\n  e: {linear: 5}", "AS0401")


def test_channels_are_known() -> None:
    refused("input: [channels, 8, 8]\nstages: [relu]", "AS0360", "channels")


@pytest.mark.parametrize(
    "input", ["[3, 0, 8]", "[]", "3", "[3, -1, 8]", "[3, 2.5, 8]", "[3, true, 8]"]
)
def test_bad_inputs(input: str) -> None:
    refused(f"input: {input}\nstages: [relu]", "AS0360")


# -- tensors ------------------------------------------------------------------------------------


def test_a_parameter_of_the_network() -> None:
    net = load(
        "stages:\n  c: {conv: 4, kernel: 1}\n  scale: {parameter: [4, 1, 1], init: 0.5}\n"
        "  out: {mul: [c, scale]}"
    )
    assert list(net.state) == ["scale", "c.weight", "c.bias"]
    assert net.cost.params == 4 * 4 + 4 + 4
    model, x = net.compile(), torch.randn(2, 4, 8, 8)
    assert isinstance(model.scale, nn.Parameter)
    assert torch.equal(model.scale, torch.full((1, 4, 1, 1), 0.5))
    assert torch.equal(model(x), model.c(x) * 0.5)


def test_the_state_is_in_the_order_of_torch() -> None:
    for text in (
        "stages:\n  c: {conv: 4, kernel: 1}\n  s: {parameter: [4, 1, 1]}\n  o: {mul: [c, s]}",
        "stages:\n  c: {conv: 4, kernel: 1}\n  s: {buffer: [4, 1, 1]}\n  n: {batch_norm: , from: c}\n  o: {mul: [n, s]}",
    ):
        net = load(text)
        assert list(net.state) == list(net.compile().state_dict())


def test_registration_in_another_order_than_that_of_flow() -> None:
    text = """
        blocks:
          b: {register: [n, c], body: {c: {conv: 4, kernel: 1}, a: relu, d: {conv: 4, kernel: 1}, n: batch_norm}}
        stages: {b1: b, b2: {register: [q], body: {p: {conv: 4, kernel: 1}, q: {conv: 4, kernel: 1}}}}
    """
    net = load(text)
    assert [k.rpartition(".")[0] for k in net.state if k.endswith("weight")] == [
        "b1.n", "b1.c", "b1.d", "b2.q", "b2.p",
    ]  # fmt: skip
    model = net.compile()
    assert list(net.state) == list(model.state_dict())
    x = torch.randn(2, 4, 8, 8)
    b = model.eval().b1
    assert torch.equal(b(x), b.n(b.d(b.c(x).relu())))
    again = archspec.load(net.resolved())
    assert list(again.state) == list(net.state)


def test_only_children_are_registered() -> None:
    body = "body: {p: {conv: 4, kernel: 1}}"
    refused(f"stages: {{b: {{register: [q], {body}}}}}", "AS0402", "q")
    refused(f"stages: {{b: {{register: [p.q], {body}}}}}", "AS0305", "names of children")


def test_a_type_with_a_default() -> None:
    text = """
        blocks: {b: {params: {k: {any: 1}, w: {number: 4}}, body: {c: {conv: $w, kernel: $k, padding: half}}}}
        stages: [b, {b: [1, 3]}]
    """
    assert [op(load(text), f"{n}.c").kernel for n in (0, 1)] == [(1, 1), (1, 3)]
    refused(text.replace("{b: [1, 3]}", "{b: 3, w: relu}"), "AS0350", "a number")


@pytest.mark.parametrize("init", ["zeros", "ones", "normal", "trunc_normal", "2.5"])
def test_initial_parameters(init: str) -> None:
    text = f"stages:\n  s: {{parameter: [4, 8, 8], init: {init}}}\n  o: {{add: [input, s]}}"
    model = load(text).compile(seed=0)
    if "normal" in init:
        assert abs(model.s.std().item() - 1) < 0.2
    else:
        value = {"zeros": 0.0, "ones": 1.0}.get(init, 2.5)
        assert torch.equal(model.s, torch.full((1, 4, 8, 8), value))
    again = load(text).compile(seed=0)
    assert torch.equal(model.s, again.s)


def test_a_random_parameter_has_its_own_stream() -> None:
    text = "stages:\n  s: {parameter: [4, 8, 8], init: normal, std: 0.1}\n  o: {add: [input, s]}"
    before = torch.get_rng_state()
    model = load(text).compile(seed=0)
    assert torch.equal(torch.get_rng_state(), before)
    assert abs(model.s.std().item() - 0.1) < 0.02
    more = text.replace("stages:", "stages:\n  r: {parameter: [4, 8, 8], init: normal}")
    assert torch.equal(load(more).compile(seed=0).s, model.s)


def test_a_parameter_stored_without_a_batch() -> None:
    text = "stages:\n  s: {parameter: [4, 1, 1], batch: false}\n  o: {mul: [input, s]}"
    assert load(text).state == {"s": ((4, 1, 1), "float32")}
    refused("stages:\n  s: {parameter: [4, 1, 1]}", "AS0403", "the same for all samples")


# -- the image size -----------------------------------------------------------------------------


def test_what_has_no_weights_may_depend_on_the_image_size() -> None:
    text = """
        stages:
          even: {pad: [0, 1, 0, 0], when: "$(in_shape[2] % 2 == 1)"}
          quarters: {reshape: [-1, 2]}
    """
    assert paths(load(text, "[4, 8, 7]")) == ["even", "quarters"]
    assert paths(load(text, "[4, 8, 8]")) == ["quarters"]


@pytest.mark.parametrize(
    "node",
    [
        "c: {conv: 4, kernel: 1, when: $C}",
        "a: {relu: , when: $C, else: {conv: 4, kernel: 1}}",
        "b: {body: [relu, batch_norm], when: $C}",
        "b: {constant: [[[1.0]]], when: $C}",
        "l: [{relu: , when: $C}, {conv: 4, kernel: 1}]",  # the convolution would be l.0 or l.1
    ],
)
def test_what_has_weights_may_not(node: str) -> None:
    refused(f"stages: {{{node}}}".replace("$C", '"$(in_shape[1] > 6)"'), "AS0405")


# -- contracts ----------------------------------------------------------------------------------

CONTRACT = "stages: [{conv: 8, kernel: 1}]\nexpect: {%s}"


@pytest.mark.parametrize(
    "expect",
    [
        "params: 40",
        "params: 4_0",
        "params: <= 40",
        "params: '< 41'",
        "params: '>= 40'",
        "params: ~ 0.04K",
        "macs: 2_048",
        "macs: ~ 2.0K",
        "macs: < 2.1K",
        "output: [8, 8, 8]",
        "depth: 1",
        "receptive_field: 1",
        "nodes: 1",
    ],
)
def test_what_holds(expect: str) -> None:
    load(CONTRACT % expect)


@pytest.mark.parametrize(
    "expect",
    ["params: 41", "params: '> 40'", "macs: ~ 2.1K", "output: [8, 8, 9]", "depth: 2", "nodes: < 1"],
)
def test_what_does_not_hold(expect: str) -> None:
    refused(CONTRACT % expect, "AS0501")


@pytest.mark.parametrize(
    "expect",
    ["parms: 40", "params: many", "params: true", "params: 40 K 2"]
    + ["output: true", "output: null", "output: [8, 8, 1.5]", "output: {c: 8}"],
)
def test_contracts_that_say_nothing(expect: str) -> None:
    refused(CONTRACT % expect, "AS0502")


def test_the_output_of_a_network_that_has_none_when_it_evaluates() -> None:
    text = (
        "stages: {a: relu, h: {relu: , train_only: true}}\noutputs: {h: h}\nexpect: {output: [4]}"
    )
    refused(text, "AS0501")


def test_every_broken_contract_is_reported() -> None:
    found = archspec.validate(spec(CONTRACT % "params: 1, macs: 1, depth: 7"))
    assert [d.code for d in found] == ["AS0501"] * 3


def test_a_contract_of_other_parameters() -> None:
    text = (
        "params: {w: 8}\nstages: [{conv: $w, kernel: 1}]\nexpect: {params: 40, output: [$w, 8, 8]}"
    )
    load(text)
    load(text, w=3)
    refused(text.replace("[$w, 8, 8]", "[$w, 8, 9]"), "AS0501", w=3)
