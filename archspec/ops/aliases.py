"""What other libraries call our ops: for whoever writes the name that they know."""

from __future__ import annotations

from functools import cache

from .registry import catalogue

_ELSEWHERE = {
    # Keras
    "dense": "linear",
    "maxpooling": "max_pool",
    "averagepooling": "avg_pool",
    "globalaveragepooling": "global_avg_pool",
    "globalmaxpooling": "global_max_pool",
    "batchnormalization": "batch_norm",
    "layernormalization": "layer_norm",
    "depthwiseconv": "depthwise_conv",
    "conv2dtranspose": "conv_transpose",
    "concatenate": "concat",
    "upsampling": "upsample",
    # ONNX, papers and plain words
    "gemm": "linear",
    "fc": "linear",
    "fullyconnected": "linear",
    "globalaveragepool": "global_avg_pool",
    "gap": "global_avg_pool",
    "bn": "batch_norm",
    "ln": "layer_norm",
    "cat": "concat",
    "swish": "silu",
    "selfattention": "multi_head_attention",
    "convolution": "conv",
    "pool": "max_pool",
    "droppath": "stochastic_depth",
    "lrn": "local_response_norm",
}


def our_name(word: str) -> str | None:
    """The op that another library calls so.

    >>> our_name("BatchNorm2d"), our_name("Dense"), our_name("nonsense")
    ('batch_norm', 'linear', None)
    """
    plain = _plain(word)
    bare = plain[:-2] if plain.endswith(("1d", "2d", "3d")) else plain
    for name in (plain, bare):
        found = _torch_names().get(name) or _ELSEWHERE.get(name)
        if found in catalogue():
            return found
    return None


@cache
def _torch_names() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, op in catalogue().items():
        found.setdefault(_plain(op.torch_name.rpartition(".")[2]), name)
    return found


def _plain(word: str) -> str:
    return word.rpartition(".")[2].lower().replace("_", "").replace("-", "")
