"""The short training of one network among many: nothing is written, shown or kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from archspec.diagnostics import TrainingError

from .data import Data
from .fitting import fitted
from .lightning_ import interruptible, make_trainer, quiet
from .module import Classifier, Row
from .run import _own_randomness
from .settings import Settings


def fit_child(
    arch: Any,
    data: Data,
    epochs: int,
    seed: int,
    *,
    threads: int = 1,
    test: bool = False,
    on_epoch: Callable[[Row], object] | None = None,
    **options: Any,
) -> Row:
    """Train a network with as little around it as there can be.

    data: from `read_data`, read once for all children. threads: of torch, while it trains. test: try
    the last weights on the test split at the end. on_epoch: called with each epoch's metrics; True
    stops the child. options: other settings by name; the accelerator is the CPU unless said.

    Gives the last epoch's metrics, with `best_val_accuracy` over all epochs, their `seconds`
    together, and `test_accuracy` where it was asked for. Raises TrainingError, also for settings
    that only a run of its own has: ema, early_stop, devices and strategy; KeyboardInterrupt at Ctrl-C.
    """
    options.setdefault("accelerator", "cpu")
    settings = Settings.of_child({**options, "epochs": epochs, "seed": seed})
    data = fitted(arch, data, settings).limited(settings.limit_train, settings.split_seed)
    if test and data.test is None:
        raise TrainingError(f"{data.name} has no test split")
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with quiet(), _own_randomness(), interruptible():
            module = Classifier(arch.compile(seed=seed), arch, data, settings, on_epoch)
            trainer = make_trainer(
                max_epochs=epochs,
                accelerator=settings.accelerator,
                devices=1,
                precision=settings.precision,
                gradient_clip_val=settings.clip,
                barebones=True,
                use_distributed_sampler=False,
            )
            trainer.fit(module)
            if test:
                trainer.test(module, verbose=False)
    finally:
        torch.set_num_threads(before)
    rows = module.rows
    return {
        **rows[-1],
        **(module.tested if test else {}),
        "best_val_accuracy": max(row["val_accuracy"] for row in rows),
        "seconds": sum(row["seconds"] for row in rows),
    }
