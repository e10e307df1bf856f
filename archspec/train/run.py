"""A training run: a network, data and settings become weights and metrics."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from archspec.diagnostics import TrainingError, counted

from . import keeping
from .data import Data, read_data
from .fitting import fitted
from .keeping import Keeper, Stopped, best_of, heeding_signals
from .lightning_ import (
    VERSION,
    DDPStrategy,
    EarlyStopping,
    ModelParallelStrategy,
    TensorBoardLogger,
    WeightAveraging,
    make_trainer,
    quiet,
)
from .module import Classifier, Row, Sharded
from .schedules import average
from .settings import Settings


@dataclass(frozen=True)
class Fit:
    """What training gave.

    rows: the metrics of each epoch. test: those on the test split, of the best weights where the
    run has a folder and of the last ones where it has none; None without a test split. model: the
    network with the last weights (their average with `ema`). folder: where the run is kept.
    """

    rows: list[Row]
    test: Row | None
    model: nn.Module
    folder: Path | None

    @property
    def best(self) -> Row:
        """The epoch with the highest validation accuracy."""
        return best_of(self.rows)

    @property
    def last(self) -> Row:
        """The last epoch."""
        return self.rows[-1]


def fit(
    arch: Any,
    data: Data | str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
    on_epoch: Callable[[Row], object] | None = None,
    progress: bool = False,
    **options: Any,
) -> Fit:
    """Train a network.

    arch: an Architecture with one input of images and one output per class. data: what `read_data`
    gives or takes; digits where nothing is said. options: settings by name, in the place of
    `settings`. out: a folder for the spec, the settings, weights, checkpoint and metrics; nothing is
    written without one. With a folder the test is of the best epoch's weights, without one of the
    last epoch's, since no others are kept. resume: the folder of a run to go on with, whose data and
    settings hold. on_epoch: called with each epoch's metrics; True ends the training. progress: show
    a bar.

    With a folder, Ctrl-C saves and raises KeyboardInterrupt; the run can be resumed, and gives the
    same weights as one that was not interrupted. Raises TrainingError.
    """
    folder = None if out is None else Path(out)
    if resume is not None:
        folder = Path(resume)
        if settings is not None or options or out is not None:
            raise TrainingError("a resumed run has its settings and its folder already")
    settings, data = _asked_for(data, settings, options, folder if resume else None)
    data = fitted(arch, data, settings).limited(settings.limit_train, settings.split_seed)
    first = int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", 0))) == 0
    if folder is not None and resume is not None:
        _check_same(keeping.read_run(folder), arch, data, folder)
    keeper = None if folder is None else Keeper(folder)
    with quiet():
        trainer = _trainer(settings, keeper, progress)
    if folder is not None and resume is None and first:
        keeping.start_folder(folder, arch, _about(arch, data, settings))
    with quiet(), _own_randomness(), heeding_signals(keeper):
        model = arch.compile(seed=settings.seed)
        kind = Sharded if settings.strategy == "fsdp2" else Classifier
        module = kind(model, arch, data, settings, on_epoch)
        _run(trainer, module, keeper if resume is not None else None, folder)
        last = {key: value.clone() for key, value in model.state_dict().items()}
        test = _test(trainer, module, folder) if data.test is not None else None
        model.load_state_dict(last)
    found = Fit(module.rows, test, model, folder)
    if folder is not None and trainer.is_global_zero:
        result = {"best": found.best, "last": found.last, "test": test}
        keeping.write_json(folder / keeping.RESULT, result)
    return found


def _asked_for(
    data: Data | str | os.PathLike[str] | None,
    settings: Settings | None,
    options: dict[str, Any],
    resumed: Path | None,
) -> tuple[Settings, Data]:
    if settings is not None and options:
        raise TrainingError("give settings, or options by name")
    if resumed is not None:
        run = keeping.read_run(resumed)
        settings = Settings.of(run["settings"])
        data = run["data"] if data is None else data
    elif settings is None:
        settings = Settings.of(options)
    if not isinstance(data, Data):
        data = read_data("digits" if data is None else data, seed=settings.split_seed)
    return settings, data


def _about(arch: Any, data: Data, settings: Settings) -> dict[str, Any]:
    mean, deviation = data.normalisation
    return {
        "name": arch.name,
        "hash": arch.hash,
        "data": data.name,
        "digest": data.digest,
        "images": {
            part: len(images)
            for part in ("train", "val", "test")
            if (images := getattr(data, part)) is not None
        },
        "classes": list(data.classes),
        "normalisation": {"mean": mean.tolist(), "std": deviation.tolist()},
        "settings": settings.as_dict(),
        "torch": torch.__version__,
        "lightning": VERSION,
    }


def _check_same(run: dict[str, Any], arch: Any, data: Data, folder: Path) -> None:
    if run["hash"] != arch.hash:
        raise TrainingError(
            f"the run in {folder} is of another network: its spec is {folder / keeping.SPEC}"
        )
    if run["digest"] != data.digest:
        raise TrainingError(f"the run in {folder} had other data: {run['data']} has changed")
    if (folder / keeping.RESULT).exists():
        raise TrainingError(f"the run in {folder} is finished: see {folder / keeping.RESULT}")


@contextmanager
def _own_randomness() -> Iterator[None]:
    """Training seeds each step; whoever draws after it draws as if it had not been."""
    before = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(before)


def _trainer(settings: Settings, keeper: Keeper | None, progress: bool) -> Any:
    callbacks: list[Any] = []
    if settings.ema is not None:
        callbacks.append(WeightAveraging(avg_fn=average(settings.ema)))
    if settings.early_stop is not None:
        stop = EarlyStopping("val_accuracy", mode="max", patience=settings.early_stop)
        callbacks.append(stop)
    if progress:
        from lightning.pytorch.callbacks import RichProgressBar

        callbacks.append(RichProgressBar())
    if keeper is not None:
        callbacks.append(keeper)
    logger = False
    if keeper is not None:
        logger = TensorBoardLogger(keeper.folder, name="tensorboard", version="")
    return make_trainer(
        max_epochs=settings.epochs,
        accelerator=settings.accelerator,
        devices=settings.devices,
        strategy=_strategy(settings),
        precision=settings.precision,
        gradient_clip_val=settings.clip,
        callbacks=callbacks,
        logger=logger,
        default_root_dir=None if keeper is None else keeper.folder,
        enable_checkpointing=keeper is not None,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        log_every_n_steps=50,
    )


def _strategy(settings: Settings) -> Any:
    if settings.strategy == "fsdp2":
        return ModelParallelStrategy(
            data_parallel_size=settings.devices,
            tensor_parallel_size=1,
            save_distributed_checkpoint=False,
        )
    if settings.strategy == "ddp":
        return DDPStrategy()
    return "auto"


def _run(trainer: Any, module: Classifier, resumed: Keeper | None, folder: Path | None) -> None:
    """Lightning's loop, and what it ends with."""
    checkpoint = None
    if resumed is not None and (resumed.folder / keeping.CHECKPOINT).exists():
        checkpoint = resumed.folder / keeping.CHECKPOINT
    try:
        trainer.fit(module, ckpt_path=checkpoint, weights_only=True)
    except Stopped:
        epochs = counted(len(module.rows), "epoch")
        step = trainer.global_step
        raise KeyboardInterrupt(f"stopped after step {step}, {epochs} finished") from None
    except SystemExit:  # what Lightning makes of Ctrl-C
        raise KeyboardInterrupt("stopped at once, at the last checkpoint") from None
    except TrainingError as error:  # a worker's has its traceback before it
        raise TrainingError(str(error).rpartition("TrainingError: ")[2].strip()) from None
    except RuntimeError as error:
        if not any(words in str(error) for words in _NO_MEMORY):
            raise
        raise TrainingError("the memory is used up: a smaller batch size needs less") from None


_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
"""What torch says where a tensor has no room: on a GPU, on a CPU, and on a CPU of Windows."""


def _test(trainer: Any, module: Classifier, folder: Path | None) -> Row:
    if folder is not None:
        trainer.strategy.barrier("weights")  # the first process has written them
        _load(module, keeping.load_state(folder / keeping.BEST))
    trainer.test(module, verbose=False)
    return module.tested


@torch.no_grad()  # type: ignore[untyped-decorator]
def _load(module: Classifier, state: dict[str, Tensor]) -> None:
    if not isinstance(module, Sharded):
        module.model.load_state_dict(state)
        return
    from torch.distributed.tensor import DTensor, Replicate

    for name, own in module.model.state_dict().items():
        value: Any = state[name].to(own.device)
        if isinstance(own, DTensor):  # each process takes its share of what all have read
            whole = DTensor.from_local(value, own.device_mesh, [Replicate()], run_check=False)
            value = whole.redistribute(placements=own.placements)
        own.copy_(value)
