"""`archspec ops`."""

from __future__ import annotations

import inspect
import json
from typing import Any

import click

from archspec.cli.common import plugin_option, print_table


@click.command("ops")
@click.argument("name", required=False)
@plugin_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(name: str | None, plugins: tuple[str, ...], form: str) -> None:
    """List the ops of the catalogue, or explain the one called NAME."""
    from archspec.diagnostics import did_you_mean
    from archspec.ops import catalogue
    from archspec.ops.aliases import our_name
    from archspec.plugins import load_entry_points, load_plugin

    load_entry_points()
    for plugin in plugins:
        load_plugin(plugin)
    ops = catalogue()
    if name is None:
        if form == "json":
            click.echo(json.dumps([describe(op) for op in ops.values()], indent=2))
        else:
            _print_all(ops)
        return
    if name not in ops:
        ours = our_name(name)
        hint = (
            f"it is `{ours}` here"
            if ours is not None
            else did_you_mean(name, ops) or "`archspec ops` lists them"
        )
        raise click.UsageError(f"no op is called `{name}`: {hint}")
    described = describe(ops[name])
    if form == "json":
        click.echo(json.dumps(described, indent=2))
        return
    where = "; ".join(filter(None, (described["family"], described["torch"])))
    click.echo(f"{name}  ({where})\n")
    click.echo(described["description"] + "\n")
    fewest, most = described["inputs"]
    count = (
        f"{fewest}"
        if fewest == most
        else f"{fewest} or more"
        if most is None
        else f"{fewest} to {most}"
    )
    click.echo(f"Inputs: {count}." + ("\n" if described["arguments"] else ""))
    for argument in described["arguments"]:
        main = " (main)" if argument["name"] == described["main"] else ""
        default = "required" if argument["required"] else f"default {_shown(argument['default'])}"
        click.echo(
            f"  {argument['name']}{main}: {argument['type']}, {default}. {argument['description']}"
        )


def describe(op: Any) -> dict[str, Any]:
    """An op as plain data: what its declaration says."""
    fewest, most = op.arity
    schema = op.model().model_json_schema()["properties"]
    return {
        "name": op.name,
        "family": op.family,
        "torch": op.torch_name,
        "description": inspect.cleandoc(op.__doc__ or ""),
        "main": op.main,
        "inputs": [fewest, most],
        "arguments": [
            {
                "name": field,
                "type": _type(schema[field]),
                "required": info.is_required(),
                "default": None if info.is_required() else _plain(info.default),
                "description": info.description or "",
            }
            for field, info in op.fields().items()
        ],
    }


def _type(schema: dict[str, Any]) -> str:
    """What an argument takes, of its JSON Schema: `whole number, list of 2 or "half"`."""
    if "anyOf" in schema:
        kinds = list(dict.fromkeys(_type(option) for option in schema["anyOf"]))
        return " or ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    if "enum" in schema or "const" in schema:
        return " or ".join(json.dumps(v) for v in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "value")
    if isinstance(kind, list):
        return " or ".join(_type({"type": one}) for one in kind)
    if kind == "array":
        size = schema.get("minItems")
        return f"list of {size}" if size and size == schema.get("maxItems") else "list"
    names = {"integer": "whole number", "boolean": "true or false", "string": "text"}
    return names.get(str(kind), "nothing" if kind == "null" else str(kind))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return value[0] if value and len(set(value)) == 1 else list(value)
    return value


def _print_all(ops: Any) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("op", "family", "what it is"):
        table.add_column(column)
    for op in ops.values():
        table.add_row(op.name, op.family, (op.__doc__ or "").strip().split("\n\n")[0])
    print_table(table)
