"""`archspec search`."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archspec.cli.common import (
    SpecType,
    free,
    limit_option,
    plugin_option,
    print_diagnostics,
    set_option,
    standard_input,
    values,
)
from archspec.cli.search_report import command as report
from archspec.diagnostics import counted

if TYPE_CHECKING:
    from archspec.expand import Program
    from archspec.search.objectives import Objectives
    from archspec.trials.engines import Engine
    from archspec.trials.plan import Plan
    from archspec.trials.price import Price
    from archspec.trials.search import Search

_ENGINE = ("engine", "workers", "address", "cpus", "gpus")
_CHILDREN = 60


class _WithReport(click.Command):
    """`archspec search SPACE`, and `archspec search report FOLDER`."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        if args[:1] == ["report"]:
            return report.make_context(f"{info_name} report", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("search", cls=_WithReport)
@click.argument("space", type=SpecType())
@set_option
@plugin_option
@limit_option
@click.option(
    "--strategy",
    type=click.Choice(["evolution", "controller", "random", "tpe", "nsga2"]),
    help="Who chooses the children; evolution unless said.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the strategy, as preset=zoph2017 of the controller.",
)
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME[=TARGET]",
    help="What is wanted, the main thing first: accuracy (the default), params, macs, latency (in ms). "
    "With a target the reward is weighed by it.",
)
@click.option(
    "--children",
    type=click.IntRange(min=1),
    help=f"Children of the search; {_CHILDREN} where no budget is given.",
)
@click.option(
    "--max-epochs",
    type=click.IntRange(min=1),
    help="Epochs of all children of the search together.",
)
@click.option("--hours", type=float, help="Hours of the whole search, by the clock.")
@click.option("--epochs", type=click.IntRange(min=1), help="Epochs of a child; 5 unless said.")
@click.option(
    "--halving",
    type=click.IntRange(min=2),
    metavar="N",
    help="After 1, N, N*N ... epochs only the best of N children go on.",
)
@click.option("--data", metavar="DATA", help="As for `archspec train`; digits unless said.")
@click.option(
    "--train",
    "training",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of the training, as batch-size=128: the options of `archspec train` that say how "
    "a network is trained, but ema and early-stop.",
)
@click.option("--seed", type=int, help="Seed of everything; 0 unless said.")
@click.option(
    "--time-limit", "limit_", type=float, metavar="SECONDS", help="The most that a child may take."
)
@click.option(
    "--engine",
    type=click.Choice(["in-process", "pool", "ray"]),
    help="Where children are trained; in-process unless said.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Children side by side; as many as there is room for.",
)
@click.option(
    "--ray-address", "address", help="Address of a Ray cluster; without it one is started."
)
@click.option("--cpus", type=float, help="CPUs of a child, with Ray; 1 unless said.")
@click.option(
    "--gpus",
    type=float,
    help="GPUs of a child, with Ray; 0 unless said. A share, as 0.25, is possible.",
)
@click.option(
    "--no-baseline",
    is_flag=True,
    default=None,
    help="No random search with the same budget beside it.",
)
@click.option(
    "--top",
    type=click.IntRange(min=0),
    help="How many of the best are trained again; 3 unless said.",
)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    help="How often each of them is, from other seeds; 5 unless said.",
)
@click.option(
    "--final-epochs",
    type=click.IntRange(min=1),
    help="Epochs of these last trainings; those of a child unless said.",
)
@click.option("--yes", is_flag=True, help="Begin even if it is very expensive.")
@click.option(
    "--out", metavar="FOLDER", help="A folder for the search; runs/SPACE-search unless said."
)
@click.option("--resume", is_flag=True, help="SPACE is the folder of a search: go on with it.")
def command(space: str, resume: bool, yes: bool, out: str | None, **given: Any) -> int:
    """Search a space of networks for good ones, by training them.

    SPACE is a spec with choices. A strategy chooses children, they are trained, and it learns from
    what becomes of them. Random search with the same budget runs beside it, and the best are trained
    again from other seeds. Leaves a folder with the journal, the best child as a spec (best.yaml), and
    a report. Ctrl-C, and even a crash, loses no finished child:
    `archspec search --resume FOLDER` goes on. `archspec search report FOLDER` reports on a search at
    any time.
    """
    from archspec.trials.journal import NAME

    engine = {name: given.pop(name) for name in _ENGINE}
    if not resume and Path(space, NAME).is_file():
        raise click.UsageError(f"{space} is the folder of a search: --resume goes on with it")
    search = _resumed(space, out, given) if resume else _begun(space, out, given)
    try:
        return _carry_out(search, engine, yes=yes)
    except KeyboardInterrupt:
        begun = search.journal.sessions
        on = f"; go on with: archspec search --resume {search.folder}" if begun else ""
        click.echo(f"\nstopped{on}", err=True)
        return 130
    finally:
        search.close()


