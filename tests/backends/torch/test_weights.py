"""Weights: checkpoints that fit or are reported, and initialisation by seed."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
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


def test_not_strict(state: dict[str, torch.Tensor]) -> None:
    del state["conv1.bias"]
    state["other"] = torch.zeros(1)
    state["fc.bias"] = torch.zeros(3)
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


# -- initialisation -----------------------------------------------------------------------------


def test_the_same_seed() -> None:
    assert equal(net(seed=1).state_dict(), net(seed=1).state_dict())
    assert not equal(net(seed=1).state_dict(), net(seed=2).state_dict())


def test_the_global_seed() -> None:
    def seeded(seed: int) -> dict[str, torch.Tensor]:
        torch.manual_seed(seed)
        return net().state_dict()

    assert equal(seeded(1), seeded(1))
    assert not equal(seeded(1), seeded(2))


def test_a_seed_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    net(seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_two_models_in_a_row_differ() -> None:
    torch.manual_seed(1)
    assert not torch.equal(net().conv1.weight, net().conv1.weight)


def test_an_inserted_layer_reseeds_nothing() -> None:
    without, inserted = net(seed=1).state_dict(), net(seed=1, extra=True).state_dict()
    assert set(inserted) - set(without) == {"more.weight", "more.bias"}
    assert all(torch.equal(inserted[key], value) for key, value in without.items())


def test_layers_of_one_shape_differ() -> None:
    model = archspec.compile(
        "archspec: 1\ninput: [4]\nstages:\n  l: {repeat: 3, body: {linear: 4}}\n",
        seed=1,
    )
    weights = [layer.weight for layer in model.l]
    assert not torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[1], weights[2])


LARGE = """
archspec: 1
input: [256]
stages:
  l: {repeat: 4, body: {linear: 256}}
"""


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
def test_the_number_of_threads_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four weights are large enough to be filled side by side."""
    states = []
    for count in (1, 2, 4):
        torch.set_num_threads(count)
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        states.append(archspec.compile(LARGE, seed=7).state_dict())
    assert equal(states[0], states[1])
    assert equal(states[0], states[2])


def test_torch_default_where_nothing_is_said() -> None:
    """The distribution is the one that torch's own constructor draws from."""
    weight = archspec.compile(LARGE, seed=0).l[0].weight
    bound = 1 / 16
    assert weight.abs().max() <= bound
    assert abs(weight.std().item() - bound / 3**0.5) < 1e-3


def test_init_as_the_spec_says() -> None:
    model = archspec.compile(
        "archspec: 1\ninput: [64, 4, 4]\n"
        "init: {conv: {weight: {normal: 1, std: 0.5}, bias: zeros}, batch_norm: {weight: zeros}}\n"
        "stages:\n"
        "  a: {conv: 64, kernel: 3}\n"
        "  b: batch_norm\n"
        "  c: {conv: 64, kernel: 1, init: {bias: {constant: 3}}}\n"
        "  d: {batch_norm: , init: {weight: ones}}\n",
        seed=0,
    )
    assert abs(model.a.weight.mean().item() - 1) < 0.02
    assert abs(model.a.weight.std().item() - 0.5) < 0.02
    assert not model.a.bias.any()
    assert not model.b.weight.any() and not model.b.bias.any()
    assert torch.equal(model.c.bias, torch.full((64,), 3.0))
    assert abs(model.c.weight.std().item() - 0.5) < 0.05
    assert torch.equal(model.d.weight, torch.ones(64))


@pytest.mark.parametrize(
    ("init", "check"),
    [
        ("zeros", lambda w: not w.any()),
        ("ones", lambda w: bool((w == 1).all())),
        ("{constant: 0.25}", lambda w: bool((w == 0.25).all())),
        ("eye", lambda w: torch.equal(w, torch.eye(64))),
        ("orthogonal", lambda w: torch.allclose(w @ w.T, torch.eye(64), atol=1e-4)),
        ("{uniform: 2, b: 3}", lambda w: w.min() >= 2 and w.max() <= 3),
        ("{trunc_normal: 0, a: -0.5, b: 0.5}", lambda w: w.abs().max() <= 0.5),
        ("{sparse: 0.5}", lambda w: int((w == 0).sum()) == 64 * 32),
        ("xavier_uniform", lambda w: w.abs().max() <= (6 / 128) ** 0.5),
        ("xavier_normal", lambda w: abs(w.std() - (2 / 128) ** 0.5) < 0.01),
        ("{kaiming_normal: , mode: fan_out}", lambda w: abs(w.std() - (2 / 64) ** 0.5) < 0.01),
        ("kaiming_uniform", lambda w: w.abs().max() <= (6 / 64) ** 0.5),
    ],
)
def test_every_initialiser(init: str, check: Callable[[torch.Tensor], bool]) -> None:
    text = f"archspec: 1\ninput: [64]\nstages:\n  l: {{linear: 64, init: {{weight: {init}}}}}\n"
    assert check(archspec.compile(text, seed=0).l.weight.detach())


def test_without_initialisation() -> None:
    model = net(init=False)
    assert [p.shape for p in model.parameters()] == [p.shape for p in net().parameters()]


def test_the_written_class_initialises_itself_alike() -> None:
    """Constructed by hand, the generated class fills its weights as the spec says."""
    architecture = archspec.load(
        "archspec: 1\ninput: [4]\ninit: {linear: {weight: zeros, bias: ones}}\n"
        "stages:\n  a: {linear: 4}\n  b: {linear: 4}\n"
    )
    model = type(architecture.compile())()
    assert not model.a.weight.any()
    assert torch.equal(model.b.bias, torch.ones(4))
