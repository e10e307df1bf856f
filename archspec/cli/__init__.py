"""The command line: thin commands over the public functions, each loaded when it is used."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "validate": "Check specs: files, folders, globs, or - for standard input.",
    "show": "Print a spec whole: parameters, imports and blocks resolved.",
    "summary": "Print a table of a network's modules, parameters and MACs.",
    "compile": "Write a network as one Python file that needs torch alone.",
    "render": "Draw networks: SVG, PNG, PDF, LaTeX, HTML, Mermaid, DOT.",
    "train": "Train a network on images, through Lightning.",
    "schema": "Print the JSON Schema of specs, for editors.",
    "ops": "List the ops, or explain one.",
    "explain": "Explain a diagnostic's code.",
    "list": "List the networks that come with archspec.",
    "completion": "Print the completion script of a shell.",
}
"""The commands and what each is for; `--help` needs nothing else."""


class Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"archspec.cli.{cmd_name}_")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            from archspec.diagnostics import did_you_mean

            hint = did_you_mean(name, COMMANDS) or f"one of {', '.join(COMMANDS)}"
            ctx.fail(f"no command is called `{name}`: {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="archspec")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def cli(debug: bool) -> None:
    """Neural-network architectures as specs: check, draw and compile them.

    A SPEC is a file, the name of a shipped network (see `archspec list`), or - for standard input.
    Exit codes: 0 fine, 1 findings in specs, 2 wrong usage or files, 101 an internal error.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit."""
    # pydantic would ask every installed package for tracers, which a command has no use for
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = run(sys.argv[1:] if args is None else args)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (BrokenPipeError, ValueError):  # the reader has gone; `run` may have closed the stream
        pass
    os._exit(code)  # taking all modules apart again would take longer than checking a spec


def run(args: list[str]) -> int:
    """Run the command line; gives the exit code."""
    gc.set_threshold(200_000, 20, 100)  # a command is short: looking for garbage costs more than it
    return guarded(
        lambda: cli.main(args, prog_name="archspec", standalone_mode=False),
        debug="--debug" in args,
    )


def guarded(work: Callable[[], Any], *, debug: bool) -> int:
    """Run a command; gives the exit code, and says on standard error what stopped it."""
    try:
        result = work()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except MemoryError:
        click.echo("error: the memory is used up; a smaller --max-nodes bounds a network", err=True)
        return 2
    except Exception as error:
        return _failed(error, debug=debug)
    return result if isinstance(result, int) else 0


def _failed(error: Exception, *, debug: bool) -> int:
    from archspec.diagnostics import ArchspecError, SpecError

    if isinstance(error, SpecError):
        from archspec.cli.common import exit_code, print_diagnostics

        print_diagnostics(error.diagnostics)
        return exit_code(error.diagnostics)
    if isinstance(error, ArchspecError):
        click.echo(f"error: {error}", err=True)
        return 2
    if isinstance(error, OSError):
        click.echo(f"error: {error.filename or 'file'}: {error.strerror or error}", err=True)
        return 2
    if isinstance(error, ModuleNotFoundError) and error.name == "torch":
        click.echo("error: this needs PyTorch 2.6 or later (pip install torch)", err=True)
        return 2
    if debug:
        import traceback

        traceback.print_exc()
    click.echo(
        f"internal error: {type(error).__name__}: {error}\n"
        "This is a bug of archspec. Please report it with the spec and what "
        "`archspec --debug COMMAND ...` prints.",
        err=True,
    )
    return 101


__all__ = ["cli", "main", "run"]
