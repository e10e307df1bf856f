from __future__ import annotations

import json
from typing import Any

import pytest

from archspec.api import list_spaces, load_space
from archspec.diagnostics import UsageError
from archspec.search.objectives import Objective, Objectives
from archspec.trials.plan import Plan, space_as_json, space_from_json

from .problems import SPACE


def test_a_plan_is_what_it_was_after_json() -> None:
    wanted = Objectives((Objective("accuracy"), Objective("latency", False, 20.0, -0.1)))
    plan = Plan("controller", {"preset": "enas"}, wanted, 3, children=7, hours=0.5, halving=3)
    assert Plan.from_json(json.loads(json.dumps(plan.as_json()))) == plan


@pytest.mark.parametrize("change", [{"more": 1}, {"objectives": None}, {"children": "x"}])
def test_what_is_no_plan_is_refused(change: dict[str, Any]) -> None:
    data = {**Plan(children=1).as_json(), **change}
    with pytest.raises(UsageError, match="no plan that can be read"):
        Plan.from_json(data)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"children": 0}, {"hours": 0.0}, {"hours": float("nan")}, {"children": 1, "halving": 1},
     {"children": 1, "halving": 3, "epochs": 1},
     {"children": 1, "limit": -1.0}, {"children": 1, "repeats": 0}, {"children": 1, "epochs": 0}],
)  # fmt: skip
def test_a_plan_that_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Plan(**wrong)


@pytest.mark.parametrize("name", [info.name for info in list_spaces()])
def test_a_shipped_space_is_what_it_was_after_json(name: str) -> None:
    space = load_space(name).space
    assert space_from_json(json.loads(json.dumps(space_as_json(space)))) == space


def test_a_space_with_ranges_is_what_it_was_after_json() -> None:
    assert space_from_json(json.loads(json.dumps(space_as_json(SPACE)))) == SPACE
