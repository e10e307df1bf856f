"""`archspec render`."""

from __future__ import annotations

from pathlib import Path

import click

from archspec.cli.common import load_spec, spec_argument, write
from archspec.cli.progress import waiting


@click.command("render")
@spec_argument
@click.option(
    "-o",
    "--output",
    default=None,
    metavar="FILE",
    help="Where to write (SPEC.svg by default); the ending gives the format. - is stdout.",
)
@click.option("--format", "form", type=click.Choice(["svg", "png", "pdf", "dot"]), default=None)
@click.option(
    "--level",
    type=click.Choice(["stage", "block", "op"]),
    default="block",
    show_default=True,
    help="How much to open.",
)
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    output: str | None,
    form: str | None,
    level: str,
) -> None:
    """Draw a network as SVG, PNG, PDF or DOT. Needs no PyTorch; PDF needs graphviz's `dot`."""
    architecture = load_spec(spec, settings, plugins, limit)
    if form is None:
        form = Path(output or "").suffix[1:].lower() or "svg"
    if output is None:  # after what the caller typed: the name in a spec is not to choose a file
        output = f"{'network' if spec == '-' else Path(spec).stem}.{form}"
    with waiting("drawing"):
        picture = architecture.render(format=form, level=level)
    write(output, picture)
