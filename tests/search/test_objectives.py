"""Objectives: values, rewards, and what a failed child counts as."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objective, Objectives, Result

SMALL = Objective("latency", up=False, target=80.0)


def test_one_objective_is_its_own_reward() -> None:
    assert Objectives().reward(Result("ok", {"accuracy": 0.75})) == 0.75


def test_a_child_stopped_early_is_worth_what_it_had() -> None:
    assert Objectives().reward(Result("stopped", {"accuracy": 0.5})) == 0.5


@pytest.mark.parametrize(
    "result",
    [
        Result("failed", {"accuracy": 0.9}, reason="out of memory"),
        Result("invalid", reason="macs is 400M"),
        Result("ok", {"accuracy": math.nan}),
        Result("ok", {"accuracy": math.inf}),
        Result("ok", {}),
    ],
)
def test_a_child_without_a_number_counts_as_failed(result: Result) -> None:
    assert Objectives().reward(result) == 0.0
    assert Objectives(failed=-1.0).reward(result) == -1.0
    assert Objectives().point(result) is None


def test_the_weighted_product_is_that_of_mnasnet() -> None:
    """Twice the latency for 5 % more accuracy: about the same reward, by the paper's exponent."""
    both = Objectives((Objective("accuracy"), SMALL))
    at = both.reward(Result("ok", {"accuracy": 0.7, "latency": 80}))
    twice = both.reward(Result("ok", {"accuracy": 0.7 * 1.05, "latency": 160}))
    assert at == pytest.approx(0.7)
    assert twice == pytest.approx(0.7 * 1.05 * 2**-0.07)
    assert twice == pytest.approx(at, rel=2e-3)


@given(st.floats(0.01, 1), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_less_is_never_worse_where_less_is_wanted(accuracy: float, a: float, b: float) -> None:
    both = Objectives((Objective("accuracy"), SMALL))
    low, high = (
        both.reward(Result("ok", {"accuracy": accuracy, "latency": value}))
        for value in sorted((a, b))
    )
    assert low >= high


def test_costs_are_objectives_too() -> None:
    both = Objectives((Objective("accuracy"), Objective("params", up=False)))
    result = Result("ok", {"accuracy": 0.5}, {"params": 2e6})
    assert both.point(result) == (0.5, -2e6)
    assert both.reward(result) == 0.5  # no target: for the front alone


def test_latency_of_nothing_is_no_division_by_zero() -> None:
    both = Objectives((Objective("accuracy"), SMALL))
    assert math.isfinite(both.reward(Result("ok", {"accuracy": 0.5, "latency": 0.0})))


def test_a_loss_is_made_small() -> None:
    loss = Objectives((Objective("loss", up=False),), failed=-10.0)
    assert loss.reward(Result("ok", {"loss": 0.5})) > loss.reward(Result("ok", {"loss": 0.75}))
    assert loss.reward(Result("failed")) == -10.0


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Objectives(()), "needs objectives"),
        (lambda: Objectives((Objective("a"), Objective("a"))), "each of them once"),
        (lambda: Objectives((Objective("a", target=1.0),)), "takes no target"),
        (lambda: Objectives((Objective("loss", up=False),)), "what a failed child counts as"),
        (
            lambda: Objectives((Objective("loss", up=False), SMALL), failed=-9.0),
            "a main objective that is to be large",
        ),
        (lambda: Objective("macs", target=0.0), "must be above 0"),
        (lambda: Objective("macs", target=math.nan), "must be above 0"),
        (lambda: Objective("macs", exponent=1.0), "no target"),
    ],
)
def test_what_means_nothing_is_refused(make: object, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make()  # type: ignore[operator]
