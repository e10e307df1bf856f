"""Run the benchmarks: a table on standard output, JSON into a file."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from archspec import __version__
from archspec.files import write_whole

from .. import conftest  # noqa: F401 (torchvision beside any build of torch)
from ..oracle import torchvision
from . import building, checking, drawing, running, zoo
from .measure import Row

GROUPS = {
    "running": running.measure,
    "building": building.measure,
    "checking": checking.measure,
    "drawing": drawing.measure,
    "zoo": zoo.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; 0 whatever the ratios are, for a busy machine is no failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it runs")
    parser.add_argument("--only", choices=GROUPS, action="append", help="one group; repeatable")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench.json"))
    options = parser.parse_args(arguments)
    rows = []
    for row in _measured(options.only or list(GROUPS), quick=options.quick):
        rows.append(row)
        print(f"  {row.name}: {row.ratio:.3f}x", file=sys.stderr)
    Console(width=None if sys.stdout.isatty() else 130).print(_table(rows))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    result = {"environment": _environment(), "rows": [row.data() for row in rows]}
    write_whole(options.output, json.dumps(result, indent=2).encode() + b"\n")
    print(f"written to {options.output}")
    return 0


def _measured(groups: Sequence[str], *, quick: bool) -> Iterator[Row]:
    for group in groups:
        print(f"{group} ...", file=sys.stderr)
        yield from GROUPS[group](quick=quick)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="archspec beside what it is compared with", caption=_caption())
    table.add_column("")
    for heading in ("baseline ms", "archspec ms", "ratio", "95 % interval", "noise", "target", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    heading = None
    for row in rows:
        if (row.group, row.baseline) != heading:
            heading = (row.group, row.baseline)
            table.add_section()
            table.add_row(f"[bold]{row.group}[/], against {row.baseline}")
        table.add_row(
            f"  {row.name}",
            f"{row.base_ms:.1f}",
            f"{row.ms:.1f}",
            f"{row.ratio:.3f}x",
            f"{row.low:.3f}-{row.high:.3f}",
            f"±{row.noise:.3f}",
            "" if row.target is None else f"{row.target:.3g}{' ms' if row.absolute else 'x'}",
            {None: "", True: "reached", False: "missed"}[row.holds],
        )
    return table


def _caption() -> str:
    told = _environment()
    return (
        f"{told['cores']} cores, {told['threads']} threads, Python {told['python']}, torch "
        f"{told['torch']}. Ratios are medians over alternating rounds; a target counts as reached "
        "within the noise, which is how far the baseline strays from itself."
    )


def _environment() -> dict[str, str | int | None]:
    return {
        "archspec": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
    }


if __name__ == "__main__":
    sys.exit(main())
