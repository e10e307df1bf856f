"""What commands share: reading a SPEC argument, `--set`, writing output, printing diagnostics."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from archspec.diagnostics import Diagnostic, Source, SpecError


class SpecType(click.ParamType):  # type: ignore[type-arg]
    """A file, the name of a shipped network, or -."""

    name = "SPEC"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from archspec.expand import spaces, zoo

        shipped = (*zoo(), *spaces())
        found = [CompletionItem(name) for name, _path in shipped if name.startswith(incomplete)]
        return [*found, CompletionItem(incomplete, type="file")]


set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the spec; the value is read as YAML.",
)
plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE",
    help="A Python file whose ops the spec uses; it is run, so only a trusted one.",
)
limit_option = click.option(
    "--max-nodes",
    "limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="The largest network that is built, in nodes; 100,000 unless said.",
)


untrusted_option = click.option(
    "--untrusted",
    is_flag=True,
    help="Work on the spec in a process with 10 s of CPU time and 1 GiB of memory.",
)


def spec_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """The SPEC argument with what says how it is read."""

    @wraps(function)
    def command(*args: Any, untrusted: bool, **options: Any) -> Any:
        if untrusted:
            return within(lambda: function(*args, **options))
        return function(*args, **options)

    for option in (untrusted_option, limit_option, plugin_option, set_option):
        command = option(command)
    return click.argument("spec", type=SpecType())(command)


def within(work: Callable[[], Any]) -> int:
    """Run a command within limits; gives its exit code."""
    from archspec.cli import guarded
    from archspec.codes.text import TOO_MUCH
    from archspec.limits import LimitReached, within_limits

    debug = click.get_current_context().find_root().params["debug"]

    def child() -> bytes:
        code = guarded(work, debug=debug)
        sys.stdout.flush()
        sys.stderr.flush()
        return bytes([code])

    try:
        return within_limits(child)[0]
    except LimitReached as reached:
        raise TOO_MUCH.error(None, f"the command {reached}") from None


def values(settings: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """The parameters that `--set`, or an option like it, gives."""
    from archspec.syntax import parse, plain

    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"{option} takes NAME=VALUE, got `{setting}`")
        if name in found:
            raise click.UsageError(f"{option} gives `{name}` twice")
        try:
            found[name] = plain(parse(Source(f"{option} {name}", text))) if text.strip() else None
        except SpecError as error:
            reason = "; ".join(diagnostic.message for diagnostic in error.diagnostics)
            raise click.UsageError(f"{option} {name}: `{text}` is no value: {reason}") from None
    return found


def load_spec(
    spec: str, settings: Iterable[str], plugins: Iterable[str], limit: int | None = None
) -> Any:
    """The architecture of a SPEC argument."""
    from archspec.api import load_architecture, load_str

    if spec == "-":
        text = standard_input()
        given = values(settings)
        return load_str(text, name="<stdin>", params=given, plugins=plugins, limit=limit)
    return load_architecture(spec, values(settings), plugins, limit)


def load_open(
    spec: str, settings: Iterable[str], plugins: Iterable[str], limit: int | None = None
) -> Any:
    """The search space of a SPEC argument. Raises UsageError where nothing is open."""
    from archspec.api import load_space
    from archspec.search.spec_space import nothing_open

    text = standard_input() if spec == "-" else None
    found = load_space(spec, text=text, params=values(settings), plugins=plugins, limit=limit)
    if not found.space.decisions:
        raise nothing_open(spec)
    print_diagnostics(found.findings)
    return found


def standard_input() -> str:
    """The spec on standard input, held to what a file is held to. Raises SpecError."""
    from archspec.syntax import decode
    from archspec.syntax.parser import MAX_BYTES

    return decode("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1)).text


def free(folder: Path) -> Path:
    """The folder, or one numbered like it, that is not there yet."""
    number, found = 1, folder
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found


def write(output: str | None, data: bytes) -> None:
    """Write to a file, whole or not at all, or to standard output."""
    if output in (None, "-"):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from archspec.files import write_whole

    write_whole(str(output), data)
    click.echo(f"wrote {output}", err=True)


def colored(stream: Any) -> bool:
    """Whether to use colours: on a terminal, as NO_COLOR and FORCE_COLOR say."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or bool(stream.isatty())


_UNREADABLE = {"AS0110", "AS0111", "AS0370"}
"""The codes of a SPEC that is not there or cannot be read."""


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """0 without errors; 1 for errors in specs; 2 where the call alone is at fault."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
    if not errors:
        return 0
    return 2 if all(d.code in _UNREADABLE and d.span is None for d in errors) else 1


def print_diagnostics(diagnostics: Iterable[Diagnostic], *, most: int = 100) -> None:
    """Print findings to standard error, and how many were left out."""
    found = list(diagnostics)
    color = colored(sys.stderr)
    for diagnostic in found[:most]:
        click.echo(diagnostic.format(color=color), err=True, color=color)
        click.echo("", err=True)
    if len(found) > most:
        click.echo(f"... and {len(found) - most} more", err=True)


def print_table(table: Any) -> None:
    """Print a rich table to standard output; wide where it is no terminal, so nothing is cut."""
    from rich.console import Console

    tty = sys.stdout.isatty()
    Console(width=None if tty else 200, no_color=not colored(sys.stdout)).print(table)
