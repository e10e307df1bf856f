"""`archspec render`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.common import (
    SpecType,
    limit_option,
    load_spec,
    plugin_option,
    set_option,
    untrusted_option,
    within,
    write,
)
from archspec.cli.progress import waiting

if TYPE_CHECKING:
    from archspec.drawing import Drawn

_FORMATS = ("svg", "png", "pdf", "tex", "tikz", "html", "dot", "mmd", "json", "md")
_SECONDS = 0.3  # between looks at the files


@click.command("render")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...", type=SpecType())
@set_option
@plugin_option
@limit_option
@untrusted_option
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where to write (SPEC.svg by default); the ending gives the format. - is stdout.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="tex is a LaTeX document, tikz what stands in one, mmd Mermaid, md a table.",
)
@click.option(
    "--style",
    type=click.Choice(["graph", "volume", "table"]),
    default="graph",
    show_default=True,
    help="Boxes and edges, feature maps, or the table of a paper.",
)
@click.option(
    "--level",
    type=click.Choice(["stage", "block", "op"]),
    default="block",
    show_default=True,
    help="How much to open.",
)
@click.option("--expand", multiple=True, metavar="PATH", help="Open this module too.")
@click.option("--hide", multiple=True, metavar="PATH|OP", help="Leave out a module, or an op.")
@click.option("--only", metavar="PATH", help="Draw this module alone.")
@click.option("--fold/--no-fold", default=None, help="Copies in a row as one box.")
@click.option(
    "--join/--no-join",
    default=None,
    help="Norms and activations in the box of their convolution. Both are on above --level op.",
)
@click.option("--diff", is_flag=True, help="Two networks as one, with what differs.")
@click.option("--params", is_flag=True, help="Say the parameters of each box.")
@click.option("--macs", is_flag=True, help="Say the multiply-accumulates of each box.")
@click.option("--names/--no-names", default=True, help="Say what the spec calls each box.")
@click.option("--shapes/--no-shapes", default=True, help="Say shapes where they change.")
@click.option("--title/--no-title", default=True, help="The name and the totals above.")
@click.option("--legend/--no-legend", default=True, help="What shapes and lines mean, below.")
@click.option("--insets/--no-insets", default=True, help="Blocks drawn open beside the network.")
@click.option(
    "--theme",
    type=click.Choice(["light", "dark", "grey"]),
    default="light",
    show_default=True,
    help="Colours.",
)
@click.option(
    "--layout",
    type=click.Choice(["auto", "spine", "graphviz"]),
    default="auto",
    show_default=True,
    help="auto takes graphviz for --level op and for graphs without a spine.",
)
@click.option(
    "--provider",
    type=click.Choice(["graphviz-pure", "dot", "pygraphviz"]),
    help="The graphviz to use; the first that is there unless said.",
)
@click.option(
    "--width",
    metavar="WIDTH",
    help="Fit a paper's column: column (3.5 inches), page (7.16), or inches.",
)
@click.option(
    "--least",
    type=click.FloatRange(min=1),
    default=5.0,
    show_default=True,
    metavar="POINTS",
    help="The smallest letters that --width may lead to; less is an error.",
)
@click.option(
    "--dpi",
    type=click.FloatRange(min=10, max=1200),
    default=192.0,
    show_default=True,
    help="Dots per inch of a PNG.",
)
@click.option("--watch", is_flag=True, help="Draw again whenever a file of the spec changes.")
def command(
    specs: tuple[str, ...],
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    limit: int | None,
    untrusted: bool,
    output: str | None,
    form: str | None,
    watch: bool,
    **options: Any,
) -> int:
    """Draw a network, or several side by side, aligned by the size of what they compute.

    Needs no PyTorch. With --diff, two networks as one: what was added, removed and changed.
    """
    form = _format(form, output, options["style"])
    if output is None:  # after what the caller typed: the name in a spec is not to choose a file
        names = ["network" if spec == "-" else Path(spec).stem for spec in specs]
        output = f"{'-'.join(names)}.{form}"

    def work() -> None:
        loaded = [load_spec(spec, settings, plugins, limit) for spec in specs]
        with waiting("drawing"):
            drawn = _draw(loaded, form, options)
        for note in drawn.notes:
            click.echo(f"note: {note}", err=True)
        write(output, drawn.data)

    if specs.count("-") > 1:
        raise click.UsageError("standard input is one spec: name - once")
    if watch:
        if "-" in specs or output == "-":
            raise click.UsageError("--watch needs files to read and a file to write")
        if untrusted:
            raise click.UsageError("--watch goes on without an end, which --untrusted bounds")
        return _watch(specs, work)
    if untrusted:
        return within(work)
    work()
    return 0


def _format(form: str | None, output: str | None, style: str) -> str:
    from archspec.drawing import format_of

    if form is not None:
        return form
    ending = Path(output or "").suffix[1:]
    return format_of(ending) if ending else "md" if style == "table" else "svg"


def _draw(networks: list[Any], form: str, options: dict[str, Any]) -> Drawn:
    from archspec.drawing import Look, View, Written, draw

    seen = {name: options[name] for name in ("level", "only", "fold", "join")}
    view = View(**seen, expand=options["expand"], hide=options["hide"])
    written = Written(**{name: options[name] for name in ("names", "params", "macs", "shapes")})
    looks = ("theme", "title", "legend", "insets", "layout", "provider", "width", "least", "dpi")
    look = Look(written=written, **{name: options[name] for name in looks})
    return draw(
        networks, format=form, style=options["style"], view=view, look=look, diff=options["diff"]
    )


def _watch(specs: tuple[str, ...], work: Callable[[], None]) -> int:
    """Work again whenever a file changes, until the user stops it."""
    from archspec.cli import guarded

    known: dict[str, tuple[int, int] | None] = {}
    click.echo("watching; Ctrl-C stops", err=True)
    try:
        while True:
            now = {path: _state(path) for path in _files(specs)}
            if now != known:
                known = now
                guarded(work, debug=False)
            time.sleep(_SECONDS)
    except KeyboardInterrupt:
        return 0


def _files(specs: tuple[str, ...]) -> Iterator[str]:
    """The files that specs take in, as far as they can be read."""
    from archspec.api import find_spec, read_program
    from archspec.diagnostics import SpecError

    for spec in specs:
        try:
            yield str(find_spec(spec))
            yield from map(str, read_program(spec).paths)
        except SpecError:
            yield spec


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
