"""The summary: a row per module with its output, parameters and MACs."""

from __future__ import annotations

from typing import Any, NamedTuple

from archspec.connections import Module
from archspec.graph import Graph, Node
from archspec.ops import Shape
from archspec.ops.dims import Dim, show_shape

from .cost import cost


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
            kind = module.op.name if module.op is not None else module.block or ""
            output = module.outputs[0].shape if module.outputs else ()
            found[at] = Row(module.path, level, kind, output, params, macs)
        return params, macs

    visit(root, 0)
    return found


def summary_table(graph: Graph, root: Module, depth: int | None = None) -> Any:
    """The summary as a rich table."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=graph.name, box=None, pad_edge=False, header_style="bold")
    for column, justify in (
        ("module", "left"),
        ("op or block", "left"),
        ("output", "left"),
        ("parameters", "right"),
        ("MACs", "right"),
        ("share", "right"),
    ):
        table.add_column(column, justify=justify, no_wrap=column != "module")  # type: ignore[arg-type]
    everything = rows(graph, root, None)
    totals = cost(graph)
    macs = totals.macs
    shown = everything if depth is None else [row for row in everything if row.depth <= depth]
    for row in shown:
        name = row.path if depth == 1 else "  " * (row.depth - 1) + row.path.rpartition(".")[2]
        table.add_row(
            Text(name),
            row.kind,
            show_shape(row.output),
            f"{row.params:,}" if row.params else "",
            _number(row.macs),
            _share(row.macs, macs),
        )
    table.add_section()
    if totals.train_params:
        heads = totals.train_macs - macs
        table.add_row("in training alone", "", "", f"{totals.train_params:,}", _number(heads), "")
    table.add_row("total", "", "", f"{totals.params:,}", _number(macs), "")
    return table


def _number(macs: int | Dim) -> str:
    if isinstance(macs, Dim):
        return str(macs) if len(str(macs)) < 40 else "depends on size"
    return f"{macs:,}" if macs else ""


def _share(macs: int | Dim, total: int | Dim) -> str:
    if isinstance(macs, Dim) or isinstance(total, Dim) or not macs or not total:
        return ""
    return f"{macs / total:.1%}"
