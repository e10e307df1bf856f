"""The controller learns, and not by luck; the claims are those of `statistics.py`."""

from __future__ import annotations

import numpy as np
import pytest

from .spaces import cells, graphs
from .statistics import (
    CLAIMS,
    CONTROLLER,
    EVOLUTION,
    RANDOM,
    SEEDS,
    SHORT,
    SHUFFLED,
    Runs,
    a12,
    above,
    searched,
    untrue,
)


def test_the_controller_learns_in_ten_short_searches() -> None:
    runs = searched("cells", (RANDOM, CONTROLLER, SHUFFLED), range(10), 300)
    assert untrue(runs, SHORT) == []


def test_evolution_beats_random_search() -> None:
    runs = searched("cells", (RANDOM, EVOLUTION), SEEDS, 100)
    assert above(runs[EVOLUTION].best(100), runs[RANDOM].best(100)) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("table", CLAIMS)
def test_the_controller_learns_in_thirty_searches(table: str) -> None:
    runs = searched(table, (RANDOM, CONTROLLER, SHUFFLED), SEEDS, 500)
    assert untrue(runs, CLAIMS[table]) == []


def test_claims_can_be_untrue() -> None:
    """Of a controller that is random search nothing is shown; of one that learns from shuffled
    rewards, that something is wrong."""
    draw = np.random.RandomState(0)
    others, better = (Runs(draw.normal(90 + up, 1, (20, 300))) for up in (0, 1))
    found = untrue({RANDOM: others, CONTROLLER: others, SHUFFLED: others}, SHORT)
    assert [each.split(":")[0] for each in found] == [
        "the mean of children 251 to 300 is not above random's",
        "the best of 300 is not above random's",
    ]
    found = untrue({RANDOM: others, CONTROLLER: better, SHUFFLED: better}, SHORT)
    assert [each.split(":")[0] for each in found] == [
        "with shuffled rewards the mean is above random's",
        "with shuffled rewards the best is above random's",
    ]


def test_a12_is_the_part_of_pairs_that_are_won() -> None:
    assert a12(np.array([1.0, 2.0]), np.array([0.0, 2.0])) == (1 + 0 + 1 + 0.5) / 4


def test_the_tables_are_what_they_are_said_to_be() -> None:
    assert cells().values.size == cells().space.size == 15_625
    assert cells().values.max() == 94.4 and (cells().values == 94.4).sum() == 1
    assert cells().values.min() == 10.0
    assert cells().values[0, 0, 0, 0, 0, 0] == 10.0  # nothing from input to output
    assert graphs().space.size == graphs().values.size == 59_049
    assert round(graphs().best, 2) == 73.67
