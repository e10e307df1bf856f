"""A run that was interrupted, wherever that was, ends as one that was not."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from archspec.diagnostics import TrainingError
from archspec.train import Data, fit, read_data
from archspec.train.keeping import Keeper

from .nets import headed, small

HARD = {
    "epochs": 3,
    "batch_size": 64,
    "limit_train": 330,
    "flip": True,
    "crop": 1,
    "ema": 0.95,
    "label_smoothing": 0.1,
    "clip": 1.0,
    "schedule": "one-cycle",
    "early_stop": 3,
}
"""Everything that has a state: five steps an epoch, dropout, batch norm, an average."""


@pytest.fixture(scope="module")
def digits() -> Data:
    return read_data("digits")


def kept(folder: Path) -> tuple[Any, ...]:
    """All that a run leaves but how long it took."""
    rows = [line.rpartition(",")[0] for line in (folder / "metrics.csv").read_text().splitlines()]
    state = torch.load(folder / "last.ckpt", weights_only=True)
    tensors = [
        value
        for part in ("state_dict", "current_model_state")
        for value in state.get(part, {}).values()
    ]
    for each in state["optimizer_states"][0]["state"].values():
        tensors += [value for value in each.values() if isinstance(value, torch.Tensor)]
    return rows, [t.tolist() for t in tensors], (folder / "best.safetensors").read_bytes()


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl-C in the middle of a step."""
    started = Keeper.on_train_batch_start

    def pressed(self: Keeper, trainer: Any, *args: Any) -> None:
        started(self, trainer, *args)
        if trainer.fit_loop.epoch_loop.total_batch_idx == step:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Keeper, "on_train_batch_start", pressed)


@pytest.mark.parametrize(
    ("step", "workers"), [(0, 0), (3, 0), (4, 0), (5, 0), (7, 0), (12, 0), (3, 1), (7, 1)]
)
def test_ctrl_c_saves_and_the_rest_is_bit_equal(
    digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, workers: int
) -> None:
    settings = {**HARD, "workers": workers}
    whole = fit(small(), digits, out=tmp_path / "whole", **settings)
    with monkeypatch.context() as patch:
        stop_at(step, patch)
        with pytest.raises(KeyboardInterrupt, match=f"stopped after step {step + 1}"):
            fit(small(), digits, out=tmp_path / "parts", **settings)
    before = (tmp_path / "parts" / "last.ckpt").read_bytes()
    assert not (tmp_path / "parts" / "result.json").exists()
    resumed = fit(small(), digits, resume=tmp_path / "parts")
    assert (tmp_path / "parts" / "last.ckpt").read_bytes() != before
    assert kept(tmp_path / "whole") == kept(tmp_path / "parts")
    for one, other in zip(
        whole.model.state_dict().values(), resumed.model.state_dict().values(), strict=True
    ):
        assert torch.equal(one, other)
    assert whole.test == resumed.test


def test_a_run_can_be_stopped_again_and_again(
    digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(headed(), digits, out=tmp_path / "whole", **HARD)
    arguments: dict[str, Any] = {"out": tmp_path / "parts", **HARD}
    for step in (1, 2, 6, 9, 11):
        with monkeypatch.context() as patch:
            stop_at(step, patch)
            with pytest.raises(KeyboardInterrupt):
                fit(headed(), digits, **arguments)
        arguments = {"resume": tmp_path / "parts"}
    fit(headed(), digits, **arguments)
    assert kept(tmp_path / "whole") == kept(tmp_path / "parts")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_kill_9_it_goes_on_from_the_last_epoch(digits: Data, tmp_path: Path) -> None:
    fit(small(), digits, out=tmp_path / "whole", **HARD)
    child = os.fork()
    if child == 0:

        def kill(row: dict[str, float]) -> None:
            if row["epoch"] == 2:  # before this epoch is saved
                os.kill(os.getpid(), signal.SIGKILL)

        fit(small(), digits, out=tmp_path / "parts", on_epoch=kill, **HARD)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert len((tmp_path / "parts" / "metrics.csv").read_text().splitlines()) == 2
    fit(small(), digits, resume=tmp_path / "parts")
    assert kept(tmp_path / "whole") == kept(tmp_path / "parts")


def test_only_the_same_run_is_resumed(digits: Data, tmp_path: Path) -> None:
    fit(small(), digits, out=tmp_path / "run", **{**HARD, "epochs": 1})
    with pytest.raises(TrainingError, match="of another network"):
        fit(small(width=4), digits, resume=tmp_path / "run")
    with pytest.raises(TrainingError, match="had other data"):
        fit(small(), read_data("digits", seed=1), resume=tmp_path / "run")
    with pytest.raises(TrainingError, match="is finished"):
        fit(small(), digits, resume=tmp_path / "run")
    with pytest.raises(TrainingError, match="has its settings"):
        fit(small(), digits, resume=tmp_path / "run", epochs=3)
    with pytest.raises(TrainingError, match="holds no run"):
        fit(small(), digits, resume=tmp_path)
    (tmp_path / "run" / "run.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(TrainingError, match="is not what a run writes"):
        fit(small(), digits, resume=tmp_path / "run")