def _resumed(folder: str, out: str | None, given: dict[str, Any]) -> Search:
    wrong = [name for name, value in given.items() if value is not None and value != ()]
    if out is not None or wrong:
        raise click.UsageError(
            "a search that goes on has its own settings: leave out all options but those of the engine"
        )
    from archspec.trials.search import Search

    return Search.resume(Path(folder))


def _begun(space: str, out: str | None, given: dict[str, Any]) -> Search:
    from archspec.api import read_program, read_text
    from archspec.search.finding import find_space
    from archspec.trials.plan import Plan
    from archspec.trials.search import Search, problem_of

    settings, plugins, limit = given.pop("settings"), given.pop("plugins"), given.pop("limit")
    plan = Plan(**_planned(given))
    params = values(settings)
    text = standard_input() if space == "-" else None
    if text is None:
        program = read_program(space, plugins=plugins)
    else:
        program = read_text("-", text, plugins=plugins)
    params |= _classes(space, program, plan, params, limit)
    found = find_space(program, params, limit)
    print_diagnostics(found.findings)
    problem = problem_of(found, plan, plugins)
    folder = Path(out) if out else free(Path("runs", f"{found.program.name}-search"))
    spec = {
        "spec": str(Path(space).resolve()) if os.path.exists(space) else space,
        "text": text,
        "params": params,
        "plugins": list(problem.plugins),
        "limit": limit,
    }
    return Search.begin(folder, plan, problem, spec)


