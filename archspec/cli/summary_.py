"""`archspec summary`."""

from __future__ import annotations

import json

import click

from archspec.cli.common import load_spec, print_table, spec_argument


@click.command("summary")
@spec_argument
@click.option("--depth", type=click.IntRange(1), default=None, help="How deep to open modules.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    depth: int | None,
    form: str,
) -> None:
    """Print a table of a network's modules: output shape, parameters, MACs and their share.

    Shapes are without the batch. MACs are those of convolutions, linear layers and matrix products
    for one sample.
    """
    architecture = load_spec(spec, settings, plugins, limit)
    if form == "text":
        print_table(architecture.summary(depth))
        if architecture.network.is_open:
            count = len(architecture.network.decisions.asked)
            click.echo(
                f"open choices: {count}; this is the child with their defaults "
                f"(`archspec space {spec}` shows them)",
                err=True,
            )
        return
    from archspec.analysis.summary import rows

    def size(value: object) -> object:
        return value if isinstance(value, int) else str(value)

    cost = architecture.cost
    report = {
        "name": architecture.name,
        "params": cost.params,
        "buffers": cost.buffers,
        "open": list(architecture.network.decisions.asked),
        "macs": size(cost.macs),
        "inputs": {n: [size(d) for d in v.shape] for n, v in architecture.inputs.items()},
        "outputs": {n: [size(d) for d in v.shape] for n, v in architecture.outputs.items()},
        "modules": [
            {**row._asdict(), "output": [size(d) for d in row.output], "macs": size(row.macs)}
            for row in rows(architecture.ir, architecture.root, depth)
        ],
    }
    click.echo(json.dumps(report, indent=2))
