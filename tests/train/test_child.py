"""Children: a light training that gives what the heavy one does."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import torch

from archspec.train import fit, fit_child, read_data

from .nets import headed, small


def test_a_child_learns_what_a_run_does(tmp_path: Path) -> None:
    digits = read_data("digits")
    child = fit_child(small(), digits, 2, 5)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    run = fit(small(), digits, epochs=2, seed=5, out=tmp_path)
    torch.set_num_threads(before)
    for name in ("train_loss", "train_accuracy", "val_loss", "val_accuracy"):
        assert child[name] == run.last[name]
    assert child["best_val_accuracy"] == run.best["val_accuracy"]


def test_a_child_writes_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    fit_child(headed(), read_data("digits"), 1, 0)
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")


def test_a_child_can_be_stopped_after_an_epoch() -> None:
    seen = []

    def watch(row: dict[str, float]) -> bool:
        seen.append(row["val_accuracy"])
        return len(seen) == 2

    child = fit_child(small(), read_data("digits"), 9, 0, on_epoch=watch)
    assert child["epoch"] == 2
    assert child["best_val_accuracy"] == max(seen)


def ctrl_c(_row: object) -> None:
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_stays_what_it_is() -> None:
    """Each of them: the next training can be stopped as well."""
    # These tests may run in the background, where it is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                fit_child(small(), read_data("digits"), 2, 0, on_epoch=ctrl_c)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_child_leaves_the_threads_as_they_were() -> None:
    before = torch.get_num_threads()
    inside = []
    fit_child(
        small(),
        read_data("digits"),
        1,
        0,
        on_epoch=lambda _r: inside.append(torch.get_num_threads()),
    )
    assert inside == [1]
    assert torch.get_num_threads() == before
