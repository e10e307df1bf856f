"""`archspec train`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from archspec.cli.common import (
    SpecType,
    free,
    limit_option,
    load_spec,
    plugin_option,
    set_option,
    values,
)
from archspec.diagnostics import counted

_OWN = ("settings", "plugins", "limit", "spec", "data", "out", "resume")


def _first() -> bool:
    """Whether this is the only process of a run, or the one that speaks for all."""
    return int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", 0))) == 0


def _say(text: str, *, err: bool = False) -> None:
    if _first():
        click.echo(text, err=err)


@click.command("train")
@click.argument("spec", type=SpecType())
@set_option
@plugin_option
@limit_option
@click.option(
    "--data",
    metavar="DATA",
    help="digits (the default), fashion-mnist, torchvision:NAME:FOLDER, a folder of images or of "
    "IDX files, or an .npz file.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), help="Times through the data; 10 unless said."
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), help="Images a step and device; 64 unless said."
)
@click.option(
    "--lr", type=float, help="The highest learning rate; unless said 0.05 for sgd, 0.001 for adamw."
)
@click.option(
    "--optimizer",
    type=click.Choice(["sgd", "adamw"]),
    help="sgd, with Nesterov's momentum, unless said.",
)
@click.option("--momentum", type=float, help="Of sgd; 0.9 unless said.")
@click.option("--weight-decay", type=float, help="Unless said 1e-4 for sgd, 0.01 for adamw.")
@click.option(
    "--schedule",
    type=click.Choice(["cosine", "step", "one-cycle", "constant"]),
    help="How the learning rate changes; cosine unless said.",
)
@click.option(
    "--warmup",
    type=float,
    metavar="EPOCHS",
    help="Epochs in which the learning rate rises from zero.",
)
@click.option("--label-smoothing", type=float, metavar="SHARE", help="0.1 is usual; 0 unless said.")
@click.option("--clip", type=float, metavar="NORM", help="The largest norm of the gradient.")
@click.option(
    "--ema",
    type=float,
    metavar="DECAY",
    help="Keep a moving average of the weights, with a decay as 0.999.",
)
@click.option(
    "--precision", type=click.Choice(["32", "bf16-mixed", "16-mixed"]), help="32 bits unless said."
)
@click.option("--flip", is_flag=True, default=None, help="Mirror half of the images, at random.")
@click.option(
    "--crop",
    type=click.IntRange(min=0),
    metavar="PIXELS",
    help="Pad so far, then cut out the size again, at random.",
)
@click.option("--resize", is_flag=True, default=None, help="Scale images to the network's size.")
@click.option(
    "--color",
    type=click.Choice(["rgb", "grey"]),
    help="Convert the images to colour or to grey.",
)
@click.option(
    "--early-stop",
    type=click.IntRange(min=1),
    metavar="EPOCHS",
    help="End after so many epochs without a better validation accuracy.",
)
@click.option("--limit-train", type=click.IntRange(min=1), metavar="N", help="Train on N images.")
@click.option("--seed", type=int, help="Seed of weights, order and augmentation; 0 unless said.")
@click.option("--split-seed", type=int, help="Seed of the splits; 0 unless said.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    help="Processes that read images; 0 unless said: none of their own.",
)
@click.option(
    "--devices", type=click.IntRange(min=1), help="Devices, or processes on a CPU; 1 unless said."
)
@click.option(
    "--strategy",
    type=click.Choice(["auto", "ddp", "fsdp2"]),
    help="How several --devices share the work; auto unless said.",
)
@click.option(
    "--accelerator",
    type=click.Choice(["auto", "cpu", "gpu", "mps"]),
    help="What to train on; auto unless said.",
)
@click.option("--out", metavar="FOLDER", help="A folder for the run; runs/SPEC-DATA unless said.")
@click.option("--resume", is_flag=True, help="SPEC is the folder of a run: go on with it.")
def command(spec: str, resume: bool, **options: Any) -> int:
    """Train a network to classify images.

    Leaves a folder with the spec, the settings, the metrics (metrics.csv, tensorboard/), the weights
    of the best and the last epoch (safetensors, for `weights=`) and a checkpoint. Ctrl-C saves;
    `archspec train --resume FOLDER` goes on as if nothing had been.
    """
    given = {k: v for k, v in options.items() if k not in _OWN and v is not None}
    if resume:
        return _resume(spec, given, options)
    if Path(spec, "run.json").is_file():
        raise click.UsageError(f"{spec} is the folder of a run: --resume goes on with it")
    return _start(spec, given, options)


def _start(spec: str, given: dict[str, Any], options: dict[str, Any]) -> int:
    from archspec.train.settings import Settings

    settings = Settings.of(given)
    arch = load_spec(spec, options["settings"], options["plugins"], options["limit"])
    from archspec.train import read_data
    from archspec.train.fitting import classes_to_set

    data = read_data(options["data"] or "digits", seed=settings.split_seed)
    set_by_user = values(options["settings"])
    classes = classes_to_set(arch, data, set_by_user)
    if classes is not None:
        many = counted(classes, "class", "classes")
        if spec == "-":
            raise click.UsageError(f"{data.name} has {many}: --set num_classes={classes}")
        more = (*options["settings"], f"num_classes={classes}")
        arch = load_spec(spec, more, options["plugins"], options["limit"])
        _say(f"{data.name} has {many}: num_classes is set to {classes}", err=True)
    short = Path(
        data.name.split(":")[1] if data.name.startswith("torchvision:") else data.name
    ).stem
    out = Path(options["out"]) if options["out"] else Path("runs", f"{arch.name}-{short}")
    if not options["out"] and _first():
        out = free(out)
    return _train(arch, data, out, settings, out=out)


def _resume(spec: str, given: dict[str, Any], options: dict[str, Any]) -> int:
    named = {k: v for k, v in options.items() if k in ("settings", "data", "out") and v}
    wrong = [f"--{k.replace('_', '-')}" for k in (*given, *named)]
    if wrong:
        wrong = ["--set" if w == "--settings" else w for w in wrong]
        raise click.UsageError(f"a resumed run has its own settings: leave out {', '.join(wrong)}")
    from archspec.train import read_data
    from archspec.train.keeping import SPEC, read_run
    from archspec.train.settings import Settings

    folder = Path(spec)
    run = read_run(folder)
    arch = load_spec(str(folder / SPEC), (), options["plugins"], options["limit"])
    data = read_data(run["data"], seed=run["settings"]["split_seed"])
    return _train(arch, data, folder, Settings.of(run["settings"]), resume=folder)


def _train(
    arch: Any,
    data: Any,
    folder: Path,
    settings: Any,
    *,
    out: Path | None = None,
    resume: Path | None = None,
) -> int:
    from archspec.train import fit
    from archspec.train.fitting import fitted
    from archspec.train.keeping import BEST, RUN, SPEC

    data = fitted(arch, data, settings).limited(settings.limit_train, settings.split_seed)
    _say(f"training {arch.name} on {data.about}", err=True)
    bar = sys.stderr.isatty() and sys.stdout.isatty() and _first()

    def line(row: dict[str, float]) -> None:
        click.echo(
            f"epoch {row['epoch']:.0f}/{settings.epochs}: loss {row['train_loss']:.4f}, training "
            f"{row['train_accuracy']:.2%}, validation {row['val_accuracy']:.2%}, "
            f"lr {row['lr']:.3g}, {row['seconds']:.1f} s"
        )
        sys.stdout.flush()

    try:
        found = fit(
            arch,
            data,
            None if resume else settings,
            out=out,
            resume=resume,
            on_epoch=None if bar else line,
            progress=bar,
        )
    except KeyboardInterrupt as stop:
        saved = (folder / RUN).exists()
        on = f"; go on with: archspec train --resume {folder}" if saved else ""
        _say(f"\n{stop or 'stopped'}{on}", err=True)
        return 130
    if not _first():
        return 0
    best, last = found.best, found.last
    text = f"best: epoch {best['epoch']:.0f}, validation {best['val_accuracy']:.2%}"
    text += f"; last: {last['val_accuracy']:.2%}"
    if found.test is not None:
        text += f"; test, with the best weights: {found.test['test_accuracy']:.2%}"
    _say(text)
    _say(f"wrote {folder}: {SPEC} and {BEST} make the network", err=True)
    return 0
