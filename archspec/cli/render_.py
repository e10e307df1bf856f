"""`archspec render`."""

from __future__ import annotations

import click

from archspec.cli.common import load_spec, spec_argument, write


@click.command("render")
@spec_argument
@click.option(
    "-o",
    "--output",
    default=None,
    metavar="FILE",
    help="Where to write; the ending gives the format. - is stdout.",
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
    output: str | None,
    form: str | None,
    level: str,
) -> None:
    """Draw a network as SVG, PNG, PDF or DOT. Needs no PyTorch; PDF needs graphviz's `dot`."""
    architecture = load_spec(spec, settings, plugins)
    if form is None:
        ending = (output or "").rpartition(".")[2].lower() if "." in (output or "") else ""
        form = ending or "svg"
    if output is None:
        output = f"{architecture.name}.{form}"
    write(output, architecture.render(format=form, level=level))
