"""What can be wrong with the nodes, blocks, files and parameters of a spec (AS03xx)."""

from __future__ import annotations

from archspec.diagnostics import rule

UNKNOWN_OP = rule(
    "AS0301",
    "unknown op or block",
    "A node names an op of the catalogue (`archspec ops` lists them), a block of this file, or an "
    "imported block.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  act: rellu\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  act: relu\n",
)
UNKNOWN_KEY = rule(
    "AS0302",
    "unknown key",
    "Every key has a meaning; one that is not known is an error, so that a typo never passes.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  conv1: {conv: 8, kernel: 3, dilations: 2}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  conv1: {conv: 8, kernel: 3, dilation: 2}\n",
)
NOT_A_NODE = rule(
    "AS0303",
    "a node was expected",
    "A node is a word (`relu`), a mapping with the op or block as a key (`{conv: 64, kernel: 3}`), "
    "a list of nodes, or a mapping of names to nodes.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  conv1: 64\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  conv1: {conv: 64, kernel: 3}\n",
)
TWO_KINDS = rule(
    "AS0304",
    "two keys say what a node is",
    "One key says what a node is. Two ops in one mapping are two nodes: give each its own list item "
    "or name.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  head: {linear: 10, dropout: 0.5}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  head: [{dropout: 0.5}, {linear: 10}]\n",
)
BAD_VALUE = rule(
    "AS0305",
    "a value of the wrong kind",
    "The value does not fit what the key takes.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  conv1: {conv: 8, kernel: three}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  conv1: {conv: 8, kernel: 3}\n",
)
MISSING_KEY = rule(
    "AS0306",
    "a key is missing",
    "The node cannot be understood without this key.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  b: {branches: {x: relu, y: tanh}}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  b: {branches: {x: relu, y: tanh}, merge: concat}\n",
)
BAD_COUNT = rule(
    "AS0310",
    "a loop needs a count or lists",
    "`repeat:` takes a whole number from 0 to 10,000; `for:` takes lists of equal length, at most "
    "10,000 long.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  body: {repeat: 2.5, body: dropout}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  body: {repeat: 2, body: dropout}\n",
)
UNNAMED_COPIES = rule(
    "AS0311",
    "copies spliced into a mapping need names",
    "`inline: true` puts the copies into the enclosing scope. In a mapping every child has a name, "
    "so say `names:`, or write the body as a mapping whose keys hold the index.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  body: {repeat: 2, inline: true, body: dropout}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  body: {repeat: 2, inline: true, names: drop$(i + 1), body: dropout}\n",
)
NOT_A_SPEC = rule(
    "AS0320",
    "not a spec",
    "A spec file is a mapping that says its version: `archspec: 1`.",
    wrong="- conv\n- relu\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
BAD_VERSION = rule(
    "AS0321",
    "unknown format version",
    "This archspec reads version 1 of the format.",
    wrong="archspec: 7\ninput: [3, 8, 8]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
BAD_NAME = rule(
    "AS0330",
    "a name that cannot be a module's",
    "Names are module paths of the compiled model. A name is made of letters, digits, _ and - (or a number, as in a list), and is no word of "
    "Python, and none that torch.nn.Module uses itself (`type`, `train`, `half`, ...).",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n  train: relu\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n  train_: relu\n",
)
SAME_NAME = rule(
    "AS0331",
    "two nodes with one name",
    "A scope has one node of a name. Copies of a loop that are spliced into their scope need "
    "`names:` with the index in it.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  drops: {repeat: 2, inline: true, names: drop, body: dropout}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  drops: {repeat: 2, inline: true, names: drop$(i + 1), body: dropout}\n",
)
NO_SUCH_SPEC = rule(
    "AS0340",
    "no such spec",
    "`archspec:NAME` is a packaged spec or library (`archspec list` shows them); everything else is "
    "a file beside the spec, within the project root.",
    wrong="archspec: 1\nextends: archspec:resnet5000\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)
OUTSIDE_ROOT = rule(
    "AS0341",
    "a file outside the project",
    "A spec reads files inside the project root (the folder of the spec, or the nearest folder above "
    "it with a pyproject.toml or .git) and packaged ones, nothing else.",
    wrong="archspec: 1\nextends: ../../../../../etc/passwd\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)
NO_SUCH_BLOCK = rule(
    "AS0342",
    "the imported file has no such block",
    "`import:` names blocks that the other file declares.",
    wrong="archspec: 1\nimport: {archspec:residual: [botleneck]}\ninput: [3, 8, 8]\nstages: [relu]\n",
    right="archspec: 1\nimport: {archspec:residual: [bottleneck]}\ninput: [3, 8, 8]\n"
    "stages: [{bottleneck: 8}]\n",
)
TWO_BLOCKS = rule(
    "AS0343",
    "two blocks with one name",
    "Equal names are an error, never a silent merge. Import one of them under another name: "
    "`import: {file: {block: other_name}}`.",
    wrong="archspec: 1\nimport: {archspec:residual: [bottleneck]}\ninput: [3, 8, 8]\n"
    "blocks: {bottleneck: {body: [relu]}}\nstages: [bottleneck]\n",
    right="archspec: 1\nimport: {archspec:residual: {bottleneck: residual}}\ninput: [3, 8, 8]\n"
    "blocks: {bottleneck: {body: [relu]}}\nstages: [bottleneck, {residual: 8}]\n",
)
CYCLE = rule(
    "AS0344",
    "files that need each other",
    "A file cannot extend or import itself, directly or through others.",
    wrong="archspec: 1\nextends: archspec:test_cycle\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)
UNKNOWN_PARAM = rule(
    "AS0345",
    "unknown parameter",
    "A parameter can be set where it is declared. In an extending spec a new parameter must be used "
    "by something in that file; otherwise it is taken for a misspelt one.",
    wrong="archspec: 1\nextends: archspec:resnet50\nparams: {layesr: [3, 4, 23, 3]}\n",
    right="archspec: 1\nextends: archspec:resnet50\nparams: {layers: [3, 4, 23, 3]}\n",
)
NO_SUCH_NODE = rule(
    "AS0346",
    "no such node to replace, insert beside or remove",
    "`replace:`, `insert:` and `remove:` name nodes of the extended spec by their path as written "
    "there (blocks are not opened).",
    wrong="archspec: 1\nextends: archspec:resnet50\nreplace: {fcc: {linear: 10}}\n",
    right="archspec: 1\nextends: archspec:resnet50\nreplace: {fc: {linear: 10}}\n",
)
WRONG_TYPE = rule(
    "AS0350",
    "an argument of the wrong type",
    "A parameter takes values of its declared type, or of the type of its default.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {params: {width: int}, body: "
    "[{conv: $width, kernel: 1}]}}\nstages: [{b: wide}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {params: {width: int}, body: "
    "[{conv: $width, kernel: 1}]}}\nstages: [{b: 8}]\n",
)
MISSING_ARGUMENT = rule(
    "AS0351",
    "a parameter without a value",
    "A parameter that is declared by a type has no default: every call gives it.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {params: {width: int}, body: "
    "[{conv: $width, kernel: 1}]}}\nstages: [b]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {params: {width: int}, body: "
    "[{conv: $width, kernel: 1}]}}\nstages: [{b: 8}]\n",
)
NO_PARAMETER = rule(
    "AS0352",
    "no such parameter",
    "A call names parameters that the block declares.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {params: {width: 8}, body: "
    "[{conv: $width, kernel: 1}]}}\nstages: [{b: 8, widht: 2}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nblocks: {b: {params: {width: 8}, body: "
    "[{conv: $width, kernel: 1}]}}\nstages: [{b: 8}]\n",
)
NO_INPUT = rule(
    "AS0360",
    "the input's shape is missing or unclear",
    "`input:` gives the shape without the batch, `[channels, height, width]`: positive numbers, "
    "expressions, or a word for a size left free until run time. Channels are always a number.",
    wrong="archspec: 1\ninput: [3, 0, 8]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, height, width]\nstages: [relu]\n",
)
NO_VALUE = rule(
    "AS0361",
    "a parameter of the spec has no value",
    "A parameter that is declared by a type must be set from outside: `--set width=64`.",
    wrong="archspec: 1\nparams: {width: int}\ninput: [3, 8, 8]\nstages: [{linear: $width}]\n",
    right="archspec: 1\nparams: {width: 64}\ninput: [3, 8, 8]\nstages: [{linear: $width}]\n",
)
NO_SPEC = rule(
    "AS0370",
    "no spec of that name",
    "A spec is named by a path, by the name of a shipped network (`archspec list`), or given as "
    "text.",
    wrong="archspec: 1\nextends: archspec:no_such_network\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)
