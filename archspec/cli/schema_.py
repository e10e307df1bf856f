"""`archspec schema`."""

from __future__ import annotations

import json

import click

from archspec.cli.common import write


@click.command("schema")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; - is stdout.")
def command(output: str) -> None:
    """Print the JSON Schema of specs, for editors.

    Name it in a spec's first line: `# yaml-language-server: $schema=archspec.schema.json`.
    """
    from archspec.api import json_schema

    write(output, (json.dumps(json_schema(), indent=1) + "\n").encode())
