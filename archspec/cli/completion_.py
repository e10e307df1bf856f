"""`archspec completion`."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a SHELL.

    For example: `archspec completion bash >> ~/.bashrc`.
    """
    from click.shell_completion import get_completion_class

    from archspec.cli import cli

    completion = get_completion_class(shell)
    assert completion is not None
    click.echo(completion(cli, {}, "archspec", "_ARCHSPEC_COMPLETE").source())
