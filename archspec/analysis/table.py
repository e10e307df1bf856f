"""The summary as a table on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from archspec.connections import Module
from archspec.diagnostics import visible
from archspec.graph import Graph
from archspec.ops.dims import Dim, show_shape

from .cost import cost
from .summary import rows

_WIDE = 200  # of text that goes to no terminal: nothing is cut
_COLUMNS = (
    ("module", "left"),
    ("op or block", "left"),
    ("output", "left"),
    ("parameters", "right"),
    ("MACs", "right"),
    ("share", "right"),
)


class Summary(Table):
    """A row per module down to a depth, and the totals. rich prints it; `str` gives it as text."""

    def __init__(self, graph: Graph, root: Module, depth: int | None = None):
        super().__init__(
            title=Text(visible(graph.name)), box=None, pad_edge=False, header_style="bold"
        )
        for column, justify in _COLUMNS:
            self.add_column(column, justify=justify, no_wrap=column != "module")  # type: ignore[arg-type]
        totals = cost(graph)
        for row in rows(graph, root, depth):
            name = row.path if depth == 1 else "  " * (row.depth - 1) + row.path.rpartition(".")[2]
            self.add_row(
                Text(name),
                Text(row.kind),
                Text(show_shape(row.output)),
                f"{row.params:,}" if row.params else "",
                Text(_number(row.macs)),
                _share(row.macs, totals.macs),
            )
        self.add_section()
        if totals.train_params:
            heads = _number(totals.train_macs - totals.macs)
            self.add_row("in training alone", "", "", f"{totals.train_params:,}", heads, "")
        self.add_row("total", "", "", f"{totals.params:,}", _number(totals.macs), "")

    def __str__(self) -> str:
        console = Console(width=_WIDE, color_system=None)
        with console.capture() as captured:
            console.print(self)
        lines = captured.get().splitlines()
        return "\n".join(line.rstrip() for line in lines)


def _number(macs: int | Dim) -> str:
    if isinstance(macs, Dim):
        return str(macs) if len(str(macs)) < 40 else "depends on size"
    return f"{macs:,}" if macs else ""


def _share(macs: int | Dim, total: int | Dim) -> str:
    if isinstance(macs, Dim) or isinstance(total, Dim) or not macs or not total:
        return ""
    return f"{macs / total:.1%}"
