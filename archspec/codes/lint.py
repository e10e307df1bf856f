"""What can be better in a network that works (AS07xx): warnings, each of which can be ignored.

The optional ones are looked for where somebody selects them.
"""

from __future__ import annotations

from archspec.diagnostics import Rule, rule


def _lint(
    code: str, title: str, explanation: str, *, wrong: str, right: str, optional: bool = False
) -> Rule:
    head = "archspec: 1\n"
    return rule(
        code,
        title,
        explanation,
        wrong=head + wrong,
        right=head + right,
        severity="warning",
        optional=optional,
    )


_IMAGE = "input: [3, 32, 32]\n"

# -- as written -----------------------------------------------------------------------------

DEAD_NODE = _lint(
    "AS0701",
    "a dead node",
    "Nothing takes the node's output, and it is no output of the network: it costs time and memory, "
    "and its weights never learn.",
    wrong=_IMAGE + "stages:\n  stem: {conv: 8, kernel: 3}\n  lost: {conv: 8, kernel: 3}\n"
    "  act: {relu: null, from: stem}\n",
    right=_IMAGE + "stages:\n  stem: {conv: 8, kernel: 3}\n  act: relu\n",
)
UNUSED_BLOCK = _lint(
    "AS0702",
    "an unused block",
    "The network declares a block that no stage uses. A file without `stages` is a library, where "
    "this is not said.",
    wrong=_IMAGE + "blocks:\n  unit: {body: [relu]}\nstages: [{conv: 8, kernel: 3}]\n",
    right=_IMAGE + "blocks:\n  unit: {body: [{conv: 8, kernel: 3}, relu]}\nstages: [unit]\n",
)
UNUSED_PARAM = _lint(
    "AS0703",
    "an unused parameter",
    "No expression reads the parameter, so setting it changes nothing. Blocks see their own "
    "parameters alone; a parameter of the spec is handed to a block as an argument.",
    wrong=_IMAGE + "params: {width: 8}\nstages: [{conv: 16, kernel: 3}]\n",
    right=_IMAGE + "params: {width: 8}\nstages: [{conv: $width, kernel: 3}]\n",
)
UNUSED_LET = _lint(
    "AS0704",
    "an unused name",
    "No expression reads the name that `let` declares.",
    wrong=_IMAGE + "let: {width: $(2 * 8)}\nstages: [{conv: 16, kernel: 3}]\n",
    right=_IMAGE + "let: {width: $(2 * 8)}\nstages: [{conv: $width, kernel: 3}]\n",
)
UNUSED_IMPORT = _lint(
    "AS0705",
    "an unused import",
    "The file imports a block and does not use it.",
    wrong=_IMAGE + "import: {archspec:residual: [basic_block]}\nstages: [{conv: 8, kernel: 3}]\n",
    right=_IMAGE + "import: {archspec:residual: [basic_block]}\nstages: [{basic_block: 3}]\n",
)

# -- neighbours -----------------------------------------------------------------------------

