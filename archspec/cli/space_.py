"""`archspec space`."""

from __future__ import annotations

import json
from typing import Any

import click

from archspec.cli.common import load_open, print_table, spec_argument


@click.command("space")
@spec_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(
    spec: str,
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    form: str,
) -> None:
    """Print the decisions of a search space, their options, and how many children there are.

    Every option is tried. How many children can be built and meet what is required is estimated
    from 128 of them, chosen at random.
    """
    found = load_open(spec, settings, plugins, limit)
    space = found.space
    good, tried = found.acceptance
    if form == "json":
        report = {
            "name": found.program.name,
            "size": None if space.size == float("inf") else space.size,
            "valid": good / tried,
            "decisions": [
                {
                    "name": d.name,
                    "kind": d.kind,
                    "options": list(d.options),
                    **({} if d.options else {"low": d.low, "high": d.high, "log": d.log}),
                    "default": d.options[int(d.default)] if d.options else d.default,
                    "when": [
                        {name: space.by_name[name].options[n] for name, n in term}
                        for term in d.when
                    ],
                }
                for d in space.decisions
            ],
        }
        click.echo(json.dumps(report, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("decision", "options", "exists where"):
        table.add_column(column)
    for decision in space.decisions:
        table.add_row(Text(decision.name), Text(_options(decision)), Text(_when(decision, space)))
    print_table(table)
    size = "no end" if space.size == float("inf") else f"{space.size:,}"
    click.echo(f"\ndecisions: {len(space.decisions):,}\nsets of answers: {size}")
    click.echo(f"children that are valid: {good} of {tried} chosen at random")


def _options(decision: Any) -> str:
    if not decision.options:
        scale = ", logarithmic" if decision.log else ""
        return f"{decision.low:g} to {decision.high:g}{scale} (default {decision.default:g})"
    shown = [_shown(option) for option in decision.options]
    default = shown[int(decision.default)]
    if decision.kind == "int" and len(shown) > 6:
        step = decision.options[1] - decision.options[0]
        return f"{shown[0]} to {shown[-1]}, step {step} (default {default})"
    listed = ", ".join(shown)
    return listed if decision.default == 0 else f"{listed} (default {default})"


def _shown(option: Any) -> str:
    if isinstance(option, bool):
        return "true" if option else "false"
    return f"[{', '.join(map(_shown, option))}]" if isinstance(option, tuple) else str(option)


def _when(decision: Any, space: Any) -> str:
    """The conditions in words; those on one decision together."""
    if not decision.when:
        return ""
    if all(len(term) == 1 for term in decision.when):
        by_name: dict[str, list[str]] = {}
        for ((name, n),) in decision.when:
            by_name.setdefault(name, []).append(_shown(space.by_name[name].options[n]))
        return " or ".join(f"{name} is {' or '.join(shown)}" for name, shown in by_name.items())
    terms = [
        " and ".join(f"{name} is {_shown(space.by_name[name].options[n])}" for name, n in term)
        for term in decision.when
    ]
    return "; or ".join(terms[:4]) + ("; or ..." if len(terms) > 4 else "")
