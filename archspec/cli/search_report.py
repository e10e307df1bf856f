"""`archspec search report`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Report on the search in FOLDER, finished or not, as HTML and Markdown.

    Needs the journal alone: it may be copied from another machine, or be written to at the same time.
    """
    from archspec.trials.journal import Journal
    from archspec.trials.report import write_report

    for file in write_report(folder, Journal.read(folder)):
        if file.suffix != ".svg":
            click.echo(f"wrote {file}", err=True)
