"""`archspec sample`."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import click

from archspec.cli.common import load_open, spec_argument, write
from archspec.diagnostics import SpecError, UsageError
from archspec.files import make_folder

_TRIES = 200
"""Sets of answers that are drawn for one child at the most."""


@click.command("sample")
@spec_argument
@click.option(
    "-n",
    "count",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many children.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed gives the same ones."
)
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    help="A folder to write them to; without it one goes to standard output.",
)
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    count: int,
    seed: int,
    output: str | None,
) -> None:
    """Write children of a search space, chosen at random, as plain specs.

    Each option of a decision is as likely as the others. What cannot be built, does not meet what
    the space requires, or is the same network as an earlier one is drawn again.
    """
    output = None if output == "-" else output
    if output is None and count > 1:
        raise UsageError("several specs need a folder: -o FOLDER")
    found = load_open(spec, settings, plugins, limit)
    children = list(_drawn(found, count, random.Random(seed)))
    width = len(str(count - 1))
    for number, child in enumerate(children):
        name = f"{found.program.name}-{number:0{width}d}"
        description = f"Child {number} of {found.program.name}, drawn with seed {seed}."
        text = child.plain(name=name, description=description)
        if output is None:
            write(None, text.encode())
        else:
            make_folder(Path(output))
            write(str(Path(output) / f"{name}.yaml"), text.encode())
    if len(children) < count:
        click.echo(
            f"{len(children)} of {count}: {_TRIES} draws in a row gave no other child", err=True
        )


def _drawn(found: Any, count: int, rng: random.Random) -> Any:
    """Children that are valid and differ from each other."""
    from archspec.api import child

    known: set[str] = set()
    while len(known) < count:
        for _ in range(_TRIES):
            try:
                drawn = child(found, found.sample(rng))
            except SpecError:
                continue
            if drawn.fingerprint not in known:
                known.add(drawn.fingerprint)
                yield drawn
                break
        else:
            return
