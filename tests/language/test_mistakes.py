"""Mistakes that could pass for something else: each is an error that says so."""

from __future__ import annotations

import pytest

from .running import load, paths, refused


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("stages: {x: {skip: [{conv: 3, kernel: 3}]}}", "AS0306", "`skip` needs `body`"),
        ("stages: {x: {skip: {conv: {conv: 3, kernel: 1}}}}", "AS0302", "`conv`"),
        ("blocks: {b: {params: {w: int}, skip: [{conv: $w, kernel: 1}]}}\nstages: [{b: 3}]", "AS0306", "body"),
        ("stages: {x: {dense: [relu]}}", "AS0306", "`dense` needs `repeat`"),
        ("stages: {x: {branches: {a: relu, b: tanh}}}", "AS0306", "merge"),
        ("stages: {x: {repeat: 2, bdy: [relu]}}", "AS0302", "it takes body, names, inline, repeat"),
        ("stages: {x: {skip: true, body: [relu]}}", "AS0302", "beside `skip`"),
        ("stages: {c: relu, from: nosuch}", "AS0302", "`from` stands among children"),
        ("stages: {c: relu, when: {conv: 8, kernel: 3}}", "AS0302", "`when` stands among children"),
        ("stages: {x: {branches: {a: relu, from: b}, merge: add}}", "AS0302", "`from` stands among"),
        ("stages: {a: relu, r: tanh, b: {concat: [a, r], from: a}}", "AS0304", "say them once"),
        ("params: {a: 3}\nlet: {a: 4}\nstages: [relu]", "AS0343", "a parameter and a `let`"),
        ("outputs: {class: a}\nstages: {a: relu}", "AS0330", "class_"),
        ("stages: [{for: {a-b: [8, 16]}, body: relu}]", "AS0330", "letters, digits and `_` make one: `a_b`"),
        ("stages: [{upsample: x}]", "AS0305", "a number or a list was expected"),
        ("stages: [{upsample: [x]}]", "AS0305", "`scale` does not take `[x]`: a number was expected"),
        ("stages: [{upsample: null, size: 0}]", "AS0305", "a number greater than 0 was expected"),
        ("stages: [{parameter: [3], init: x}]", "AS0305", "`normal` or `trunc_normal` or a number was"),
        ("params: {a: {any: {b: 3}}}\nstages: [$a]", "AS0305", "an op or a block was expected, got `{b: 3}`"),
        ("stages: [{repeat: [2], body: relu}]", "AS0310", "got `[2]`"),
        ("blocks: {unti: {body: [relu]}}\nstages: {a: {unit: 16, expand: 1}}", "AS0301", "did you mean `unti`?"),
        ("stages: {a: {krenel: 3, conv: 64}}", "AS0302", "did you mean `kernel`?"),
        ("stages: {a: {reshpae: [1, -1]}}", "AS0301", "did you mean `reshape`?"),
        ("stages: {a: {barnches: [relu, tanh], merge: add}}", "AS0302", "did you mean `branches`?"),
        ("stages: {a: {skpi: {body: [relu]}}}", "AS0302", "did you mean `skip`?"),
        ("stages: [{ofr: {n: [1, 2]}, inline: true, body: [relu]}]", "AS0302", "did you mean `for`?"),
        ("stages: {conv: [{conv: 8, kernel: 1}, ~]}", "AS0303", "a node was expected, got nothing"),
        ("blocks: {b: {body: [relu]}, c: {body: {b: b, n: layern_orm}}}\nstages: [c]", "AS0301", "layer_norm"),
        ("blocks: {l: {params: {w: int, kernel: 3}, body: [relu]}}\nparams: {a: 1}\nstages: {a: {l: $a, kenrel: {choice: [1, 3]}}}", "AS0352", "did you mean `kernel`?"),
        ("stages: {a: {body: [relu], outptu: x}}", "AS0302", "did you mean `output`?"),
        ("stages: {a: {body: [relu], output: 0, foo: relu}}", "AS0302", "no argument called `foo`"),
        ("stages: {m: {body: {a: tanh, b: relu, when: false}}}", "AS0302", "`when` stands among children"),
        ("description: 5 $(1)\nstages: [relu]", "AS0305", "`$$` stands for a dollar sign"),
    ],
)  # fmt: skip
def test_is_refused(text: str, code: str, said: str) -> None:
    refused(text, code, said)


@pytest.mark.parametrize(
    "text",
    [
        "blocks: {convs: {params: {n: 2, c: 8}, body: {repeat: $n, body: {conv: $c, kernel: 1}}}}\nstages: {layer: {convs: {convs: 3}, bn: batch_norm}}",
        "blocks: {stem: {params: {act: relu}, body: [$act]}}\nstages: {x: {stem: stem, cat: relu, acts: relu}}",
        "stages: {skips: {after: relu, main: {conv: 8, kernel: 1}}}",
        "stages: {a: {choices: [relu, relu], shared: relu, body: relu}}",
        "stages: {a: {fo: {conv: 8, kernel: 1}, names: relu}}",
        "stages: {a: {dens: {conv: 8, kernel: 1}, names: relu}}",
        "stages: {a: {branche: relu, merge: relu}}",
        "stages: {a: {repeats: {conv: 8, kernel: 1}, names: relu}}",
        "stages: {a: {fork: tanh, body: {c: {conv: 8, kernel: 1}}}}",
        "stages: {a: {fork: {left: [relu, tanh], right: [tanh]}, body: tanh}}",
        "stages: {a: {repeats: relu, body: tanh}}",
        "params: {act: relu}\nblocks: {unit: {params: {width: 8, act: relu}, body: [$act]}}\nstages: {m: {unit: {unit: 8}, acts: $act}}",
        "params: {mode: many, other: in}\nstages: {x: relu}",
        "params: {op: mint}\nblocks: {mint: {body: [relu]}}\nstages: [{$op: }]",
    ],
)
def test_is_no_mistake(text: str) -> None:
    load(text)


def test_children_that_are_called_nearly_as_a_connection_are_children() -> None:
    text = """\
    stages:
      skip1: {body: [relu]}
      ship: {body: {fork: tanh, body: relu}}
      skips: {body: [relu]}
      body: {body: tanh, dense1: relu}
      branch: tanh
      merge: relu
    """
    assert paths(text) == [
        "skip1.0",
        "ship.fork",
        "ship.body",
        "skips.0",
        "body.body",
        "body.dense1",
        "branch",
        "merge",
    ]