BIAS_BEFORE_NORM = _lint(
    "AS0710",
    "a bias before batch norm",
    "Batch norm subtracts the mean of every channel, and with it the bias that the layer before has "
    "added: it is trained, saved and moved about for nothing. "
    "Source: Ioffe and Szegedy, Batch Normalization (2015), section 3.2.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}, batch_norm, relu]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3, bias: false}, batch_norm, relu]\n",
)
TWO_ACTIVATIONS = _lint(
    "AS0711",
    "two activations in a row",
    "An activation takes the output of another one, with nothing to learn between them: the second "
    "changes little (a ReLU of a ReLU changes nothing) and is mostly left over.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}, relu, relu]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3}, relu]\n",
)
TWO_NORMS = _lint(
    "AS0712",
    "normalised twice",
    "A normalisation takes the output of another one of its kind, which is normalised already.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3, bias: false}, batch_norm, batch_norm]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3, bias: false}, batch_norm]\n",
)
SOFTMAX_OUTPUT = _lint(
    "AS0713",
    "softmax at the end",
    "The usual losses (torch.nn.CrossEntropyLoss) take logits and do the softmax themselves, more "
    "precisely. Two of them flatten the gradient, and training crawls.",
    wrong="input: [16]\nstages: [{linear: 10}, {softmax: 0}]\n",
    right="input: [16]\nstages: [{linear: 10}]\n",
)
DROPOUT_BEFORE_NORM = _lint(
    "AS0714",
    "dropout before batch norm",
    "Dropout changes the variance between training and evaluation, and batch norm has learned that "
    "of training. Source: Li et al., Understanding the Disharmony between Dropout and Batch "
    "Normalization by Variance Shift (2019).",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}, {dropout: 0.5}, batch_norm]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3, bias: false}, batch_norm, {dropout: 0.5}]\n",
)
LINEAR_AFTER_LINEAR = _lint(
    "AS0715",
    "two linear layers without an activation",
    "Two linear maps in a row are one linear map: the second adds parameters and no power, unless "
    "the narrow middle is what is wanted.",
    wrong="input: [16]\nstages: [{linear: 64}, {linear: 10}]\n",
    right="input: [16]\nstages: [{linear: 64}, relu, {linear: 10}]\n",
)
LINEAR_ON_IMAGE = _lint(
    "AS0716",
    "a linear layer on a feature map",
    "`linear` works on the last axis, which here is the width of an image: a `flatten` or a pooling "
    "is missing before it.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}, relu, {linear: 10}]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3}, relu, global_avg_pool, flatten, {linear: 10}]\n",
)

# -- sizes ----------------------------------------------------------------------------------

TRUNCATED = _lint(
    "AS0720",
    "a border lost by stride",
    "The size does not divide by the stride, and the last rows and columns of the input are seen by "
    "no window.",
    wrong="input: [3, 33, 33]\nstages: [{max_pool: 2}]\n",
    right="input: [3, 32, 32]\nstages: [{max_pool: 2}]\n",
)
POOL_SKIPS = _lint(
    "AS0721",
    "a pooling that skips",
    "The stride is larger than the kernel: between the windows are pixels that nobody sees.",
    wrong=_IMAGE + "stages: [{max_pool: 2, stride: 3, padding: 1}]\n",
    right=_IMAGE + "stages: [{max_pool: 3, stride: 3, padding: 1}]\n",
)
EVEN_KERNEL = _lint(
    "AS0722",
    "an even kernel with half padding",
    "`half` is kernel // 2 on both sides: at stride 1 an even kernel makes the output one larger "
    "than the input.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 4, padding: half}]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3, padding: half}]\n",
)
NARROW = _lint(
    "AS0723",
    "a bottleneck of next to no channels",
    "Wide features are squeezed through fewer than 4 channels and widened again: most often a "
    "reduction that went below its floor at this width.",
    wrong=_IMAGE + "stages: [{conv: 32, kernel: 1}, {conv: 2, kernel: 1}, relu, "
    "{conv: 32, kernel: 1}]\n",
    right=_IMAGE + "stages: [{conv: 32, kernel: 1}, {conv: 8, kernel: 1}, relu, "
    "{conv: 32, kernel: 1}]\n",
)
BROADCAST_ADD = _lint(
    "AS0724",
    "a residual addition that stretches",
    "The arms of the addition have different sizes, and `broadcast: true` stretches one of them: a "
    "skip connection whose arms do not match is most often a mistake.",
    wrong=_IMAGE + "stages:\n  a: {conv: 8, kernel: 1}\n  b: {conv: 1, kernel: 1}\n"
    "  sum: {add: [a, b], broadcast: true}\n",
    right=_IMAGE + "stages:\n  a: {conv: 8, kernel: 1}\n  b: {conv: 8, kernel: 1}\n"
    "  sum: {add: [a, b]}\n",
)
SAME_TWICE = _lint(
    "AS0725",
    "joined with itself",
    "One tensor is added to, or joined with, itself: most often a name that should be another one.",
    wrong=_IMAGE + "stages:\n  a: {conv: 8, kernel: 1}\n  sum: {add: [a, a]}\n",
    right=_IMAGE + "stages:\n  a: {conv: 8, kernel: 1}\n  b: {conv: 8, kernel: 1}\n"
    "  sum: {add: [a, b]}\n",
)

