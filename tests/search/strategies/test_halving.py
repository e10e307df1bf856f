"""Halving: who goes on at a rung, and that it depends on nothing but the children before."""

from __future__ import annotations

import math
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.diagnostics import UsageError
from archspec.search.objectives import Objectives, Result
from archspec.search.strategies import STRATEGIES, Halving, make_strategy

from ..spaces import cells


def curve(child: int, epoch: int) -> float:
    """A child's value after an epoch: some are better, all get better, all are a little erratic."""
    draw = random.Random(child)
    final = draw.random()
    return final * (1 - 0.5**epoch) + draw.gauss(0, 0.01)


def test_rungs_stand_at_powers_of_the_reduction() -> None:
    assert Halving(27).rungs == [1, 3, 9]
    assert Halving(28).rungs == [1, 3, 9, 27]
    assert Halving(20, first=2, reduction=2).rungs == [2, 4, 8, 16]
    assert Halving(1).rungs == []


def test_the_first_children_have_no_bars() -> None:
    halving = Halving(9, batch=4)
    assert [dict(halving.bars(child).bars) for child in range(4)] == [{}] * 4
    assert not any(halving.should_stop(child, 1, -child) for child in range(4))


def test_a_child_goes_on_among_the_best_third_of_those_that_came_to_the_rung() -> None:
    halving = Halving(9, reduction=3, batch=1)
    values = [0.1, 0.5, 0.3, 0.4, 0.2, 0.6, 0.45, 0.55]
    stopped = [halving.should_stop(child, 1, value) for child, value in enumerate(values)]
    expected = []
    for n, value in enumerate(values):
        better = sum(v > value for v in values[:n])
        expected.append(n > 0 and better >= max(1, (n + 1) // 3))
    assert stopped == expected == [False, False, True, True, True, False, True, False]


def test_epochs_without_a_rung_stop_nobody() -> None:
    halving = Halving(9, batch=1)
    halving.report(0, 1, 1.0)
    assert not halving.should_stop(1, 2, 0.0)
    assert halving.should_stop(1, 1, 0.0)


def test_nan_stops_and_is_no_bar() -> None:
    halving = Halving(9, batch=1)
    halving.report(0, 1, 0.5)
    assert halving.should_stop(1, 1, math.nan)
    assert not halving.should_stop(2, 1, 0.5)
    assert dict(Halving(9, batch=1).bars(0).bars) == {}


@given(st.integers(0, 1000))
def test_the_same_children_stop_in_whatever_order_a_batch_reports(seed: int) -> None:
    def stopped(draw: random.Random | None) -> dict[int, int]:
        halving = Halving(27, batch=6)
        ends = {}
        for first in range(0, 30, 6):
            running = dict.fromkeys(range(first, first + 6), 1)
            while running:
                child = draw.choice(sorted(running)) if draw else min(running)
                epoch = running[child]
                stops = halving.should_stop(child, epoch, curve(child, epoch))
                running[child] += 1
                if stops or epoch == 27:
                    ends[child] = epoch
                    del running[child]
        return dict(sorted(ends.items()))

    in_turn = stopped(None)
    assert stopped(random.Random(seed)) == in_turn
    assert 1 in in_turn.values() and 27 in in_turn.values()


def test_bars_go_where_the_child_trains() -> None:
    halving = Halving(9, batch=1)
    halving.report(0, 1, 0.5)
    should_stop = pickle.loads(pickle.dumps(halving.bars(1)))
    assert should_stop(1, 0.4) and not should_stop(1, 0.5) and not should_stop(2, 0.0)


@pytest.mark.parametrize("name", STRATEGIES)
def test_it_goes_with_any_strategy(name: str) -> None:
    """Children that stop are told with what they had; the strategy ends the same whether a batch
    trained child by child or epoch by epoch."""

    def ended(by_epoch: bool) -> tuple[str, int]:
        strategy = make_strategy(name, cells().space, Objectives(), batch=6)
        halving, stopped = Halving(27, batch=6), 0
        for first in range(0, 36, 6):
            asked = {child: strategy.ask(child) for child in range(first, first + 6)}
            values: dict[int, list[float]] = {child: [] for child in asked}
            running = set(asked)
            turns = [(child, epoch) for child in asked for epoch in range(1, 28)]
            for child, epoch in sorted(turns, key=lambda turn: turn[::-1] if by_epoch else turn):
                if child in running:
                    value = cells()(asked[child]) / 100 * (1 - 0.5**epoch)
                    values[child].append(value)
                    if halving.should_stop(child, epoch, value):
                        running.discard(child)
            for child, answers in asked.items():
                status = "ok" if child in running else "stopped"
                stopped += status == "stopped"
                strategy.tell(child, answers, Result(status, {"accuracy": values[child][-1]}))
        return strategy.digest(), stopped

    assert ended(by_epoch=False) == ended(by_epoch=True)
    assert ended(by_epoch=False)[1] > 6


def test_it_costs_a_fraction_and_keeps_the_best() -> None:
    halving = Halving(27, batch=9)
    spent, ends = 0, {}
    for child in range(180):
        for epoch in range(1, 28):
            spent += 1
            if halving.should_stop(child, epoch, curve(child, epoch)):
                break
        ends[child] = epoch
    best = max(range(180), key=lambda child: curve(child, 27))
    assert ends[best] == 27
    assert spent < 180 * 27 * 0.4


@pytest.mark.parametrize("options", [{"epochs": 0}, {"first": 0}, {"reduction": 1}, {"batch": 0}])
def test_what_means_nothing_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"expected \d at least"):
        Halving(**{"epochs": 9, **options})
