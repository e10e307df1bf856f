"""`archspec validate`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import click

from archspec.cli.common import (
    SpecType,
    colored,
    exit_code,
    limit_option,
    plugin_option,
    set_option,
    standard_input,
    untrusted_option,
    values,
    write,
)
from archspec.cli.progress import steps
from archspec.diagnostics import SpecError, UsageError, counted
from archspec.reports import FORMATS, Checked, Report, write_report


def _codes(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[str]:
    return [code for one in given for code in one.split(",") if code.strip()]


@click.command("validate")
@click.argument("specs", nargs=-1, metavar="[SPEC]...", type=SpecType())
@set_option
@plugin_option
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write them; - is stdout.")
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    callback=_codes,
    help="Look for these warnings alone: codes, their beginnings (AS07), or ALL.",
)
@click.option(
    "--extend-select",
    multiple=True,
    metavar="CODES",
    callback=_codes,
    help="Look for these warnings too.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODES",
    callback=_codes,
    help="Do not look for these warnings.",
)
@click.option(
    "--max-warnings",
    type=click.IntRange(min=0),
    metavar="N",
    help="Fail where there are more warnings than this.",
)
@click.option("--baseline", metavar="FILE", help="Tell only findings that this file does not know.")
@click.option("--write-baseline", is_flag=True, help="Write the baseline anew, and tell nothing.")
@click.option(
    "--changed-since",
    "ref",
    metavar="REF",
    help="Only specs that have changed since a git commit, or take in a file that has.",
)
@click.option(
    "--only-specs",
    is_flag=True,
    help="Pass over named files that are no specs, or are excluded; for pre-commit and the like.",
)
@limit_option
@untrusted_option
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="The most processes that check side by side where the specs are many; as many as there are "
    "cores unless said.",
)
@click.option("--no-cache", is_flag=True, help="Check again what has not changed.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing where nothing is wrong.")
def command(
    specs: tuple[str, ...],
    settings: tuple[str, ...],
    plugins: tuple[str, ...],
    form: str,
    output: str | None,
    select: list[str],
    extend_select: list[str],
    ignore: list[str],
    max_warnings: int | None,
    baseline: str | None,
    write_baseline: bool,
    ref: str | None,
    only_specs: bool,
    limit: int | None,
    untrusted: bool,
    jobs: int | None,
    no_cache: bool,
    quiet: bool,
) -> int:
    """Check specs: files, folders, globs, names of shipped networks, or - for standard input.

    Without SPEC, every spec in this folder and below. Needs no PyTorch. Settings of a project stand
    in its pyproject.toml, under [tool.archspec].
    """
    from archspec.checking import (
        Checker,
        Selection,
        changed_since,
        check_many,
        find_specs,
        read_settings,
    )

    project = read_settings(Path.cwd())
    if select:
        selection = Selection(select, extend_select, ignore)
    else:
        extend = (*project.extend_select, *extend_select)
        selection = Selection(project.select, extend, (*project.ignore, *ignore))
    checker = Checker(
        selection,
        params=values(settings),
        plugins=plugins,
        limit=project.max_nodes if limit is None else limit,
        untrusted=untrusted,
        cached=not no_cache,
    )
    chosen = find_specs(
        specs or (".",), exclude=project.exclude, folder=project.folder, only_specs=only_specs
    )
    names = chosen.specs if ref is None else changed_since(ref, chosen.specs)
    checked = []
    gc.freeze()  # what was imported is no garbage
    files = check_many(checker, [name for name in names if name != "-"], jobs)
    for name in steps(names, "checking"):
        try:
            found = checker.check(name, standard_input()) if name == "-" else next(files)
        except SpecError as error:
            found = list(error.diagnostics)
        checked.append(Checked(name, tuple(f for f in found if not project.ignores(f))))
    next(files, None)  # the processes that checked them end
    report = Report(tuple(checked), tuple(chosen.others))
    if baseline is None and project.baseline is not None:
        baseline = str(project.folder / project.baseline)
    if write_baseline:
        return _write_baseline(report, baseline)
    if baseline is not None:
        report = _new(report, baseline)
    if not quiet or report.findings or form != "text":
        _tell(report, form, output)
    most = project.max_warnings if max_warnings is None else max_warnings
    if most is not None and report.warnings > most:
        click.echo(
            f"error: {counted(report.warnings, 'warning')}, of which {most} "
            f"{'is' if most == 1 else 'are'} allowed",
            err=True,
        )
        return exit_code(report.findings) or 1
    return exit_code(report.findings)


def _tell(report: Report, form: str, output: str | None) -> None:
    import shutil

    color = output is None and colored(sys.stdout)
    width = shutil.get_terminal_size().columns if output is None and sys.stdout.isatty() else None
    text = write_report(report, form, color=color, width=width)
    if output is None:
        click.echo(text, nl=False, color=color)
    else:
        write(output, text.encode())


def _write_baseline(report: Report, baseline: str | None) -> int:
    from archspec.checking.baseline import write_baseline

    if baseline is None:
        raise UsageError("--write-baseline needs --baseline FILE, or `baseline` in pyproject.toml")
    write_baseline(Path(baseline), list(report.findings))
    click.echo(f"wrote {baseline}: {counted(len(report.findings), 'finding')}", err=True)
    return 0


def _new(report: Report, baseline: str) -> Report:
    """The report without what the baseline knows."""
    from archspec.checking.baseline import Baseline

    files = {one.span.source.name for one in report.findings if one.span is not None}
    files |= {os.path.relpath(one.spec) for one in report.checked if one.spec != "-"}
    new, known = Baseline(Path(baseline)).split(list(report.findings), files)
    left = {id(one) for one in new}
    told = {id(one) for one in report.findings}
    checked = [
        Checked(one.spec, tuple(f for f in one.found if id(f) in left)) for one in report.checked
    ]
    stale = tuple(one for one in new if id(one) not in told)
    return Report(tuple(checked), report.others, known, stale)
