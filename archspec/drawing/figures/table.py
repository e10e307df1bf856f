"""The architecture table of the ResNet paper: stages down, networks across, blocks in brackets.

Source of the form: He et al., Deep Residual Learning for Image Recognition (2015), table 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from archspec.analysis import cost
from archspec.connections import Module
from archspec.diagnostics import RenderError, did_you_mean, visible
from archspec.graph import Graph
from archspec.ops.dims import Dim

from .cells import Bracket, Line, Part, folded, parts
from .trunk import Unit, trunk

FORMATS = ("latex", "markdown")


class Network(Protocol):
    """What a column is made of; an `archspec.Architecture` is one."""

    @property
    def name(self) -> str: ...

    @property
    def root(self) -> Module: ...

    ir: Graph


@dataclass(slots=True)
class _Stage:
    """The units of a network that give maps of one size. kind: dense, transition or neither."""

    size: tuple[int | Dim, ...]
    kind: str
    parts: list[Part] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        return (*map(str, self.size), self.kind)

    @property
    def area(self) -> float:
        """To put stages of several networks in order; a free size counts as large."""
        area = 1.0
        for size in self.size:
            area *= size if isinstance(size, int) else 1e6
        return area


@dataclass(slots=True)
class _Row:
    name: str
    size: str
    cells: list[list[Part]]


def table(networks: Sequence[Network], format: str = "latex") -> str:
    """The table of one or more networks as LaTeX (needs amsmath) or GitHub's Markdown.

    Rows are stages by the size of their output, so that networks side by side compare; the last
    ones are the parameters and MACs of `Architecture.cost`. Raises RenderError.
    """
    if format not in FORMATS:
        hint = did_you_mean(format, FORMATS) or f"one of {', '.join(FORMATS)}"
        raise RenderError(f"no format of a table is called `{format}`: {hint}")
    if not networks:
        raise RenderError("a table needs at least one network")
    columns = [_stages(network) for network in networks]
    heads = [_head(network) for network in networks]
    rows = list(_named(_aligned(columns), any(s.kind for c in columns for s in c)))
    totals = [_totals(network.ir) for network in networks]
    write = _latex if format == "latex" else _markdown
    return write(heads, rows, totals)


def _stages(network: Network) -> list[_Stage]:
    units = trunk(network.ir, network.root)
    dense = any(unit.dense for unit in units)
    stages: list[_Stage] = []
    for unit in units:
        added = parts(unit, dense=dense)
        if not added:
            continue
        size = _size(unit)
        kind = "dense" if unit.dense else ""
        if dense and not kind and unit.op is None and len(added) > 1:
            kind = "transition"
        if not stages or (stages[-1].size, stages[-1].kind) != (size, kind):
            stages.append(_Stage(size, kind))
        stages[-1].parts += added
    for stage in stages:
        stage.parts = folded(stage.parts) if stage.size != (1, 1) else _in_a_line(stage.parts)
    if not stages:
        raise RenderError(f"{network.name} has no layers to tell of in a table")
    return stages


def _size(unit: Unit) -> tuple[int | Dim, ...]:
    if unit.map is not None:
        return unit.map[0]
    shape = unit.out.shape
    return (1, 1) if len(shape) < 2 else shape[:-1] if len(shape) == 2 else shape[1:]


def _in_a_line(found: list[Part]) -> list[Part]:
    """The classifier in one line: `average pool, 1000-d fc`."""
    lines = [part.text for part in found if isinstance(part, Line)]
    if len(lines) < len(found):
        return found
    return [Line(", ".join(lines))]


def _aligned(columns: list[list[_Stage]]) -> Iterator[list[_Stage | None]]:
    """Rows of stages with the same output size, the largest first; each network keeps its order."""
    at = [0] * len(columns)
    while True:
        heads = [column[n] for column, n in zip(columns, at, strict=True) if n < len(column)]
        if not heads:
            return
        chosen = max(heads, key=lambda stage: (stage.area, stage.kind == "")).key
        row: list[_Stage | None] = []
        for number, column in enumerate(columns):
            here = column[at[number]] if at[number] < len(column) else None
            taken = here is not None and here.key == chosen
            row.append(here if taken else None)
            at[number] += taken
        yield row


def _named(rows: Iterator[list[_Stage | None]], dense: bool) -> Iterator[_Row]:
    """The rows with their names: `conv2_x` as in the ResNet paper, or those of the DenseNet paper."""
    numbers = {"dense": 0, "transition": 0, "": 0}
    for row in rows:
        some = next(stage for stage in row if stage is not None)
        cells = [stage.parts if stage is not None else [] for stage in row]
        pools = all(isinstance(p, Line) and "pool" in p.text for c in cells for p in c)
        numbers[some.kind] += not (pools and not dense)
        if some.size == (1, 1):
            name = "classification layer" if dense else ""
        elif dense:
            name = {
                "dense": f"dense block ({numbers['dense']})",
                "transition": f"transition layer ({numbers['transition']})",
                "": "pooling" if pools else "convolution",
            }[some.kind]
        elif pools:
            name = "pool"
        else:
            several = any(isinstance(part, Bracket) for cell in cells for part in cell)
            name = f"conv{numbers['']}{'_x' if several else ''}"
        yield _Row(name, "×".join(map(str, some.size)), cells)


def _head(network: Network) -> str:
    """The network's name, and its growth rate where it is dense all through."""
    name = visible(network.name).replace("\n", " ")
    rates = {
        unit.module.outputs[0].shape[0]: None
        for unit in trunk(network.ir, network.root)
        if unit.dense
    }
    return f"{name} (k={next(iter(rates))})" if len(rates) == 1 else name


