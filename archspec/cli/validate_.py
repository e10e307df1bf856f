"""`archspec validate`."""

from __future__ import annotations

import gc
import glob
import json
import os
from pathlib import Path

import click

from archspec.cli.common import SpecType, exit_code, print_diagnostics, standard_input, values
from archspec.cli.progress import steps
from archspec.diagnostics import Diagnostic, SpecError


@click.command("validate")
@click.argument("specs", nargs=-1, metavar="[SPEC]...", type=SpecType())
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("--plugin", "plugins", multiple=True, metavar="FILE", help="A file with own ops.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing where nothing is wrong.")
def command(
    specs: tuple[str, ...],
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    form: str,
    quiet: bool,
) -> int:
    """Check specs: files, folders, globs, names of shipped networks, or - for standard input.

    Without SPEC, every spec in this folder and below. Needs no PyTorch.
    """
    from archspec.api import validate

    given = values(settings)
    passed: list[Path] = []
    chosen = list(
        dict.fromkeys(found for spec in specs or (".",) for found in _specs(spec, passed))
    )
    diagnostics: list[Diagnostic] = []
    gc.freeze()  # what was imported is no garbage
    for spec in steps(chosen, "checking"):
        try:
            text = standard_input() if spec == "-" else None
        except SpecError as error:
            diagnostics += error.diagnostics
        else:
            diagnostics += validate(spec, plugins=plugins, text=text, params=given)
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    if form == "json":
        report = {"checked": len(chosen), "diagnostics": [d.to_json() for d in diagnostics]}
        click.echo(json.dumps(report, indent=2))
    else:
        print_diagnostics(diagnostics)
        if not quiet or diagnostics:
            click.echo(_totals(len(chosen), errors, passed), err=bool(diagnostics))
    return exit_code(diagnostics)


def _totals(checked: int, errors: int, passed: list[Path]) -> str:
    said = (
        f"{checked} spec{'s' * (checked != 1)} checked, {errors or 'no'} error{'s' * (errors != 1)}"
    )
    if passed:
        others = f"{len(passed)} other YAML file{'s' * (len(passed) != 1)}"
        said += f"; {others} without `archspec:` passed over ({passed[0]}"
        said += ", ...)" if len(passed) > 1 else ")"
    return said


def _specs(spec: str, passed: list[Path]) -> list[str]:
    """The specs that an argument means; other YAML files of a folder go to `passed`. Raises
    UsageError where it means none."""
    path = Path(spec)
    if path.is_dir():
        yaml = [found for found in sorted(path.rglob("*")) if _is_yaml(found, path)]
        below = [found for found in yaml if _is_spec(found)]
        passed += [found for found in yaml if found not in below]
        if not below:
            raise click.UsageError(f"no specs in {spec} (files that say `archspec: 1`)")
        return [str(found) for found in below]
    if glob.has_magic(spec) and not os.path.lexists(spec):
        matches = [
            found for found in sorted(glob.glob(spec, recursive=True)) if os.path.isfile(found)
        ]
        if not matches:
            raise click.UsageError(f"no file matches {spec}")
        return matches
    return [spec]


def _is_yaml(path: Path, folder: Path) -> bool:
    """Whether a file below a folder is YAML, and not in a folder that is hidden or holds what
    others wrote."""
    inside = path.relative_to(folder).parts
    others = any(part.startswith(".") or part == "node_modules" for part in inside)
    return path.suffix in (".yaml", ".yml") and path.is_file() and not others


def _is_spec(path: Path) -> bool:
    """Whether a YAML file has a key `archspec`."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return True  # checking it says what is wrong
    return any(line.startswith(b"archspec:") for line in head.replace(b"\r", b"\n").split(b"\n"))
