"""Small networks whose compiled form is easily got wrong, against their graph run step by step."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import archspec
from archspec.ops import Operand, Operands

from ...language.running import load, refused, spec
from ...ops.laws import run


def stepwise(model: torch.nn.Module, *inputs: torch.Tensor) -> dict[str, torch.Tensor]:
    """The outputs by name: every op of the graph in turn, nothing overwritten."""
    graph = model.archspec.ir
    values: dict[Any, torch.Tensor] = dict(zip(graph.inputs.values(), inputs, strict=True))
    for node in graph:
        if node.train_only and not model.training:
            continue
        operands = [
            values[value][0] if number in node.op.unbatched_inputs else values[value].clone()
            for number, value in enumerate(node.inputs)
        ]
        own = None
        if node.path and node.applied.module is not None:
            own = model.get_submodule(node.path)
            result = (
                own(*operands)
                if node.applied.invocation is None
                else run(node.applied.invocation, operands, own, node.op.helper_source)
            )
        else:
            if node.path and node.applied.parameter is not None:
                holder, _, name = node.path.rpartition(".")
                own = getattr(model.get_submodule(holder), name)
            result = run(node.applied.expression, operands, own, node.op.helper_source)
        results = result if isinstance(result, tuple | list) else [result]
        if node.op.arity == (0, 0):  # one for all samples
            result = result if node.outputs[0].bare else result[0]
            results = [result.expand(len(inputs[0]), *result.shape)]
        values.update(zip(node.outputs, results, strict=True))
    return {name: values[value] for name, value in graph.outputs.items() if value in values}


NETWORKS = {
    "two expressions for one argument": """
        blocks:
          b: {params: {a: 1.0}, body: {c: {conv: 4, kernel: 1}, s: {scale: $(a + 1)}, u: {scale: $(a * 3)}}}
        stages: [{b: 1.0}, {b: 2.0}]""",
    "a parameter with the name of an attribute of modules": """
        blocks: {b: {params: {training: 1.0}, body: {d: {dropout: 0.5}, m: {scale: $training}}}}
        stages: [{b: 1.0}, {b: 3.0}]""",
    "parameters with names that generated code needs": """
        blocks:
          b:
            params: {lambda: 2.0, self: 3.0, nn: 1.0, F: 2.0, torch: 1.0}
            body: [{scale: $lambda}, {scale: $self}, {scale: $nn}, {scale: $F}, relu, {roll: 1, dims: 1}]
        stages: [{b: 1.0}, {b: 3.0, self: 4.0, F: 7.0}]""",
    "parameters with names that constructors call": """
        blocks:
          b:
            params: {super: 2.0, __class__: 3.0, float: 4.0, max: 5, c: 3}
            body:
              - {scale: $super}
              - {scale: $__class__}
              - {offset: $float}
              - named: {linear: "$(max(c, 2))"}
              - {threshold: $max, value: -.inf}
              - relu
        stages: [{b: 1.0}, {b: 5.0, __class__: 4.0, float: 7.0, max: 6, c: 1}]""",
    "classes with names that are words of Python": """
        blocks: {none: {body: [relu, tanh]}}
        stages: {a: none, "true": {body: {x: relu, none: {skip: {body: tanh}}}}, b: none}""",
    "an input that is an output": """
        stages: {c: {conv: 4, kernel: 1}}
        outputs: {x: input, y: c}""",
    "a first node that is skipped and an output": """
        stages: {a: {relu: , when: false}, c: {conv: 4, kernel: 1}}
        outputs: {x: a, y: c}""",
    "nodes that nothing reads": """
        stages:
          a: {conv: 4, kernel: 1}
          dead: {skip: {body: {c: {conv: 4, kernel: 1}}}}
          list: [{conv: 4, kernel: 1}, relu]
          b: {conv: 4, kernel: 1, from: a}""",
    "blocks with nothing in them": """
        blocks: {b: {body: [{relu: , when: false}]}}
        stages: {b: b, l: [{relu: , when: false}], m: {repeat: 0, body: relu}, c: {conv: 4, kernel: 1}}""",
    "a head that reads a head": """
        stages:
          c: {conv: 4, kernel: 1}
          h: {conv: 4, kernel: 1, train_only: true}
          h2: {conv: 4, kernel: 1, train_only: true, from: h}
          b: {conv: 4, kernel: 1}""",
    "a head in a block that reads an outer value": """
        stages:
          a: {conv: 4, kernel: 1}
          b: tanh
          blk: {head: {conv: 5, kernel: 1, train_only: true, from: a}, c: {conv: 6, kernel: 1, from: b}}
        outputs: {main: blk, h: blk.head}""",
    "a head of which no output is listed": """
        stages:
          a: {conv: 4, kernel: 1}
          aux: {train_only: true, body: {c: {conv: 4, kernel: 1}}}
          b: relu
        outputs: b""",
    "a head in a head": """
        stages:
          a: {conv: 4, kernel: 1}
          h:
            train_only: true
            body: {c: {conv: 3, kernel: 1}, inner: {conv: 2, kernel: 1, train_only: true}, e: {conv: 5, kernel: 1}}
          r: {relu: , from: a}
        outputs: {r: r, h: h, i: h.inner}""",
    "heads in a list": """
        stages: [{conv: 4, kernel: 1}, {conv: 5, kernel: 1, train_only: true}, {conv: 6, kernel: 1}]""",
    "a head with the name of the output": """
        stages:
          a_1: {conv: 4, kernel: 1, train_only: true}
          a: [{conv: 4, kernel: 1}, {conv: 6, kernel: 1}]""",
    "a sum of whole numbers and floats": """
        stages:
          f: {scale: 1.5}
          i: {arange: 8}
          v: {branches: {a: {neg: , from: i}, b: {scale: 2.0, from: f}}, merge: {add: , broadcast: true}}""",
    "a node that is called as torch is": """
        blocks:
          b:
            inputs: [p, q]
            body: {s: {add: [p, q]}, t: relu, r: {roll: 1, dims: 1}, u: {scale: 2}}
        stages: {torch: {conv: 4, kernel: 1}, F: {conv: 4, kernel: 1}, k: {b: , from: [torch, F]}}""",
    "a loop inline that starts elsewhere": """
        stages:
          - {conv: 4, kernel: 1}
          - {repeat: 2, inline: true, from: input, body: [{conv: 4, kernel: 1}, relu]}""",
    "branches by a loop": """
        stages:
          pyramid:
            branches:
              - {for: {rate: [1, 2, 3]}, inline: true, body: {conv: 4, kernel: 3, padding: $rate, dilation: $rate}}
              - {conv: 4, kernel: 1}
            merge: concat""",
    "tensors of the model with and without a batch": """
        stages:
          token: {parameter: [1, 8, 8], init: normal}
          joined: {concat: [token, input]}
          position: {parameter: [5, 8, 8], batch: false, init: normal}
          sum: {add: [joined, position]}
          twice: {mul: [position, position]}
          both: {add: [twice, sum]}
          mlp: {body: [{linear: 8}, relu], from: position}
          flat: [{reshape: [5, 64], from: position}, relu, {unflatten: [8, 8], dim: 1}]
          grown: {exp: , from: token}
          out: {add: [both, mlp, flat, grown], broadcast: true}""",
    "a table that is looked up, and a weight that is computed": """
        stages:
          table: {parameter: [3, 8], batch: false, init: normal}
          index: {constant: "$([[n % 3, (n + k) % 3] for n in range(4)])", batch: false}
          rows: {take: [table, index]}
          mean: {mean: [1, 2]}
          rows_: {reshape: [4, 1, 1]}
          gated: {mul: [input, rows_], broadcast: true}
          weight: {parameter: [8, 8], init: normal}
          bias: {parameter: [8], batch: false, init: normal}
          scaled: {scale: 2, from: bias}
          tied: {linear_with: [gated, weight, scaled]}
          again: {linear_with: [tied, weight]}
        params: {k: 1}""",
    "a tensor of the model in blocks, loops and sequences": """
        blocks:
          scaled:
            params: {init: 1.0}
            body: {gamma: {parameter: [4, 1, 1], init: $init}, out: {mul: [input, gamma], broadcast: true}}
          gate: {inputs: [image, gate], body: [{mul: [image, gate], broadcast: true}, tanh]}
        stages:
          g: {parameter: [4, 8, 8], batch: false, init: normal}
          first: {gate: , from: [input, g]}
          second: {gate: , from: [first, first]}
          third: {gate: , from: [g, second]}
          layers: {repeat: 3, body: {scaled: $(i + 0.5)}}""",
    "two inputs whose channels differ, in either order": """
        blocks:
          b:
            inputs: [x, before]
            params: {width: 4}
            body:
              p: {conv: $width, kernel: 1, from: before}
              c: {conv: $width, kernel: 1, from: x}
              s: {concat: [p, c]}
        stages:
          a: {conv: 6, kernel: 1}
          one: {b: , from: [a, input]}
          two: {b: 5, from: [one, a]}
          three: {b: , from: [two, one]}""",
    "a merge with a condition": """
        stages:
          a: {branches: {p: relu, q: tanh}, merge: {add: , when: false, else: mul}}
          b: {skip: {body: {c: {conv: 4, kernel: 1}}, merge: {mul: , when: false}}}""",
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("training", [True, False])
def test_against_the_graph_step_by_step(name: str, training: bool) -> None:
    model = archspec.compile(spec(NETWORKS[name], "[4, 8, 8]" if "whole" not in name else "[8]"))
    (given,) = model.archspec.inputs.values()
    x = torch.randn(2, *given.shape)
    kept = x.clone()
    model.train(training)
    torch.manual_seed(0)
    result = model(x)
    torch.manual_seed(0)
    expected = stepwise(model, x)
    assert torch.equal(x, kept)
    if isinstance(result, torch.Tensor):
        result = {next(iter(expected)): result}
    else:
        result = {k: v for k, v in result._asdict().items() if v is not None}
    assert list(result) == list(expected)
    for output, value in result.items():
        assert torch.equal(value, expected[output]), output


def test_lists_of_equal_numbers_of_different_types() -> None:
    text = "stages: {{a: {{constant: {}, batch: false}}, m: {{mul: [input, a]}}}}"
    whole = archspec.compile(spec(text.format("[1, 2]"), "[2]"))
    broken = archspec.compile(spec(text.format("[1.0, 2.0]"), "[2]"))
    assert whole.a.dtype == torch.int64
    assert broken.a.dtype == torch.float32


PASSED = """
params: {h: {conv: 5, kernel: 1}, off: {relu: , when: false}}
stages:
  c: {conv: 4, kernel: 1}
  aux: {$h: , train_only: true, loss_weight: 0.3, init: {bias: ones}}
  off: $off
  d: {conv: 6, kernel: 1}
