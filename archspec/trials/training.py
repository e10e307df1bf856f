"""The training of one child, as work that any process can do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.search.strategies import ShouldStop

LAST = 5
"""A child's accuracy is its best validation accuracy in this many last epochs (Zoph & Le 2017)."""

LATENCY_RUNS = 30


@dataclass(frozen=True)
class Training:
    """Trains a child, with one thread.

    spec: its text, plain and complete. data: by name, as `archspec.train.read_data` takes it.
    settings: those of the training but epochs and seed. bars: where to stop early. latency: whether
    to measure it. test: whether to try it on the test split, where the data have one. plugins: files
    with ops that it uses.
    """

    spec: str
    data: str
    epochs: int
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    bars: ShouldStop | None = None
    latency: bool = False
    test: bool = False
    plugins: tuple[str, ...] = ()

    def __call__(self) -> dict[str, Any]:
        """Train it. Gives `status`, `objectives`, `epochs` and `cost`. Raises ArchspecError."""
        from archspec.api import load_str
        from archspec.train import fit_child

        data = _data(self.data, self.settings.get("split_seed", 0))
        began = time.monotonic()
        arch = load_str(self.spec, name="<child>", plugins=self.plugins)
        test = self.test and data.test is not None
        epochs: list[dict[str, float]] = []
        stopped = False

        def on_epoch(row: Mapping[str, float]) -> bool:
            nonlocal stopped
            epochs.append({name: round(float(row[name]), 6) for name in KEPT})
            bars = self.bars
            stopped = bars is not None and bars(len(epochs), epochs[-1]["val_accuracy"])
            return stopped

        row = fit_child(
            arch,
            data,
            self.epochs,
            self.seed,
            on_epoch=on_epoch,
            test=test,
            **self.settings,
        )
        objectives = {"accuracy": max(epoch["val_accuracy"] for epoch in epochs[-LAST:])}
        if test:
            objectives["test_accuracy"] = float(row["test_accuracy"])
        if self.latency:
            objectives["latency"] = latency(arch)
        return {
            "status": "stopped" if stopped else "ok",
            "objectives": objectives,
            "epochs": epochs,
            "cost": {"seconds": time.monotonic() - began, "in_epochs": float(row["seconds"])},
        }


KEPT = ("train_loss", "train_accuracy", "val_accuracy")
"""What of an epoch's metrics is kept."""


def latency(arch: Any) -> float:
    """Milliseconds that a network takes for one image, on the CPU with one thread: the median of
    30 forward passes in evaluation mode, after five to get warm."""
    import statistics

    import torch

    (value,) = arch.inputs.values()
    model = arch.compile(train_only=False).eval()
    image = torch.zeros(1, *value.shape)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            times = []
            for _ in range(LATENCY_RUNS + 5):
                began = time.perf_counter()
                model(image)
                times.append(time.perf_counter() - began)
    finally:
        torch.set_num_threads(threads)
    return 1e3 * statistics.median(times[5:])


@cache
def _data(name: str, split_seed: int) -> Any:
    """Data that children of this process have in common; a search has one set."""
    from archspec.train import read_data

    return read_data(name, seed=split_seed)
