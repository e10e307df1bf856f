"""Lightning, imported so that it works wherever it is installed."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from archspec.diagnostics import TrainingError, counted

_kept: list[Any] = []  # a torch library takes its operators with it when it is collected


def _declare_torchvision() -> None:
    """Declare the operators of a torchvision that was built for another torch.

    Lightning's metrics import torchvision where it is installed, and its Python names operators that
    are not there when its library does not load. Training needs none of them.
    """
    if "torchvision" in sys.modules:
        return
    found = find_spec("torchvision")
    if found is None or found.origin is None or hasattr(torch.ops.torchvision, "nms"):
        return
    for library in sorted(Path(found.origin).parent.glob("_C*")):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return
    operators = torch.library.Library("torchvision", "DEF")
    operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    operators.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept.append(operators)


if find_spec("lightning") is None:
    raise TrainingError("training needs Lightning: pip install 'archspec[train]'")
_declare_torchvision()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lightning
    from lightning.fabric.utilities.exceptions import MisconfigurationException
    from lightning.pytorch import LightningModule, Trainer
    from lightning.pytorch.callbacks import Callback, Checkpoint, EarlyStopping, WeightAveraging
    from lightning.pytorch.loggers import TensorBoardLogger
    from lightning.pytorch.strategies import DDPStrategy, ModelParallelStrategy

VERSION: str = lightning.__version__
if VERSION in ("2.6.2", "2.6.3"):
    raise TrainingError(
        f"Lightning {VERSION} was published by a thief and steals credentials: uninstall it, change "
        "what this machine knows, and install another version"
    )


def make_trainer(**options: Any) -> Any:
    """A Trainer. Raises TrainingError where this machine has not what it takes."""
    try:
        return Trainer(**options)
    except (MisconfigurationException, ImportError, ValueError) as error:
        raise TrainingError(
            f"accelerator {options['accelerator']} with {counted(options['devices'], 'device')} "
            f"cannot be had here: {error}"
        ) from None


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C stays what it is: Lightning exits at the first one, and ignores all others."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except SystemExit:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)
        raise KeyboardInterrupt from None


@contextmanager
def quiet() -> Iterator[None]:
    """Without what Lightning says about itself, and its advice."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning.*")
        warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


__all__ = [
    "VERSION",
    "Callback",
    "Checkpoint",
    "DDPStrategy",
    "EarlyStopping",
    "LightningModule",
    "ModelParallelStrategy",
    "TensorBoardLogger",
    "WeightAveraging",
    "interruptible",
    "make_trainer",
    "quiet",
]
