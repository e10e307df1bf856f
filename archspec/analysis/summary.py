"""The summary: a row per module with its output, parameters and MACs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archspec.connections import Module
from archspec.graph import Graph, Node
from archspec.ops import Shape
from archspec.ops.dims import Dim

if TYPE_CHECKING:
    from .table import Summary


class Row(NamedTuple):
    """One module: totals over everything in it."""

    path: str
    depth: int
    kind: str
    output: Shape
    params: int
    macs: int | Dim


def rows(graph: Graph, root: Module, depth: int | None = None) -> list[Row]:
    """The modules down to `depth`, in the order of the file; anonymous ops count in their parent."""
    found: list[Row] = []

    def visit(module: Module, level: int) -> tuple[int, int | Dim]:
        params: int = 0
        macs: int | Dim = 0
        at = len(found)
        if module.op is not None:
            node: Node = graph.by_module[module]
            params, macs = node.params, node.macs
        shown = module.parent is not None and module.named and (depth is None or level <= depth)
        if shown:
            found.append(Row(module.path, level, "", (), 0, 0))
        for child in module.children:
            more_params, more_macs = visit(child, level + 1 if child.named else level)
            params += more_params
            macs = macs + more_macs
        if shown:
            output = module.outputs[0].shape if module.outputs else ()
            found[at] = Row(module.path, level, made_of(module), output, params, macs)
        return params, macs

    visit(root, 0)
    return found


def made_of(module: Module) -> str:
    """What a module is, in a word: its op, its block, or the block that its children are of."""
    if module.op is not None:
        return module.op.name
    if module.block:
        return module.block
    blocks = {child.block for child in module.children}
    block = blocks.pop() if len(blocks) == 1 else None
    return f"{len(module.children)} x {block}" if block else ""


def summary_table(graph: Graph, root: Module, depth: int | None = None) -> Summary:
    """The summary as a table for rich; `str` gives it as text."""
    from .table import Summary

    return Summary(graph, root, depth)
