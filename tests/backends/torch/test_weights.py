"""Weights: checkpoints that fit or are reported, and initialisation by seed."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import archspec
from archspec import CheckpointError

NET = """
archspec: 1
name: net
params: {classes: 10, extra: false}
input: [3, 8, 8]
stages:
  conv1: {conv: 8, kernel: 3}
  bn1: batch_norm
  relu: relu
  more: {conv: 8, kernel: 1, when: $extra}
  conv2: {conv: 8, kernel: 3}
  pool: global_avg_pool
  flatten: flatten
  fc: {linear: $classes}
"""


def net(**options: Any) -> torch.nn.Module:
    return archspec.compile(NET, **options)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return list(one) == list(other) and all(torch.equal(one[k], other[k]) for k in one)


# -- checkpoints --------------------------------------------------------------------------------


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    return net(seed=1).state_dict()


Save = Callable[[dict[str, torch.Tensor], Path], Any]


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("w.safetensors", lambda state, path: save_file(state, path)),
        ("w.pth", lambda state, path: torch.save(state, path)),
        ("w.pt", lambda state, path: torch.save({"state_dict": state, "epoch": 3}, path)),
        ("w.ckpt", lambda state, path: torch.save({"model": state}, path)),
        (
            "w.bin",
            lambda state, path: torch.save({f"module.{k}": v for k, v in state.items()}, path),
        ),
        (
            "compiled.pt",
            lambda state, path: torch.save({f"_orig_mod.{k}": v for k, v in state.items()}, path),
        ),
    ],
)
def test_files(name: str, save: Save, state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    save(state, tmp_path / name)
    assert equal(net(weights=tmp_path / name).state_dict(), state)
    assert equal(net(weights=str(tmp_path / name)).state_dict(), state)


def test_a_state_dict(state: dict[str, torch.Tensor]) -> None:
    model = net(weights=state)
    assert equal(model.state_dict(), state)
    with torch.no_grad():
        model.fc.weight.zero_()
    assert state["fc.weight"].any(), "the model has its own memory"


def test_loading_draws_no_random_numbers(state: dict[str, torch.Tensor]) -> None:
    before = torch.get_rng_state()
    net(weights=state)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_report_is_complete(state: dict[str, torch.Tensor]) -> None:
    state["convl.weight"] = state.pop("conv1.weight")
    state["fc.weight"] = torch.zeros(7, 8)
    state["fc.bias"] = torch.zeros(7)
    with pytest.raises(CheckpointError) as caught:
        net(weights=state)
    assert str(caught.value) == (
        "the state_dict does not fit the model\n"
        "  missing from the checkpoint (1):\n"
        "    conv1.weight  8 x 3 x 3 x 3\n"
        "  unexpected in the checkpoint (1):\n"
        "    convl.weight  8 x 3 x 3 x 3  (did you mean `conv1.weight`?)\n"
        "  other shape (2):\n"
        "    fc.weight  model 10 x 8, file 7 x 8\n"
        "    fc.bias  model 10, file 7"
    )


def test_the_report_is_short(state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(CheckpointError) as caught:
        net(weights=state | {f"head{i}.weight": torch.zeros(()) for i in range(25)})
    lines = str(caught.value).splitlines()
    assert lines[1] == "  unexpected in the checkpoint (25):"
    assert lines[2].split() == ["head0.weight", "scalar"]
    assert lines[-1] == "    ... and 15 more"
    assert len(lines) == 13


def test_another_number_of_classes_is_refused_with_help(state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(CheckpointError, match="new_head=True"):
        net(classes=7, weights=state)


def test_nothing_is_loaded_where_something_is_refused(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    del state["bn1.num_batches_tracked"]
    torch.save(state, tmp_path / "w.pt")
    with pytest.raises(CheckpointError, match=r"w\.pt does not fit"):
        net(weights=tmp_path / "w.pt")


def test_new_head(state: dict[str, torch.Tensor]) -> None:
    model = net(classes=7, weights=state, new_head=True, seed=3)
    got = model.state_dict()
    fresh = net(classes=7, seed=3).state_dict()
    for key, value in got.items():
        assert torch.equal(value, (fresh if key.startswith("fc.") else state)[key]), key


def test_new_head_keeps_no_half_of_a_layer(state: dict[str, torch.Tensor]) -> None:
    """Where the weight is of another shape, the bias that would fit is fresh too."""
    state["fc.weight"] = torch.zeros(10, 9)
    state["fc.bias"] = torch.full((10,), 5.0)
    model = net(weights=state, new_head=True, seed=3)
    assert torch.equal(model.fc.bias, net(seed=3).fc.bias)


def test_new_head_still_refuses_other_names(state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(CheckpointError, match=r"unexpected[^\n]*\n +other\.weight"):
        net(classes=7, weights=state | {"other.weight": torch.zeros(1)}, new_head=True)


def test_new_head_is_the_last_layer_alone(state: dict[str, torch.Tensor]) -> None:
    """A trunk of another width is no new head: nothing is left random without a word."""
    state["conv2.weight"] = torch.zeros(8, 16, 3, 3)
    with pytest.raises(
        CheckpointError, match="only a head may have another shape, and here that is fc"
    ):
        net(classes=7, weights=state, new_head=True)


def test_fresh_weights_are_named(state: dict[str, torch.Tensor]) -> None:
    assert net(weights=state).fresh_weights == ()
    model = net(classes=7, weights=state, new_head=True)
    assert model.fresh_weights == ("fc.weight", "fc.bias")


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod."])
def test_the_prefix_of_a_wrapper(prefix: str, state: dict[str, torch.Tensor]) -> None:
    wrapped = {prefix + key: value for key, value in state.items()}
    assert equal(net(weights=wrapped).state_dict(), state)


def test_a_child_with_the_name_of_a_wrapper() -> None:
    text = "archspec: 1\ninput: [3, 8, 8]\nstages: {module: {conv: 4, kernel: 3}}\n"
    saved = archspec.compile(text, seed=1).state_dict()
    assert equal(archspec.compile(text, weights=saved).state_dict(), saved)


@pytest.mark.filterwarnings("default")
def test_not_strict(state: dict[str, torch.Tensor]) -> None:
    del state["conv1.bias"]
    state["other"] = torch.zeros(1)
    state["fc.bias"] = torch.zeros(3)
    with pytest.warns(UserWarning, match=r"missing from the checkpoint \(1\)"):
        got = net(weights=state, strict=False, seed=3).state_dict()
    fresh = net(seed=3).state_dict()
    for key, value in got.items():
        source = fresh if key in ("conv1.bias", "fc.bias") else state
        assert torch.equal(value, source[key]), key


class _Runs:
    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pickle_that_runs_code_is_refused(wrapped: bool, tmp_path: Path) -> None:
    bad = {"conv1.weight": _Runs(tmp_path / "ran")} if wrapped else _Runs(tmp_path / "ran")
    torch.save(bad, tmp_path / "zip.pt")
    torch.save(bad, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(bad))
    for name in ("zip.pt", "old.pt", "plain.pt"):
        with pytest.raises(CheckpointError, match="cannot|not a checkpoint"):
            net(weights=tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_a_whole_model_is_refused(tmp_path: Path) -> None:
    torch.save(net(), tmp_path / "model.pt")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        net(weights=tmp_path / "model.pt")


@pytest.mark.parametrize("text", [b"", b"hello", b"PK\x03\x04broken"])
@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_a_broken_file(name: str, text: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text)
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        net(weights=tmp_path / name)


def test_a_missing_file(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"did you mean `weights.pt`"):
        net(weights=tmp_path / "weihgts.pt")


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, torch.zeros(2)])
def test_no_state_dict(content: Any, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(CheckpointError, match="does not hold a state_dict"):
        net(weights=tmp_path / "w.pt")
