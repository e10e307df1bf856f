"""`archspec validate`."""

from __future__ import annotations

import glob
import json
import sys
from pathlib import Path

import click

from archspec.cli.common import print_diagnostics, values
from archspec.diagnostics import Diagnostic


@click.command("validate")
@click.argument("paths", nargs=-1, metavar="[SPEC]...")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("--plugin", "plugins", multiple=True, metavar="FILE", help="A file with own ops.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing where nothing is wrong.")
def command(
    paths: tuple[str, ...],
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
    specs = _specs(paths or (".",))
    found: list[Diagnostic] = []
    with _progress(specs) as each:
        for spec in each:
            text = sys.stdin.read() if spec == "-" else None
            found += validate(spec, plugins=plugins, text=text, params=given)
    errors = sum(d.severity == "error" for d in found)
    if form == "json":
        report = {"checked": len(specs), "diagnostics": [d.to_json() for d in found]}
        click.echo(json.dumps(report, indent=2))
    else:
        print_diagnostics(found)
        if not quiet or found:
            click.echo(
                f"{len(specs)} spec{'s' * (len(specs) != 1)} checked, "
                f"{errors or 'no'} error{'s' * (errors != 1)}",
                err=bool(found),
            )
    return 1 if errors else 0


def _specs(paths: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for path in paths:
        if path == "-":
            found.append(path)
        elif Path(path).is_dir():
            below = sorted([*Path(path).rglob("*.yaml"), *Path(path).rglob("*.yml")])
            specs = [str(p) for p in below if _is_spec(p)]
            if not specs:
                raise click.UsageError(f"no specs in {path} (files that say `archspec: 1`)")
            found += specs
        elif glob.has_magic(path) and not Path(path).exists():
            matches = sorted(glob.glob(path, recursive=True))
            if not matches:
                raise click.UsageError(f"nothing matches {path}")
            found += matches
        elif not Path(path).exists() and ("/" in path or path.endswith((".yaml", ".yml"))):
            from archspec.diagnostics import did_you_mean

            near = [p.name for p in Path(path).parent.glob("*.y*ml")]
            hint = did_you_mean(Path(path).name, near)
            raise click.UsageError(f"no such file: {path}" + (f"; {hint}" if hint else ""))
        else:
            found.append(path)
    return found


def _is_spec(path: Path) -> bool:
    """Whether a YAML file says `archspec:`; hidden and installed ones are none of ours."""
    if any(part.startswith(".") and part not in (".", "..") for part in path.parts):
        return False
    if "node_modules" in path.parts or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(1 << 16)
    return any(line.startswith(b"archspec:") for line in head.replace(b"\r", b"\n").split(b"\n"))


class _progress:
    """A progress bar on a terminal once there are many specs."""

    def __init__(self, specs: list[str]):
        self.specs = specs

    def __enter__(self) -> list[str]:
        self.bar = None
        if len(self.specs) > 50 and sys.stderr.isatty():
            self.bar = click.progressbar(self.specs, label="checking", file=sys.stderr)
            return self.bar.__enter__()  # type: ignore[return-value]
        return self.specs

    def __exit__(self, *stop: object) -> None:
        if self.bar is not None:
            self.bar.__exit__(*stop)  # type: ignore[arg-type]
