"""`archspec enumerate`."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import Any

import click

from archspec.cli.common import load_open, spec_argument
from archspec.diagnostics import SpecError, UsageError

_MOST = 100_000


@click.command("enumerate")
@spec_argument
@click.option(
    "--limit",
    "most",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only the first N sets of answers.",
)
@click.option(
    "--unique", is_flag=True, help="Leave out what is the same network as an earlier one."
)
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    most: int | None,
    unique: bool,
) -> None:
    """List the children of a search space, one JSON object a line.

    Each has its answers, a fingerprint that isomorphic networks have in common, and its parameters
    and MACs, or else why it is invalid. The totals go to standard error.
    """
    found = load_open(spec, settings, plugins, limit)
    size = found.space.size
    if size == math.inf:
        raise UsageError(
            "a range of floats is open: there is no end; `archspec sample` draws children"
        )
    if size > _MOST and most is None:
        raise UsageError(f"{size:,} sets of answers: say how many by --limit")
    known: set[str] = set()
    total = invalid = 0
    for number, answers in enumerate(islice(found.space.all(), most)):
        total += 1
        line = _line(found, answers)
        invalid += "invalid" in line
        mark = line.get("fingerprint", "")
        if not (unique and mark in known):
            click.echo(json.dumps({"child": number, **line}))
        if mark:
            known.add(mark)
    click.echo(f"{total:,} of {size:,}: {len(known):,} unique, {invalid:,} invalid", err=True)


def _line(found: Any, answers: Any) -> dict[str, Any]:
    from archspec.api import child

    line: dict[str, Any] = {"answers": found.space.values(answers)}
    try:
        architecture = child(found, answers)
    except SpecError as error:
        return {**line, "invalid": error.diagnostics[0].message}
    macs = architecture.cost.macs
    return {
        **line,
        "fingerprint": architecture.fingerprint,
        "params": architecture.cost.params,
        "macs": macs if isinstance(macs, int) else str(macs),
    }
