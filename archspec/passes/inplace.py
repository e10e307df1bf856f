"""In-place execution: which ops may overwrite their first input.

A person writes `nn.ReLU(inplace=True)` and `out += identity` where they can: it saves an allocation
and a pass over memory. An op may overwrite its input when nothing else reads that value, now or in
the backward pass: the input has one reader, its producer stands beside the op (so that every
instance of a block is treated alike), and autograd does not keep the producer's output.
The values computed are the same to the last bit.
"""

from __future__ import annotations

from collections import Counter

from archspec.connections import Module, Value
from archspec.graph import Graph
from archspec.ops import Call


def inplace(graph: Graph) -> frozenset[Module]:
    """The ops that overwrite their first input."""
    readers: Counter[Value] = Counter()
    for node in graph:
        readers.update(node.inputs)
    readers.update(graph.outputs.values())
    whole = _whole_numbers(graph)
    return frozenset(node.module for node in graph if _may(node.module, readers, whole))


def _whole_numbers(graph: Graph) -> set[Value]:
    """Values that may be whole numbers: a sum with a float does not fit into their memory."""
    whole = set(graph.inputs.values())
    for node in graph:
        made = node.op.family == "tensors" and not node.params  # arange, constant, buffer
        if made or (not node.params and all(value in whole for value in node.inputs)):
            whole.update(node.outputs)
    return whole


def _may(module: Module, readers: Counter[Value], whole: set[Value]) -> bool:
    op = module.op
    if op is None or not module.inputs:
        return False
    value = module.inputs[0]
    producer = value.producer
    if producer is None or producer.op is None or producer.op.output_is_saved:
        return False
    if readers[value] != 1 or producer.parent is not module.parent:
        return False
    if op.accepts_inplace:
        return True
    if op.name != "add" or module.named:
        return False
    return value not in whole and all(
        value.shape == other.shape and value.shared == other.shared for other in module.inputs
    )


def written_inplace(call: Call) -> Call:
    """The call with `inplace=True`."""
    from archspec.ops import Arg

    return Call(call.function, (*call.args, Arg("inplace", True, "", False)))
