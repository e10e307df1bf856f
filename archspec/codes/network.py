"""What can be wrong with the network that a spec expands to (AS04xx)."""

from __future__ import annotations

from archspec.diagnostics import rule

BAD_SHAPE = rule(
    "AS0401",
    "an op refuses its input",
    "The shapes that flow into an op, or its arguments, do not fit what the op does.",
    wrong="archspec: 1\ninput: [3, 4, 4]\nstages: [{conv: 8, kernel: 7}]\n",
    right="archspec: 1\ninput: [3, 4, 4]\nstages: [{conv: 8, kernel: 7, padding: half}]\n",
)
UNKNOWN_NODE = rule(
    "AS0402",
    "no node of that name",
    "A name in `from:` is found in the own scope first, then outward up to the block; dots go down. "
    "Order is flow: only earlier nodes can be named.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n  b: {add: [a, c]}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n  b: {add: [a, input]}\n",
)
WRONG_INPUTS = rule(
    "AS0403",
    "the wrong number of inputs",
    "An op or block takes a certain number of tensors; `from:` names them.",
    wrong="archspec: 1\ninput: [4, 8, 8]\nstages: [{chunk: 2, dim: 0}, relu]\n",
    right="archspec: 1\ninput: [4, 8, 8]\nstages:\n  halves: {chunk: 2, dim: 0}\n"
    "  act: {relu: , from: halves.0}\n",
)
UNNAMED_WEIGHTS = rule(
    "AS0404",
    "a node with weights has no name",
    "The state_dict of the model has the paths of the spec, and nothing invents a name. A node with "
    "weights stands in a mapping (its key is its name) or in a list (0, 1, 2, ...).",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  b: {skip: {body: {conv: 3, kernel: 1}}}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  b: {skip: {body: {conv1: {conv: 3, kernel: 1}}}}\n",
)
SIZE_DEPENDENT = rule(
    "AS0405",
    "structure that depends on the image size",
    "The same spec has the same weights at every input size, so `when`, loops and the sizes of "
    "weights cannot read `in_shape`. `in_channels` can be read everywhere.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [{relu: , when: '$(in_shape[1] > 4)'}]}}\n"
    "stages: [b]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [{relu: , when: '$(in_channels > 2)'}]}}\n"
    "stages: [b]\n",
)
NOT_A_CONDITION = rule(
    "AS0406",
    "a condition that is neither true nor false",
    "`when:` takes true, false or an expression that gives one of them.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{relu: , when: 3}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{relu: , when: true}]\n",
)
TOO_MANY_NODES = rule(
    "AS0407",
    "the network is too large",
    "A spec may expand to 100,000 nodes by default, with five connections for each; its loops go "
    "round as many times, and nodes may stand 64 deep inside each other. What a spec says of its "
    "size is counted before anything is built. `--max-nodes` raises the limit.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [b]}}\nstages: [b]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {body: [relu]}}\nstages: [b]\n",
)
AMBIGUOUS_OMISSION = rule(
    "AS0408",
    "a left-out node with several inputs",
    "What refers to a node that `when` leaves out gets its input instead. A node with several inputs "
    "has no one input to give: say `else:`.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n"
    "  b: {add: [a, input], when: false}\n  c: {relu: , from: b}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n"
    "  b: {add: [a, input], when: false, else: {identity: , from: a}}\n  c: {relu: , from: b}\n",
)
READS_HEAD = rule(
    "AS0409",
    "the main path reads a head",
    "A node that is `train_only` does not run in evaluation mode, so only nodes that are train_only "
    "themselves can take its output.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n"
    "  h: {dropout: , train_only: true, loss_weight: 1}\n  b: {add: [a, h]}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  a: relu\n"
    "  h: {dropout: , train_only: true, loss_weight: 1}\n  b: {add: [a, input]}\n",
)
NO_PROJECTION = rule(
    "AS0410",
    "the body changes channels or stride and the skip has no projection",
    "A shortcut can be the identity only where the body keeps the number of channels and its total "
    "stride is 1. Elsewhere the skip needs `shortcut:` with a projection, usually a 1x1 convolution "
    "with the body's stride.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  block: {skip: {body: {conv1: {conv: 8, kernel: 1}}}}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  block: {skip: {body: {conv1: {conv: 8, kernel: 1}},"
    " shortcut: {proj: {conv: $out_channels, kernel: 1}}}}\n",
)
TOO_MANY_PARAMS = rule(
    "AS0411",
    "more parameters than anybody has",
    "A network has at most 10^12 parameters and buffer elements: four terabytes in single precision. "
    "More is a width that was multiplied once too often.",
    wrong="archspec: 1\ninput: [10000000]\nstages: [{linear: 10000000}]\n",
    right="archspec: 1\ninput: [10000]\nstages: [{linear: 10000}]\n",
)
