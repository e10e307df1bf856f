"""What can be wrong with contracts and initialisation (AS05xx, AS06xx)."""

from __future__ import annotations

from archspec.diagnostics import rule

BROKEN = rule(
    "AS0501",
    "a contract does not hold",
    "`expect:` states what must hold of the network; the validator counted something else.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: 8, kernel: 1}]\nexpect: {params: 33}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: 8, kernel: 1}]\nexpect: {params: 32}\n",
)
UNKNOWN_CONTRACT = rule(
    "AS0502",
    "unknown contract",
    "`expect:` takes params, macs, output, receptive_field, depth and nodes. A number may have "
    "underscores, a unit (K, M, G, T) and a comparison: `25_557_032`, `<= 4.2G`, `~ 4.09G` (equal "
    "in the digits given).",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\nexpect: {parms: 0}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [relu]\nexpect: {params: 0}\n",
)
NOT_MET = rule(
    "AS0503",
    "a requirement is not met",
    "`require:` says what a child of a search space must meet, in the words of `expect:`. A child that "
    "does not is left out of a search; a spec without open choices is wrong.",
    wrong="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: 8, kernel: 1}]\nrequire: {params: <= 30}\n",
    right="archspec: 1\ninput: [3, 8, 8]\nstages: [{conv: 8, kernel: 1}]\nrequire: {params: <= 40}\n",
)
BAD_INIT = rule(
    "AS0601",
    "wrong initialisation",
    "`init:` takes a name of torch.nn.init without the underscore (`zeros`, `xavier_uniform`), one "
    "with its arguments (`{normal: 0, std: 0.01}`), or one for each weight "
    "(`{weight: ones, bias: zeros}`).",
    wrong="archspec: 1\ninput: [3, 8, 8]\ninit: {conv: kaimin_normal}\n"
    "stages: [{conv: 8, kernel: 1}]\n",
    right="archspec: 1\ninput: [3, 8, 8]\ninit: {conv: kaiming_normal}\n"
    "stages: [{conv: 8, kernel: 1}]\n",
)
