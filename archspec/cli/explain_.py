"""`archspec explain`."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command("explain")
@click.argument("code", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(code: str | None, form: str) -> None:
    """Explain a diagnostic's CODE, with a wrong and a right example; without CODE, list them."""
    from archspec.codes import all_rules
    from archspec.diagnostics import did_you_mean

    rules = all_rules()
    if code is None:
        if form == "json":
            click.echo(json.dumps([asdict(rule) for rule in rules.values()], indent=2))
        else:
            click.echo("\n".join(f"{rule.code}  {rule.title}" for rule in rules.values()))
        return
    found = rules.get(code.upper())
    if found is None:
        hint = did_you_mean(code.upper(), rules) or "`archspec explain` lists them"
        raise click.UsageError(f"no code is called `{code}`: {hint}")
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2))
        return
    click.echo(f"{found.code}: {found.title}\n\n{found.explanation}\n")
    click.echo("wrong:\n" + _indented(found.wrong) + "\nright:\n" + _indented(found.right))


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
