"""Training: networks learn, and what is asked for holds."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import archspec
from archspec.diagnostics import TrainingError
from archspec.train import Data, fit, from_arrays, read_data
from archspec.train.data import batches
from archspec.train.data.loading import Order
from archspec.train.lightning_ import Trainer
from archspec.train.module import Classifier, head_weights
from archspec.train.settings import Settings

from .nets import headed, small


@pytest.fixture(scope="module")
def digits() -> Data:
    return read_data("digits")


def test_a_small_network_learns_digits(digits: Data) -> None:
    found = fit(small(), digits, epochs=4)
    assert [row["epoch"] for row in found.rows] == [1, 2, 3, 4]
    assert found.rows[0]["train_loss"] > found.last["train_loss"]
    assert found.best["val_accuracy"] > 0.9
    assert found.test is not None
    assert found.test["test_accuracy"] > 0.9
    assert found.folder is None


def test_the_metrics_are_those_of_the_whole_split(digits: Data) -> None:
    found = fit(small(), digits, epochs=1, batch_size=7)
    model = found.model.eval()
    order = Order(len(digits.val), len(digits.val), seed=None)
    ((images, labels),) = batches(digits.val, digits, order)
    with torch.no_grad():
        logits = model(images)
    right = (logits.argmax(1) == labels).float().mean().item()
    five = (logits.topk(5).indices == labels[:, None]).any(1).float().mean().item()
    loss = torch.nn.functional.cross_entropy(logits, labels).item()
    assert found.last["val_accuracy"] == pytest.approx(right, abs=1e-6)
    assert found.last["val_accuracy5"] == pytest.approx(five, abs=1e-6)
    assert found.last["val_loss"] == pytest.approx(loss, abs=1e-5)


def weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_the_seed_decides_and_nobody_elses_randomness(digits: Data) -> None:
    torch.manual_seed(1)
    first = weights(fit(small(), digits, epochs=1, flip=True).model)
    drawn = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(drawn, torch.rand(1))
    assert same(first, weights(fit(small(), digits, epochs=1, flip=True).model))
    assert not same(first, weights(fit(small(), digits, epochs=1, flip=True, seed=1).model))


@pytest.mark.parametrize("schedule", ["cosine", "step", "one-cycle", "constant"])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_each_optimiser_and_schedule_learns(digits: Data, optimizer: str, schedule: str) -> None:
    found = fit(small(), digits, epochs=2, optimizer=optimizer, schedule=schedule, lr=0.02)
    assert found.best["val_accuracy"] > 0.8


def test_heads_count_in_the_loss_with_their_weights() -> None:
    arch = headed(weight=0.7)
    assert head_weights(arch) == ("logits", {"side": 0.7})
    images = np.random.default_rng(0).normal(size=(40, 8, 8))
    data = from_arrays(images, np.arange(40) % 10)
    module = Classifier(arch.compile(seed=0), arch, data, Settings())
    pixels = torch.randn(6, 1, 8, 8)
    labels = torch.arange(6)
    loss = module.training_step((pixels, labels), 0)
    out = module.model(pixels)
    entropy = torch.nn.functional.cross_entropy
    expected = entropy(out.logits, labels) + 0.7 * entropy(out.side, labels)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    loss.backward()
    assert module.model.aux.fc.weight.grad.abs().sum() > 0


def test_a_network_with_heads_trains_and_is_validated_without_them(digits: Data) -> None:
    found = fit(headed(), digits, epochs=2)
    assert found.best["val_accuracy"] > 0.7


def test_label_smoothing_is_in_the_training_loss_alone(digits: Data) -> None:
    plain = fit(small(), digits, epochs=1, lr=0.0)
    smooth = fit(small(), digits, epochs=1, lr=0.0, label_smoothing=0.5)
    assert plain.last["val_loss"] == smooth.last["val_loss"]
    assert plain.last["train_loss"] != smooth.last["train_loss"]


def test_mixed_precision_computes_in_bfloat16(digits: Data) -> None:
    arch = small()
    model = arch.compile(seed=0)
    kinds = set()
    model.fc.register_forward_hook(lambda _m, _i, out: kinds.add(out.dtype))
    module = Classifier(model, arch, digits, Settings(epochs=1))
    trainer = Trainer(max_epochs=1, precision="bf16-mixed", accelerator="cpu", barebones=True)
    trainer.fit(module)
    assert kinds == {torch.bfloat16}
    assert model.fc.weight.dtype == torch.float32
    assert fit(small(), digits, epochs=2, precision="bf16-mixed").best["val_accuracy"] > 0.8


def test_the_average_of_the_weights_is_validated_and_kept(digits: Data, tmp_path: Path) -> None:
    found = fit(small(), digits, epochs=2, ema=0.9, out=tmp_path)
    plain = fit(small(), digits, epochs=2)
    assert not same(weights(found.model), weights(plain.model))
    assert int(found.model.bn.num_batches_tracked) == 2 * (1257 // 64)
    kept = archspec.compile(tmp_path / "spec.yaml", weights=tmp_path / "last.safetensors")
    assert same(weights(kept), weights(found.model))
    order = Order(len(digits.val), 999, seed=None)
    ((images, labels),) = batches(digits.val, digits, order)
    real = labels >= 0
    right = (kept.eval()(images).argmax(1) == labels)[real].float().mean().item()
    assert right == pytest.approx(found.last["val_accuracy"], abs=1e-6)


def test_clipping_bounds_the_step(digits: Data) -> None:
    def moved(clip: float | None) -> float:
        arch = small()
        options: dict[str, Any] = {"schedule": "constant", "momentum": 0.0, "weight_decay": 0.0}
        found = fit(
            arch, digits, epochs=1, batch_size=64, limit_train=64, lr=1.0, clip=clip, **options
        )
        start = weights(arch.compile(seed=0))
        names = [name for name, _weight in found.model.named_parameters()]
        return math.sqrt(sum((weights(found.model)[n] - start[n]).pow(2).sum() for n in names))

    assert moved(0.01) == pytest.approx(0.01, rel=1e-3)
    assert moved(None) > 0.1


def test_early_stop_ends_after_epochs_without_a_better_one(digits: Data) -> None:
    found = fit(small(), digits, epochs=9, lr=0.0, early_stop=2)
    assert len(found.rows) == 3


def test_whoever_watches_may_end_the_training(digits: Data) -> None:
    found = fit(small(), digits, epochs=9, on_epoch=lambda row: row["epoch"] == 2)
    assert len(found.rows) == 2


def test_a_loss_that_is_no_number_is_told(digits: Data) -> None:
    with pytest.raises(TrainingError, match="a lower learning rate"):
        fit(small(), digits, epochs=3, lr=1e30)


def test_a_run_leaves_a_folder_that_makes_the_network(digits: Data, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    found = fit(small(width=4), digits, epochs=2, out=folder, limit_train=200)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "best.safetensors",
        "last.ckpt",
        "last.safetensors",
        "metrics.csv",
        "result.json",
        "run.json",
        "spec.yaml",
        "tensorboard",
    }
    assert any(path.stat().st_size for path in (folder / "tensorboard").glob("events.*"))
    model = archspec.compile(folder / "spec.yaml", weights=folder / "last.safetensors")
    assert same(weights(model), weights(found.model))
    with (folder / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert float(rows[1]["val_loss"]) == pytest.approx(found.last["val_loss"], rel=1e-4)
    run = json.loads((folder / "run.json").read_text())
    assert run["settings"]["limit_train"] == 200
    assert run["images"] == {"train": 200, "val": 270, "test": 270}
    assert run["hash"] == small(width=4).hash
    result = json.loads((folder / "result.json").read_text())
    assert result["test"] == found.test
    with pytest.raises(TrainingError, match="holds a run already"):
        fit(small(), digits, epochs=1, out=folder)


def test_training_leaves_nothing_behind_without_a_folder(
    digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fit(small(), digits, epochs=1, early_stop=3, ema=0.9)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("spec", "options", "said"),
    [
        ({"input": [3, 8, 8]}, {}, "channels: the network takes 3, the data give 1"),
        ({"input": [3, 8, 8]}, {}, "--color rgb"),
        ({"input": [1, 16, 8]}, {}, "height: the network takes 16, the data give 8"),
        ({"input": [1, 8, 9]}, {}, "width: the network takes 9, the data give 8"),
        ({"input": [1, 8, 9]}, {}, "--resize scales the images to 8 x 9"),
        ({"input": [1, 8, 9]}, {}, "input: [1, 8, 8]"),
        ({"params": {"classes": 7}}, {}, "digits has 10 classes"),
        ({"input": [2, 8, 8]}, {"color": "rgb"}, "the network takes 2, the data give 3"),
    ],
)
def test_what_does_not_fit_is_said_with_what_to_do(
    digits: Data, spec: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    given = {
        "archspec": 1,
        "name": "n",
        "input": [1, 8, 8],
        "params": {"classes": 10},
        "stages": {"flat": "flatten", "fc": {"linear": "$classes"}},
        **spec,
    }
    with pytest.raises(TrainingError) as error:
        fit(archspec.load(given), digits, epochs=1, **options)
    assert said in str(error.value)


def test_a_parameter_that_sets_the_size_is_named(digits: Data) -> None:
    spec = """archspec: 1
