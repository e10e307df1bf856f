"""`archspec list`."""

from __future__ import annotations

import json

import click

from archspec.cli.common import print_table


@click.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(form: str) -> None:
    """List the networks and the search spaces that come with archspec."""
    from archspec.api import list_spaces, list_specs

    specs, spaces = list_specs(), list_spaces()
    if form == "json":
        click.echo(
            json.dumps(
                [
                    {
                        "name": spec.name,
                        "kind": kind,
                        "path": str(spec.path),
                        "description": spec.description,
                    }
                    for kind, found in (("network", specs), ("space", spaces))
                    for spec in found
                ],
                indent=2,
            )
        )
        return
    from rich.table import Table

    for kind, found in (("network", specs), ("search space", spaces)):
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(kind)
        table.add_column("what it is")
        for spec in found:
            table.add_row(spec.name, spec.description)
        if kind != "network":
            click.echo()
        print_table(table)
