"""What can be wrong with expressions (AS02xx)."""

from __future__ import annotations

from archspec.diagnostics import rule

SYNTAX = rule(
    "AS0201",
    "an expression that cannot be read",
    "`$name`, `$name[0]` or `$( ... )` with arithmetic, comparisons, `and`, `or`, `not`, "
    "`a if c else b`, lists, `list[0]`, `list[1:3]`, `[f(x) for x in list]` and a few functions. `$$` is a dollar sign. Inside `{ }` and "
    "`[ ]` a comma ends text in YAML: put an expression that has one in quotes.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 +), kernel: 1}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 + 1), kernel: 1}]\n",
)
UNKNOWN_NAME = rule(
    "AS0202",
    "unknown name in an expression",
    "A name is a parameter, a `let`, a loop's name, `in_channels`, `in_features` or `in_shape`. A "
    "block sees its own and nothing from outside.",
    wrong="archspec: 1\nparams: {width: 8}\ninput: [3, 8, 8]\n"
    "stages: [{conv: $widht, kernel: 1}]\n",
    right="archspec: 1\nparams: {width: 8}\ninput: [3, 8, 8]\n"
    "stages: [{conv: $width, kernel: 1}]\n",
)
WRONG_OPERAND = rule(
    "AS0203",
    "an operation on values that it does not take",
    "Arithmetic and order are for numbers, `+` also joins lists, an index is a whole number in a "
    "list, `in` looks into a list, and a condition is true or false: nothing is converted on its "
    "own. Text is compared by `==`, and joined by writing it side by side: `layer$(i + 1)`.",
    wrong="archspec: 1\nparams: {n: [8]}\ninput: [3, 8, 8]\nstages: [{conv: $(n * 2), kernel: 1}]\n",
    right="archspec: 1\nparams: {n: 8}\ninput: [3, 8, 8]\nstages: [{conv: $(n * 2), kernel: 1}]\n",
)
UNKNOWN_FUNCTION = rule(
    "AS0204",
    "unknown function",
    "The functions are abs, all, any, ceil, float, floor, int, len, log, log2, make_divisible, max, "
    "min, range, round, sqrt and sum.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(root(4)), kernel: 1}]\n",
    right='archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: "$(max(4, 2))", kernel: 1}]\n',
)
OUT_OF_BOUNDS = rule(
    "AS0205",
    "a result out of bounds",
    "Results are finite and within 2**53, an exponent is within 64, and a list has at most 10,000 "
    "items, those of the lists in it included. All expressions of a spec together go through 1,500,000 "
    "items, every copy counted: no spec can fill the memory or compute for hours.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 ** 60), kernel: 1}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(2 ** 4), kernel: 1}]\n",
)
NO_SUCH_ITEM = rule(
    "AS0206",
    "an index past the end of its list",
    "The items of a list of three are 0, 1 and 2, or from its end -1, -2 and -3.",
    wrong="archspec: 1\nparams: {n: [8, 16]}\ninput: [3, 8, 8]\n"
    'stages: [{conv: "$n[2]", kernel: 1}]\n',
    right="archspec: 1\nparams: {n: [8, 16]}\ninput: [3, 8, 8]\n"
    'stages: [{conv: "$n[1]", kernel: 1}]\n',
)
DIVISION = rule(
    "AS0207",
    "a division by zero",
    "`/`, `//` and `%` have no result where the right side is zero.",
    wrong="archspec: 1\nparams: {n: 0}\ninput: [3, 8, 8]\nstages: [{conv: $(8 // n), kernel: 1}]\n",
    right="archspec: 1\nparams: {n: 2}\ninput: [3, 8, 8]\nstages: [{conv: $(8 // n), kernel: 1}]\n",
)
TOO_LONG = rule(
    "AS0208",
    "an expression too long or too deep",
    "An expression has at most 256 characters and 16 levels of brackets, and a text with "
    "expressions in it 1,024 characters. What is longer reads better as a `let:` or two.",
    wrong="archspec: 1\ninput: [3, 8, 8]\n"
    "stages: [{conv: $(" + "(" * 20 + "8" + ")" * 20 + "), kernel: 1}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: $(8), kernel: 1}]\n",
)