"""


def test_a_node_that_was_passed_and_what_its_place_says() -> None:
    network = load(PASSED)
    assert list(network.outputs) == ["d", "aux"]
    (aux,) = (m for m in network.root.children if m.name == "aux")
    assert aux.train_only and aux.loss_weight == 0.3
    assert torch.equal(network.compile().aux.bias, torch.ones(5))
    assert "off" not in [m.name for m in network.root.children]
    assert "aux" not in dict(network.compile(train_only=False).named_modules())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("blocks: {u: {params: {w: 4}, body: {c: {conv: $w, kernel: 1}}}}\n"
         "stages: {s: {skip: {body: {u: 4}, after: {u: 4}}}}", "AS0331"),
        ("stages:\n  a: {conv: 4, kernel: 1}\n  h: {conv: 4, kernel: 1, train_only: true}\n"
         "  r: {add: [a, h]}", "AS0409"),
        ("stages: {b: {branches: {p: relu, q: {relu: , train_only: true}}, merge: add}}", "AS0409"),
        ("stages: [{repeat: 2, inline: true, train_only: true, body: relu}]", "AS0305"),
        ("stages: {s: {skip: {body: {body: [relu], train_only: true}}}}", "AS0305"),
        ("blocks: {u: {body: [relu]}}\nstages: {a: {u: , init: zeros}}", "AS0305"),
        ("input: {torch: [3, 4, 4]}\nstages: [relu]", "AS0330"),
        ("input: {lambda: [3, 4, 4]}\nstages: [relu]", "AS0330"),
        ("stages: {a: relu}\noutputs: {class: a}", "AS0330"),
        ("stages: {a: relu}\noutputs: {_a: a}", "AS0330"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, code: str) -> None:
    refused(text, code)


def test_operands_are_data() -> None:
    assert Operand(0) == Operand(0) and Operands() == Operands()
