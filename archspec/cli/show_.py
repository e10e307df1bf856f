"""`archspec show`."""

from __future__ import annotations

import json
import sys

import click

from archspec.cli.common import load_spec, spec_argument, write
from archspec.diagnostics import Source, visible


@click.command("show")
@spec_argument
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; - is stdout.")
@click.option(
    "--resolved",
    is_flag=True,
    help="Bases, imports, defaults and parameters resolved, each line with its origin.",
)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml")
@click.option("--origins/--no-origins", default=True, help="Whether lines say where they are from.")
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    output: str,
    resolved: bool,
    form: str,
    origins: bool,
) -> None:
    """Print a spec: as it is written, or whole (--resolved)."""
    architecture = load_spec(spec, settings, plugins, limit)
    if resolved:
        text = architecture.resolved(origins=origins)
    else:
        text = architecture.network.program.source.text
    if form == "json":
        from archspec.syntax import parse, plain

        text = json.dumps(plain(parse(Source(spec, text))), indent=2) + "\n"
    if output == "-" and sys.stdout.isatty():
        text = "\n".join(map(visible, text.split("\n")))
    write(output, text.encode())