def _planned(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a plan that options give."""
    from archspec.trials.plan import Plan

    plan = {name: value for name, value in given.items() if value is not None}
    plan["options"] = values(plan["options"], "--option")
    epochs = plan.get("epochs", Plan.epochs)
    least = min(epochs, plan.get("final_epochs", epochs))
    plan["training"] = _training(plan["training"], least)
    plan["baseline"] = not plan.pop("no_baseline", False)
    plan["objectives"] = _wanted(plan["objectives"])
    for name, option in (("hours", "--hours"), ("limit_", "--time-limit")):
        if name in plan and not 0 < plan[name] < math.inf:
            raise click.UsageError(f"{option} is {plan[name]:g}: it must be above 0")
    if plan.get("max_epochs", epochs) < epochs:
        raise click.UsageError(
            f"--max-epochs {plan['max_epochs']} is too little for one child, which has {epochs}: "
            "raise it, or lower --epochs"
        )
    if "limit_" in plan:
        plan["limit"] = plan.pop("limit_")
    if not plan.keys() & {"children", "max_epochs", "hours"}:
        plan["children"] = _CHILDREN
    if "data" in plan:
        plan["data"] = _found_from_anywhere(plan["data"])
    return plan


def _training(given: Iterable[str], epochs: int) -> dict[str, Any]:
    """The settings that `--train` gives; says what is wrong with them before anything begins."""
    from archspec.train.settings import Settings

    found = values(map(_underscored, given), "--train")
    for name in ("epochs", "seed"):
        if name in found:
            raise click.UsageError(f"--train {name}: say --{name}")
    Settings.of_child({**found, "epochs": epochs})
    return found


def _underscored(setting: str) -> str:
    """batch-size=32 as batch_size=32: the options of `archspec train` are written so."""
    name, equals, value = setting.partition("=")
    return name.replace("-", "_") + equals + value


def _found_from_anywhere(data: str) -> str:
    """A path that a process in another folder finds too."""
    if data.startswith("torchvision:"):
        name, _, folder = data.removeprefix("torchvision:").partition(":")
        return f"torchvision:{name}:{Path(folder).resolve()}"
    return str(Path(data).resolve()) if os.path.exists(data) else data


def _wanted(objectives: Iterable[str]) -> Objectives:
    from archspec.diagnostics import did_you_mean
    from archspec.search.objectives import Objective, Objectives

    found = []
    for text in objectives or ("accuracy",):
        name, equals, target = text.partition("=")
        try:
            number = float(target) if equals else None
        except ValueError:
            raise click.UsageError(f"--objective takes NAME or NAME=TARGET, got `{text}`") from None
        found.append(Objective(name, up=name == "accuracy", target=number))
    first = found[0].name
    if first != "accuracy":
        hint = did_you_mean(first, ("accuracy",))
        raise click.UsageError(
            f"the main objective, the first one, is accuracy, and not `{first}`: "
            + (hint or f"write `--objective accuracy --objective {first}`")
        )
    return Objectives(tuple(found))


def _classes(
    space: str, program: Program, plan: Plan, params: dict[str, Any], limit: int | None
) -> dict[str, int]:
    """The number of classes, where the spec has a parameter for it; says where the network of the
    defaults and the data do not fit, before the whole space is looked at."""
    from archspec.architecture import Architecture
    from archspec.diagnostics import TrainingError
    from archspec.expand import expand
    from archspec.expand.scoping import MAX_NODES
    from archspec.search.spec_space import nothing_open
    from archspec.train import read_data
    from archspec.train.fitting import classes_to_set, fitted
    from archspec.train.settings import Settings

    network = expand(program, params, limit=limit or MAX_NODES)
    if not network.is_open:
        raise nothing_open(space)
    settings = Settings.of(plan.training)
    data = read_data(plan.data, seed=settings.split_seed)
    arch = Architecture(network)
    classes = classes_to_set(arch, data, params)
    more = {} if classes is None else {"num_classes": classes}
    if more:
        arch = Architecture(expand(program, params | more, limit=limit or MAX_NODES))
    try:
        fitted(arch, data, settings)
    except TrainingError as error:  # what is an option of `train` is a setting here
        text = str(error).replace("--color ", "--train color=")
        raise TrainingError(text.replace("--resize", "--train resize=true")) from None
    if more:
        many = counted(classes or 0, "class", "classes")
        click.echo(f"{data.name} has {many}: num_classes is set to {classes}", err=True)
    return more


def _carry_out(search: Search, options: dict[str, Any], *, yes: bool) -> int:
    from archspec.cli.search_live import Live
    from archspec.trials.engines import make_engine

    with _engine(make_engine, options) as engine:
        plan = search.plan
        size = search.problem.space.size
        shown = f"{size:,}" if isinstance(size, int) and size < 10**9 else f"{size:.3g}"
        click.echo(
            f"searching {search.problem.name} ({shown} sets of answers) by {plan.strategy} on "
            f"{plan.data}, in {search.folder}",
            err=True,
        )
        if search.journal.entries:
            children = counted(len(search.journal.entries), "child", "children")
            click.echo(f"{children} in the journal", err=True)
        price = search.price(engine)
        _say_price(price, plan, yes=yes)
        live = Live(search, price)
        with live:
            best = search.run(engine, live.seen)
    if best is None:
        click.echo("no child could be trained; the reasons are in the report", err=True)
    else:
        click.echo(live.summary(best))
    _report(search)
    return 0 if best is not None else 1


def _engine(make: Any, options: dict[str, Any]) -> Engine:
    name = options["engine"] or "in-process"
    rest = {key: options[key] for key in ("address", "cpus", "gpus")}
    engine: Engine = make(name, options["workers"], **rest)
    return engine


def _say_price(price: Price, plan: Any, *, yes: bool) -> None:
    from archspec.cli.search_live import duration

    for name, (children, epochs, seconds) in price.parts.items():
        each = counted(epochs, "epoch")
        click.echo(f"  {name}: {children:,} x {each}, {duration(seconds)}", err=True)
    about = "about " if price.training >= 1 else ""
    workers = f"{price.workers} workers" if price.workers > 1 else "one worker"
    click.echo(
        f"price: {about}{duration(price.training)} of training, {duration(price.wall)} with "
        f"{workers}",
        err=True,
    )
    if price.is_expensive and not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise click.UsageError(
                "this is very expensive: --yes begins it all the same; fewer --children, --epochs, "
                "--hours or --no-baseline make it cheaper"
            )
        click.confirm("this is very expensive; begin?", abort=True, err=True)


def _report(search: Search) -> None:
    from archspec.diagnostics import UsageError
    from archspec.trials.report import write_report

    try:
        files = write_report(search.folder, search.journal)
    except UsageError as error:
        click.echo(f"no report: {error}", err=True)
        return
    click.echo(f"wrote {', '.join(str(file) for file in files if file.suffix != '.svg')}", err=True)
