"""`archspec list`."""

from __future__ import annotations

import json

import click

from archspec.cli.common import print_table


@click.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(form: str) -> None:
    """List the networks that come with archspec."""
    from archspec.api import list_specs

    specs = list_specs()
    if form == "json":
        click.echo(
            json.dumps(
                [
                    {"name": s.name, "path": str(s.path), "description": s.description}
                    for s in specs
                ],
                indent=2,
            )
        )
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("network")
    table.add_column("what it is")
    for spec in specs:
        table.add_row(spec.name, spec.description)
    print_table(table)
