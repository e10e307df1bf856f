from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from archspec.diagnostics import UsageError
from archspec.search.space import Space
from archspec.trials.engines.in_process import InProcess
from archspec.trials.plan import Plan
from archspec.trials.price import TIMED, estimate, price
from archspec.trials.problem import Invalid, OfFunction

from .problems import SMALL, fails_at_three, total


def test_the_price_is_that_of_all_parts() -> None:
    plan = Plan(children=60, epochs=5, top=3, repeats=5, final_epochs=20)
    found = estimate(plan, beside=1.0, epoch=2.0, workers=4)
    assert found.parts == {
        "search": (60, 5, 60 * 11.0),
        "random search": (60, 5, 60 * 11.0),
        "last training": (15, 20, 15 * 41.0),
    }
    assert found.training == 2 * 660 + 615
    assert found.wall == found.training / 4
    assert not found.is_expensive


def test_the_least_budget_counts() -> None:
    epochs = estimate(Plan(children=60, max_epochs=52, epochs=5, top=0), 1.0, 2.0, 1)
    assert epochs.parts["search"][0] == 10


@pytest.mark.parametrize(
    ("more", "children"),
    [
        ({}, 0.45 * 3600 // 11),
        ({"top": 0}, 0.5 * 3600 // 11),
        ({"baseline": False}, 0.9 * 3600 // 11),
        ({"strategy": "random", "top": 0}, 3600 // 11),
        ({"children": 20}, 20),
    ],
)
def test_a_budget_of_hours_is_spent(more: dict[str, Any], children: int) -> None:
    plan = Plan(**{"hours": 1.0, "epochs": 5, **more})
    for workers in (1, 1000):
        found = estimate(plan, beside=1.0 * workers, epoch=2.0 * workers, workers=workers)
        assert found.parts["search"][0] == children


def test_children_that_take_no_time_have_no_price() -> None:
    found = estimate(Plan(hours=1.0, top=0), beside=0.0, epoch=0.0, workers=1)
    assert found.parts["search"] == (0, 5, 0.0) and found.wall == 0.0


def test_a_search_of_days_is_very_expensive() -> None:
    assert estimate(Plan(children=12_800, epochs=50), 1.0, 60.0, 800).is_expensive


@dataclass(frozen=True)
class Timed(OfFunction):
    def work(self, child: Any, *, epochs: int = 1, bars: Any = None, **_how: Any) -> Any:
        return Costs(epochs if bars is None else 1 + [bars(1, 1.0), True].index(True))


@dataclass(frozen=True)
class Costs:
    epochs: int

    def __call__(self) -> dict[str, Any]:
        return {
            "status": "ok",
            "cost": {"seconds": 3.0 + self.epochs * 7.0, "in_epochs": self.epochs * 7.0},
        }


def test_children_are_timed_for_one_epoch_each() -> None:
    seen: list[int] = []

    class Counted(InProcess):
        def run(self, jobs: Any, until: float | None = None) -> Any:
            seen.append(len(jobs))
            return super().run(jobs, until)

    found = price(
        Plan(children=10, epochs=4, baseline=False, top=0), Timed(SMALL, total), Counted()
    )
    assert seen == [TIMED]
    assert (found.beside, found.epoch) == (3.0, 7.0)
    assert found.training == 10 * (3.0 + 4 * 7.0)


def test_where_no_child_can_be_trained_the_reason_is_told() -> None:
    @dataclass(frozen=True)
    class Never(OfFunction):
        def child(self, answers: Any) -> Any:
            raise Invalid("it is too large")

    plan = Plan(children=10)
    with pytest.raises(UsageError, match="none is valid: it is too large"):
        price(plan, Never(SMALL, total), InProcess())
    three = Space(SMALL.decisions[:0])
    with pytest.raises(UsageError, match="no child can be trained: KeyError"):
        price(plan, OfFunction(three, fails_at_three), InProcess())
