"""What a run leaves in its folder: checkpoints, weights, metrics, settings."""

from __future__ import annotations

import csv
import io
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from archspec.diagnostics import TrainingError
from archspec.files import make_folder, write_whole

from .lightning_ import Checkpoint
from .module import Classifier, Row

CHECKPOINT = "last.ckpt"
LAST = "last.safetensors"
BEST = "best.safetensors"
METRICS = "metrics.csv"
SPEC = "spec.yaml"
RUN = "run.json"
RESULT = "result.json"


class Stopped(Exception):
    """The training was asked to stop, and has saved where it stands."""


def best_of(rows: list[Row]) -> Row:
    """The epoch with the highest validation accuracy; the earliest of several."""
    return max(rows, key=lambda row: row["val_accuracy"])


class Keeper(Checkpoint):  # type: ignore[misc]
    """Keeps a run in its folder after each epoch, and when it is asked to stop.

    Being a checkpoint callback it runs after all others.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.asked = False

    def on_train_batch_end(self, trainer: Any, module: Classifier, *_args: Any) -> None:
        last = trainer.fit_loop.epoch_loop.batch_progress.is_last_batch
        if not last and self._asked(trainer):
            trainer.save_checkpoint(self.folder / CHECKPOINT, weights_only=False)
            raise Stopped

    def on_train_epoch_end(self, trainer: Any, module: Classifier) -> None:
        trainer.save_checkpoint(self.folder / CHECKPOINT, weights_only=False)
        state = self._weights(trainer, module)
        if trainer.is_global_zero:
            save_weights(self.folder / LAST, state)
            if best_of(module.rows) is module.rows[-1]:
                save_weights(self.folder / BEST, state)
            write_whole(self.folder / METRICS, _table(module.rows).encode())
        done = len(module.rows) >= trainer.max_epochs or trainer.should_stop
        if self._asked(trainer) and not done:
            raise Stopped

    def _asked(self, trainer: Any) -> bool:
        if trainer.world_size == 1:
            return self.asked
        return bool(trainer.strategy.reduce_boolean_decision(self.asked, all=False))

    def _weights(self, trainer: Any, module: Classifier) -> dict[str, Tensor]:
        """The weights that were validated: the average where there is one."""
        average = next((c for c in trainer.callbacks if hasattr(c, "_average_model")), None)
        model = module.model if average is None else average._average_model.module.model
        if trainer.world_size == 1:
            return dict(model.state_dict())
        from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

        options = StateDictOptions(full_state_dict=True, cpu_offload=True)
        return dict(get_model_state_dict(model, options=options))


def save_weights(path: Path, state: dict[str, Tensor]) -> None:
    """Write a state_dict as safetensors; a tensor under two names is written twice."""
    from safetensors.torch import save

    copied = {key: value.detach().cpu().clone().contiguous() for key, value in state.items()}
    write_whole(path, save(copied))


def _table(rows: list[Row]) -> str:
    """Metrics as CSV, an epoch a line."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: f"{value:.6g}" for name, value in row.items()} for row in rows)
    return text.getvalue()


def start_folder(folder: Path, arch: Any, about: dict[str, Any]) -> None:
    """Make a run's folder, with its spec and settings. Raises TrainingError where it has a run."""
    if (folder / RUN).exists():
        raise TrainingError(
            f"{folder} holds a run already: --resume {folder} goes on with it, another --out starts "
            "a new one"
        )
    make_folder(folder)
    write_whole(folder / SPEC, arch.resolved(origins=False).encode())
    write_json(folder / RUN, about)


def write_json(path: Path, found: dict[str, Any]) -> None:
    """Write readable JSON."""
    write_whole(path, (json.dumps(found, indent=2) + "\n").encode())


def read_run(folder: Path) -> dict[str, Any]:
    """What a run says about itself. Raises TrainingError where there is none."""
    try:
        found = json.loads((folder / RUN).read_text())
        known = isinstance(found, dict) and {"data", "settings", "hash", "digest"} <= found.keys()
    except (FileNotFoundError, NotADirectoryError):
        raise TrainingError(f"{folder} holds no run: it has no {RUN}") from None
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder / RUN} cannot be read: {error}") from None
    if not known:
        raise TrainingError(f"{folder / RUN} is not what a run writes")
    return dict(found)


@contextmanager
def heeding_signals(keeper: Keeper | None) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask to stop after the step; a second one stops at once."""
    if keeper is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(number: int, _frame: Any) -> None:
        if keeper.asked:
            raise KeyboardInterrupt
        keeper.asked = True

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def load_state(path: Path) -> dict[str, Tensor]:
    """Weights that `save_weights` wrote."""
    from safetensors.torch import load

    return dict(load(path.read_bytes()))