# -- the plainer way ------------------------------------------------------------------------

DEPTHWISE = _lint(
    "AS0730",
    "a depthwise convolution in disguise",
    "As many groups as input channels is a depthwise convolution: `depthwise_conv` says so, and "
    "follows the channels by itself.",
    wrong=_IMAGE + "stages: [{conv: 3, kernel: 3, groups: 3}]\n",
    right=_IMAGE + "stages: [{depthwise_conv: 3}]\n",
)
ONE_BRANCH = _lint(
    "AS0731",
    "a single branch",
    "`branches` of one branch is that branch, and its `merge` does nothing.",
    wrong=_IMAGE + "stages: [{branches: {a: {conv: 8, kernel: 1}}, merge: concat}]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 1}]\n",
)
NO_LOSS_WEIGHT = _lint(
    "AS0732",
    "a head without a weight",
    "A train-only head adds its loss to that of the network, and the spec does not say with what "
    "weight: a trainer would have to guess.",
    wrong="input: [16]\nstages:\n  fc: {linear: 10}\n"
    "  aux: {linear: 10, from: input, train_only: true}\n",
    right="input: [16]\nstages:\n  fc: {linear: 10}\n"
    "  aux: {linear: 10, from: input, train_only: true, loss_weight: 0.3}\n",
)

# -- on request -----------------------------------------------------------------------------

ODD_CHANNELS = _lint(
    "AS0740",
    "channels that do not suit the hardware",
    "Tensor cores work on channels by the 8 (at 16 bits); other numbers are padded or leave the fast "
    "way. The channels of the network's own inputs and outputs are not counted.",
    wrong=_IMAGE
    + "stages: [{conv: 30, kernel: 3}, relu, global_avg_pool, flatten, {linear: 10}]\n",
    right=_IMAGE
    + "stages: [{conv: 32, kernel: 3}, relu, global_avg_pool, flatten, {linear: 10}]\n",
    optional=True,
)
NO_CONTRACT = _lint(
    "AS0741",
    "no contract",
    "A spec that others build on says in `expect:` what must hold of it, at the least its parameters: "
    "a change that nobody meant is then found at once.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3}]\nexpect: {params: 224}\n",
    optional=True,
)
NO_DESCRIPTION = _lint(
    "AS0742",
    "no description",
    "One sentence in `description:` tells those who find the spec what it is.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}]\n",
    right="description: One convolution.\n" + _IMAGE + "stages: [{conv: 8, kernel: 3}]\n",
    optional=True,
)
LIKE_DEFAULT = _lint(
    "AS0743",
    "an argument that says nothing",
    "The argument has the value that it has by default.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3, stride: 1}]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3}]\n",
    optional=True,
)

# -- comments that ignore warnings ----------------------------------------------------------

NO_REASON = _lint(
    "AS0790",
    "ignored without a reason",
    "A comment that ignores a warning says why: `# archspec: ignore[AS0710] as in torchvision`.",
    wrong=_IMAGE
    + "stages:\n  - {conv: 8, kernel: 3}  # archspec: ignore[AS0710]\n  - batch_norm\n",
    right=_IMAGE
    + "stages:\n  - {conv: 8, kernel: 3}  # archspec: ignore[AS0710] as in torchvision\n"
    "  - batch_norm\n",
)
IGNORES_NOTHING = _lint(
    "AS0791",
    "a comment that ignores nothing",
    "The comment ignores a warning that is not there (any more), or names no code.",
    wrong=_IMAGE
    + "stages:\n  - {conv: 8, kernel: 3}  # archspec: ignore[AS0710] as in the paper\n",
    right=_IMAGE + "stages:\n  - {conv: 8, kernel: 3}\n",
)
STALE_BASELINE = _lint(
    "AS0792",
    "a stale baseline",
    "The baseline knows a finding that is not found any more: good, and the entry can go, or the "
    "same mistake would come back unseen.",
    wrong=_IMAGE + "stages: [{conv: 8, kernel: 3}]\n",
    right=_IMAGE + "stages: [{conv: 8, kernel: 3}]\n",
)
