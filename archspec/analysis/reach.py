"""Reach: receptive field and depth of a graph."""

from __future__ import annotations

from fractions import Fraction

from archspec.connections import Value
from archspec.graph import Graph


def depth(graph: Graph) -> int:
    """The number of layers with weights that papers count: convolutions and linear layers on the
    longest way from an input to the main output (projections of shortcuts run beside it)."""
    longest: dict[Value, int] = dict.fromkeys(graph.inputs.values(), 0)
    for node in graph:
        before = max((longest[value] for value in node.inputs), default=0)
        counts = node.op.family in ("convolution", "linear") and bool(node.weights)
        for value in node.outputs:
            longest[value] = before + counts
    return max((longest[v] for v in _main(graph)), default=0)


def receptive_field(graph: Graph) -> int | None:
    """How many input pixels along one axis an output sees before anything pools globally; None
    where a window covers the whole input from the start.

    Source: Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks
    (Distill, 2019), equation 2, the largest over all ways.
    """
    state: dict[Value, tuple[Fraction, Fraction] | None] = {
        value: (Fraction(1), Fraction(1)) for value in graph.inputs.values()
    }
    best = Fraction(1)
    for node in graph:
        seen = [known for value in node.inputs if (known := state.get(value)) is not None]
        window = node.applied.window
        after: tuple[Fraction, Fraction] | None = None
        if seen and len(seen) == len(node.inputs) and window is not None:
            field = max(f for f, _jump in seen)
            jump = max(j for _field, j in seen)
            if window:
                kernel, _stride, dilation = window[0]
                field += (kernel - 1) * dilation * jump
            if node.op.sized_by is not None:
                jump = seen[node.op.sized_by][1]
            elif node.applied.reduction:
                jump *= node.applied.reduction[0]
            after = (field, jump)
            best = max(best, field)
        for value in node.outputs:
            state[value] = after
    return int(best)


def _main(graph: Graph) -> list[Value]:
    values = list(graph.outputs.values())
    return [v for v in values if v.producer is None or not v.producer.train_only] or values
