"""Schedules and optimisers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from archspec.train import Settings
from archspec.train.schedules import average, optimizer, schedule


def rates(steps: int = 100, **settings: object) -> list[float]:
    factor = schedule(Settings.of({"epochs": 10, **settings}), steps)
    return [factor(step) for step in range(steps)]


def test_cosine_falls_from_one_to_nothing() -> None:
    found = rates(schedule="cosine")
    assert found[0] == 1
    assert found == sorted(found, reverse=True)
    assert found[50] == pytest.approx(0.5)
    assert found[-1] < 0.001


def test_step_divides_by_ten_after_a_half_and_three_quarters() -> None:
    found = rates(schedule="step")
    assert (found[49], found[50], found[74], found[75]) == (1, 0.1, 0.1, 0.01)


def test_one_cycle_goes_up_and_then_down() -> None:
    found = rates(schedule="one-cycle")
    top = found.index(max(found))
    assert top == 30
    assert found[:31] == sorted(found[:31])
    assert found[30:] == sorted(found[30:], reverse=True)


def test_a_warm_up_rises_and_the_schedule_follows_it() -> None:
    found = rates(schedule="constant", warmup=2)
    assert found[:20] == sorted(found[:20])
    assert found[0] < 0.1
    assert found[20:] == [1.0] * 80
    assert rates(schedule="cosine", warmup=2)[20] == 1


def test_weights_with_one_axis_do_not_decay() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    decays, not_decays = optimizer(model, Settings()).param_groups
    assert [w.ndim for w in decays["params"]] == [4]
    assert [w.ndim for w in not_decays["params"]] == [1, 1, 1]
    assert (decays["weight_decay"], not_decays["weight_decay"]) == (1e-4, 0)


def test_sgd_is_with_nesterov() -> None:
    group = optimizer(nn.Linear(2, 2), Settings()).param_groups[0]
    assert group["nesterov"]
    assert group["momentum"] == 0.9


def test_the_average_leaves_counters_and_is_short_at_first() -> None:
    mixed = average(0.99)
    one, two = torch.tensor(1.0), torch.tensor(2.0)
    assert mixed(one, two, torch.tensor(1)).item() == pytest.approx(2 - 2 / 11)
    assert mixed(one, two, torch.tensor(10**6)).item() == pytest.approx(1.01)
    assert mixed(torch.tensor(3), torch.tensor(5), torch.tensor(10**6)).item() == 5
