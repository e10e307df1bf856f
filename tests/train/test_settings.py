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
        ({"lr": "fast"}, "lr is a number, not 'fast'"),
        ({"epochs": 2.5}, "epochs is a whole number, not 2.5"),
        ({"epochs": True}, "epochs is a whole number, not True"),
        ({"flip": "no"}, "flip is true or false, not 'no'"),
        ({"epochs": None}, "epochs is a whole number, not None"),
        ({"schedule": "cosin"}, "did you mean `cosine`?"),
        ({"epoch": 3}, "training has no setting `epoch`: did you mean `epochs`?"),
        ({"epochs": 2, "warmup": 2}, "warmup takes 2 of 2 epochs"),
        ({"ema": 0.9, "strategy": "fsdp2"}, "leave out one"),
    ],
)
def test_what_means_nothing_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(TrainingError) as error:
        Settings.of(values)
    assert said in str(error.value)


def test_the_learning_rate_is_the_optimisers_unless_said() -> None:
    assert Settings().rate == 0.05
    assert Settings(optimizer="adamw").rate == 0.001
    assert Settings(optimizer="adamw", lr=0.5).rate == 0.5
