"""What can be wrong with search spaces (AS08xx)."""

from __future__ import annotations

from archspec.diagnostics import rule

BAD_CHOICE = rule(
    "AS0801",
    "a choice that offers nothing to choose from",
    "`choice:` takes a list of at least two values, no two alike, or two or more nodes by name; "
    "`range:` takes two numbers, the smaller first. `default:` is one of the options.",
    wrong="archspec: 1\ninput: [3, 8, 8]\n"
    "stages: [{conv: 8, kernel: {choice: [3, 5], default: 7}, padding: half}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\n"
    "stages: [{conv: 8, kernel: {choice: [3, 5], default: 5}, padding: half}]\n",
)
MISPLACED = rule(
    "AS0802",
    "a choice where none can be made",
    "A choice stands where an argument, a node or an input of a node stands, or is the default of a "
    "parameter. A condition, a contract and the shape of the input read parameters: let one of them "
    "be the choice.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{relu: , when: {choice: [true, false]}}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nparams: {act: {choice: [true, false]}}\n"
    "stages: [{relu: , when: $act}]\n",
)
SAME_DECISION = rule(
    "AS0803",
    "two decisions with one name",
    "A decision is called by the path of its module and by what it decides there. Loops that are "
    "spliced into one list have no path of their own: make what they leave open a parameter, or give "
    "the node a name.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages:\n"
    "  - {repeat: {choice: [1, 2]}, inline: true, body: dropout}\n"
    "  - {repeat: {choice: [1, 2]}, inline: true, body: relu}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nparams: {drops: {choice: [1, 2]}, relus: {choice: [1, 2]}}\n"
    "stages:\n"
    "  - {repeat: $drops, inline: true, body: dropout}\n"
    "  - {repeat: $relus, inline: true, body: relu}\n",
)
DEAD_OPTION = rule(
    "AS0804",
    "an option that no child can have",
    "Every option of every decision is tried, and with this one nothing could be built, whatever else "
    "was chosen. The notes say what is wrong with the children.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: 8, kernel: {choice: [3, 9]}}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\n"
    "stages: [{conv: 8, kernel: {choice: [3, 9]}, padding: half}]\n",
)
UNREACHABLE = rule(
    "AS0805",
    "a choice that nobody is ever asked for",
    "No child has the node that the choice stands in: its `when:` is never true, or its block is not "
    "used.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nparams: {k: {choice: [1, 3]}}\nstages:\n"
    "  - {conv: 8, kernel: $k, padding: half}\n"
    "  - {conv: 8, kernel: {choice: [1, 3]}, padding: half, when: $(k > 5)}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nparams: {k: {choice: [1, 3]}}\nstages:\n"
    "  - {conv: 8, kernel: $k, padding: half}\n"
    "  - {conv: 8, kernel: {choice: [1, 3]}, padding: half, when: $(k > 1)}\n",
    severity="warning",
)
TOO_OPEN = rule(
    "AS0806",
    "the space is too large to look at",
    "A space has at most 10,000 decisions, a choice as many options, and at most 20,000 networks are "
    "built to try every option once.",
    wrong="archspec: 1\ninput: [8]\nstages: [{linear: {range: [1, 100000]}}]\n",
    right="archspec: 1\ninput: [8]\nstages: [{linear: {range: [16, 4096], step: 16}}]\n",
)
TANGLED = rule(
    "AS0807",
    "what is decided depends on other decisions in a way that cannot be told",
    "Whether there is a decision may depend on the options of others. Each is tried by itself, and "
    "then many together; here the two do not agree, as with a `when:` that joins several choices by "
    "`or`. Let one choice decide, or let the node stand inside an option.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nparams:\n"
    "  a: {range: [1, 9]}\n  b: {range: [1, 9]}\n  c: {range: [1, 9]}\n"
    "stages:\n"
    "  - {conv: 3, kernel: {choice: [1, 3]}, padding: half, when: $((a * 7 + b * 5 + c) % 3 == 0)}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nparams: {a: {range: [1, 9]}, b: {range: [1, 9]}}\n"
    "stages:\n"
    "  - {conv: 3, kernel: {choice: [1, 3]}, padding: half, when: $(a > 4 and b > 4)}\n",
)
NO_CHILD = rule(
    "AS0808",
    "no child meets the requirements",
    "`require:` says what a child must meet. None of the children that were tried, chosen at random, "
    "does.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nrequire: {params: <= 10}\n"
    "stages: [{conv: {choice: [8, 16]}, kernel: 3}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nrequire: {params: <= 300}\n"
    "stages: [{conv: {choice: [8, 16]}, kernel: 3}]\n",
)
