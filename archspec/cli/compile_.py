"""`archspec compile`."""

from __future__ import annotations

import click

from archspec.cli.common import load_spec, spec_argument, write
from archspec.cli.progress import waiting


@click.command("compile")
@spec_argument
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; - is stdout.")
@click.option("--without-heads", is_flag=True, help="Leave out heads that run in training alone.")
@click.option("--weights", metavar="FILE", help="Check that a checkpoint fits the network.")
@click.option("--new-head", is_flag=True, help="With --weights: other numbers of classes fit too.")
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    output: str,
    without_heads: bool,
    weights: str | None,
    new_head: bool,
) -> None:
    """Write a network as one Python file that needs torch alone.

    Writing needs no PyTorch; --weights does.
    """
    architecture = load_spec(spec, settings, plugins, limit)
    if weights is not None:
        with waiting("reading the weights"):
            model = architecture.compile(
                weights=weights, new_head=new_head, init=False, train_only=not without_heads
            )
        fresh = ", ".join(model.fresh_weights)
        click.echo(f"{weights} fits" + (f", but for {fresh}" if fresh else ""), err=True)
    write(output, architecture.source(train_only=not without_heads).encode())