name: n
params: {image_size: 16}
input: [1, $image_size, $image_size]
stages: {flat: flatten, fc: {linear: 10}}
"""
    with pytest.raises(TrainingError, match="--set image_size=8"):
        fit(archspec.load(spec), digits, epochs=1)


def test_images_are_fitted_to_the_network_where_asked(digits: Data) -> None:
    spec = """archspec: 1
name: n
input: [3, 12, 12]
stages: {conv: {conv: 4, kernel: 3}, relu: relu, flat: flatten, fc: {linear: 10}}
"""
    found = fit(archspec.load(spec), digits, epochs=2, resize=True, color="rgb")
    assert found.best["val_accuracy"] > 0.7


def test_networks_that_do_not_classify_images_are_refused(digits: Data) -> None:
    two = "archspec: 1\nname: n\ninput: [1, 8, 8]\nstages: {flat: flatten, a: {linear: 10, from: flat},\n  b: {linear: 10, from: flat}}\noutputs: {a: a, b: b}\n"
    with pytest.raises(TrainingError, match="has the outputs a, b"):
        fit(archspec.load(two), digits, epochs=1)
    flat = "archspec: 1\nname: n\ninput: [64]\nstages: {a: {linear: 10}}\n"
    with pytest.raises(TrainingError, match="images are channels x height x width"):
        fit(archspec.load(flat), digits, epochs=1)


def test_a_broken_image_in_a_worker_is_told_as_one_sentence(tmp_path: Path) -> None:
    from .data.test_named import picture

    for number in range(30):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png", size=(8, 8), mode="L")
    broken = tmp_path / "a" / "4.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:60])
    spec = "archspec: 1\nname: n\ninput: [1, 8, 8]\nstages: {flat: flatten, fc: {linear: 2}}\n"
    data = read_data(tmp_path)
    data.__dict__["normalisation"] = (torch.zeros(1), torch.ones(1))
    with pytest.raises(TrainingError) as error:
        fit(archspec.load(spec), data, epochs=1, workers=1)
    assert str(error.value).startswith(str(broken))
    assert "\n" not in str(error.value)