def _totals(graph: Graph) -> tuple[str, str]:
    total = cost(graph)
    params = _short(total.params)
    if total.train_params:
        params += f" ({_short(total.train_params)} in training alone)"
    macs = total.macs
    return params, "depends on size" if isinstance(macs, Dim) else _short(macs)


def _short(count: int) -> str:
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.2f} {unit}"
    return str(count)


# -- Markdown --------------------------------------------------------------------------


def _markdown(heads: list[str], rows: list[_Row], totals: list[tuple[str, str]]) -> str:
    lines = [["layer", "output size", *map(_escaped, heads)], ["---"] * (len(heads) + 2)]
    for row in rows:
        cells = ["<br>".join(_markdown_part(part) for part in cell) for cell in row.cells]
        lines.append([row.name, row.size, *cells])
    lines.append(["parameters", "", *(params for params, _ in totals)])
    lines.append(["MACs", "", *(macs for _, macs in totals)])
    return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)


def _markdown_part(part: Part) -> str:
    if isinstance(part, Line):
        return part.text
    return f"[{' · '.join(part.rows)}] × {part.count}".replace("|", "\\|")


_MARKS = re.compile(r"[\\`*_{}\[\]<>#!|~&$]")


def _escaped(text: str) -> str:
    """A name for a cell of Markdown, without marks of its own."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", text)


# -- LaTeX -----------------------------------------------------------------------------


def _latex(heads: list[str], rows: list[_Row], totals: list[tuple[str, str]]) -> str:
    count = len(heads)
    out = ["% needs \\usepackage{amsmath}"]
    out.append(f"\\begin{{tabular}}{{c|c|{'|'.join('c' * count)}}}")
    out.append("\\hline")
    out.append(_latex_row([f"{_strut(1)}layer name", "output size", *map(_tex, heads)]))
    for row in rows:
        out.append("\\hline")
        shared, cells = _shared(row.cells)
        if shared:
            titles = [_strut(1), ""] if any(cells) else _titles(row)
            spanning = f"\\multicolumn{{{count}}}{{c}}{{{_latex_cell(shared)}}}"
            out.append(_latex_row([*titles, spanning]))
            if any(cells):
                out.append(f"\\cline{{3-{count + 2}}}")
        if any(cells) or not shared:
            out.append(_latex_row([*_titles(row), *map(_latex_cell, cells)]))
    out.append("\\hline")
    for name, number in (("parameters", 0), ("MACs", 1)):
        title = f"\\multicolumn{{2}}{{c|}}{{{_strut(1)}{name}}}"
        out.append(_latex_row([title, *(_tex(total[number]) for total in totals)]))
        out.append("\\hline")
    out.append("\\end{tabular}")
    return "\n".join(out) + "\n"


def _titles(row: _Row) -> list[str]:
    return [_strut(1) + _tex(row.name), _tex(row.size)]


def _shared(cells: list[list[Part]]) -> tuple[list[Part], list[list[Part]]]:
    """What all networks of a row begin with, told once across them, and the rest of each."""
    if len(cells) < 2:
        return [], cells
    shared: list[Part] = []
    rest = [list(cell) for cell in cells]
    while all(rest) and all(cell[0] == rest[0][0] for cell in rest):
        shared.append(rest[0][0])
        rest = [cell[1:] for cell in rest]
    return shared, rest


def _latex_row(cells: list[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _strut(lines: int) -> str:
    """Room for lines of 1.2 em, and a little above and below, so that no rule touches them."""
    high = 1.2 * lines + (0.6 if lines > 1 else 0.4)
    return f"\\rule[-{high / 2 - 0.25:.2f}em]{{0pt}}{{{high:.2f}em}}"


def _latex_cell(cell: list[Part]) -> str:
    if len(cell) < 2:
        return "".join(map(_latex_part, cell))
    lines = " \\\\ ".join(_strut(1) * isinstance(part, Line) + _latex_part(part) for part in cell)
    return f"\\begin{{tabular}}{{@{{}}c@{{}}}}{lines}\\end{{tabular}}"


def _latex_part(part: Part) -> str:
    if isinstance(part, Line):
        return _tex(part.text)
    rows = "\\\\ ".join(f"\\text{{{_tex(row)}}}" for row in part.rows)
    strut = _strut(len(part.rows))
    return f"{strut}$\\left[\\begin{{array}}{{c}}{rows}\\end{{array}}\\right]\\times {part.count}$"


_TEX = {
    "\\": "\\textbackslash{}",
    "×": "$\\times$",
    "–": "--",
    "|": "$|$",
    "<": "$<$",
    ">": "$>$",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "[": "{[}",
    "]": "{]}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}


def _tex(text: str) -> str:
    """Text for LaTeX; a bracket in braces, for after `\\\\` it would be read as an argument."""
    return "".join(_TEX.get(letter, letter) for letter in text)
