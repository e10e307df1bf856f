"""Cost: parameters, buffers and multiply-accumulates of a graph.

MACs are those of convolutions, linear layers and matrix products for one sample in evaluation mode
(no bias, norm, activation or pooling), which is what papers and torchvision mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from archspec.graph import Graph
from archspec.ops.dims import Dim


@dataclass(frozen=True, slots=True)
class Cost:
    """Totals of a network. `macs` is a formula where sizes are left free."""

    params: int
    buffers: int
    macs: int | Dim
    train_params: int
    """Parameters of heads that exist in training only (included in `params`)."""
    train_macs: int | Dim
    """MACs in training mode, with such heads."""


def cost(graph: Graph) -> Cost:
    """The totals over all nodes."""
    params = buffers = heads = 0
    macs: int | Dim = 0
    head_macs: int | Dim = 0
    if not graph.outline.heads:
        for applied, count in graph.outline.counts.items():
            params += count * applied.params
            buffers += count * applied.buffers
            if applied.macs:
                macs = macs + count * applied.macs
        return Cost(params, buffers, macs, 0, macs)
    for node in graph.nodes:
        applied = node.applied
        params += applied.params
        buffers += applied.buffers
        if node.module.train_only:
            heads += applied.params
            head_macs = head_macs + applied.macs
        elif applied.macs:
            macs = macs + applied.macs
    return Cost(params, buffers, macs, heads, macs + head_macs)


__all__ = ["Cost", "cost"]
