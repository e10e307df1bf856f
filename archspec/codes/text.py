"""What can be wrong with files and YAML (AS01xx)."""

from __future__ import annotations

from archspec.diagnostics import rule

NOT_YAML = rule(
    "AS0101",
    "not YAML",
    "The text is not well-formed YAML: most often a bracket or a quote is not closed, the space "
    "after a colon is missing, or a line is indented by a tab or by the wrong number of spaces.",
    wrong="archspec: 1\ninput: [3, 8, 8\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
EMPTY = rule(
    "AS0102",
    "an empty file",
    "A spec begins with its version: `archspec: 1`.",
    wrong="# nothing yet\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
TWICE = rule(
    "AS0103",
    "a key written twice",
    "A mapping has each key once; YAML readers silently keep the last.",
    wrong="archspec: 1\ninput: [3, 8, 8]\ninput: [3, 9, 9]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
NO_SUCH_FEATURE = rule(
    "AS0104",
    "a feature of YAML that specs do not have",
    "Specs have no tags, anchors, aliases, merge keys or second documents: blocks and parameters "
    "say the same, and say it visibly.",
    wrong="archspec: 1\ninput: &shape [3, 8, 8]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
TOO_LARGE = rule(
    "AS0105",
    "a file too large",
    "A file has at most 1 MiB, 200,000 values, and 64 levels.",
    wrong="archspec: 1\ninput: " + "[" * 70 + "]" * 70 + "\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
BAD_KEY = rule(
    "AS0106",
    "a key that is no text",
    "Keys are names. A bare `1`, `true` or `null` is a number, a truth value or nothing, and YAML "
    "tools differ in what they make of it as a key; in quotes it is text everywhere. `on`, `no` "
    "and `yes` are text in YAML 1.2.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: {1: relu}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: {a: relu}\n",
)
CONTROL = rule(
    "AS0107",
    "a control character",
    "A spec is text that prints: line ends and tabs aside it has no control characters, neither as "
    "they are nor as escapes in double quotes. A byte order mark may begin it.",
    wrong='archspec: 1\nname: "a\\0b"\ninput: [3, 8, 8]\nstages: [relu]\n',
    right='archspec: 1\nname: "ab"\ninput: [3, 8, 8]\nstages: [relu]\n',
)
CANNOT_READ = rule(
    "AS0110",
    "a file that cannot be read",
    "Specs are regular UTF-8 files of at most 1 MiB; links are not followed out of the project.",
    wrong="archspec: 1\nextends: .\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)
NO_SUCH_FILE = rule(
    "AS0111",
    "no such file",
    "Nothing has this name. Names are relative to where the command runs, and inside a spec "
    "relative to that spec.",
    wrong="archspec: 1\nextends: no_such_file.yaml\n",
    right="archspec: 1\nextends: archspec:resnet50\n",
)
TOO_MUCH = rule(
    "AS0112",
    "too much work",
    "With `--untrusted` a spec is checked in a process of its own, with 10 s of CPU time and 1 GiB of "
    "memory. A network that needs more is checked without the option by whoever trusts it.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\n",
)
TOO_BIG = rule(
    "AS0120",
    "a number too large to be meant",
    "Whole numbers reach to 2**63 and all others to about 1.8e308. Write `.inf` for infinity, and "
    "quote what is text.",
    wrong="archspec: 1\nparams: {n: 99999999999999999999}\ninput: [3, 8, 8]\nstages: [{linear: $n}]\n",
    right="archspec: 1\nparams: {n: 99999}\ninput: [3, 8, 8]\nstages: [{linear: $n}]\n",
)
