"""Settings: refused where they mean nothing."""

from __future__ import annotations

import pytest

from archspec.diagnostics import TrainingError
from archspec.train import Settings


def test_settings_come_back_from_what_is_written() -> None:
    settings = Settings(epochs=3, lr=0.2, ema=0.99, flip=True)
    assert Settings.of(settings.as_dict()) == settings


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"epochs": 0}, "epochs is 1 or more, not 0"),
        ({"label_smoothing": 2}, "label_smoothing is 0 to 1, not 2"),
        ({"schedule": "cosin"}, "did you mean `cosine`?"),
        ({"epoch": 3}, "training has no setting `epoch`: did you mean `epochs`?"),
        ({"epochs": 2, "warmup": 2}, "warmup takes 2 of 2 epochs"),
        ({"ema": 0.9, "strategy": "fsdp2"}, "leave out one"),
        ({"strategy": "fsdp2"}, "fsdp2 shards the weights over devices: give two or more"),
        ({"batch_size": "abc"}, "batch_size takes a whole number, not 'abc'"),
        ({"batch_size": 2.5}, "batch_size takes a whole number, not 2.5"),
        ({"batch_size": None}, "batch_size takes a whole number, not None"),
        ({"epochs": True}, "epochs takes a whole number, not True"),
        ({"lr": "fast"}, "lr takes a number, not 'fast'"),
        ({"flip": "yes"}, "flip takes true or false, not 'yes'"),
        ({"optimizer": 3}, "optimizer takes a word, not 3"),
        ({"precision": 8}, "precision cannot be '8': one of 32, bf16-mixed"),
    ],
)
def test_what_means_nothing_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(TrainingError) as error:
        Settings.of(values)
    assert said in str(error.value)


def test_a_precision_may_be_written_as_a_number() -> None:
    assert Settings.of({"precision": 32}).precision == "32"


@pytest.mark.parametrize(
    "value", [{"ema": 0.9}, {"early_stop": 1}, {"devices": 2}, {"strategy": "ddp"}]
)
def test_what_a_child_is_trained_without_is_refused(value: dict[str, object]) -> None:
    Settings.of(value)
    with pytest.raises(TrainingError, match=f"without `{next(iter(value))}`: leave it out"):
        Settings.of_child(value)


def test_the_learning_rate_is_the_optimisers_unless_said() -> None:
    assert Settings().rate == 0.05
    assert Settings(optimizer="adamw").rate == 0.001
    assert Settings(optimizer="adamw", lr=0.5).rate == 0.5
