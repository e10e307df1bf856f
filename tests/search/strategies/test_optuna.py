"""Optuna's samplers behind ask and tell."""

from __future__ import annotations

from collections.abc import Mapping

import optuna
import pytest

from archspec.search.objectives import Objective, Objectives, Result
from archspec.search.pareto import front, hypervolume
from archspec.search.space import Answer, Decision, Space
from archspec.search.strategies import Nsga2, RandomSearch, Strategy, Tpe

from ..runs import replay, search
from ..spaces import accuracy, cells

BOTH = Objectives((Objective("accuracy"), Objective("params", up=False)))


def both(answers: Mapping[str, Answer]) -> Result:
    """Accuracy, and parameters as the operations of a cell would have them."""
    weights = sum((0, 0, 1, 9, 0)[int(answer)] for answer in answers.values())
    return Result("ok", {"accuracy": cells()(answers) / 100}, {"params": float(weights)})


def volume(strategy: Strategy) -> float:
    results = [result for _, _, result in search(strategy, 200, both)]
    points = [point for point in map(BOTH.point, results) if point]
    return hypervolume([points[n] for n in front(points)], (0.1, -54.0))


def test_nsga2_dominates_more_than_random_search() -> None:
    space = cells().space
    for seed in range(2):
        assert volume(Nsga2(space, BOTH, seed)) > volume(RandomSearch(space, BOTH, seed))


def test_tpe_finds_better_cells_than_random_search() -> None:
    for seed in range(2):
        found = [
            max(r.objectives["accuracy"] for _, _, r in search(strategy, 120, cells().result))
            for strategy in (
                Tpe(cells().space, Objectives(), seed),
                RandomSearch(cells().space, Objectives(), seed),
            )
        ]
        assert found[0] > found[1]


def test_ranges_are_suggested_along_their_scale() -> None:
    space = Space(
        (
            Decision("rate", "float", low=1e-4, high=1.0, log=True),
            Decision("width", "int", tuple(range(1, 1001)), log=True),
            Decision("even", "int", (16, 32, 48, 64)),
        )
    )
    for made in (Tpe, Nsga2):
        strategy = (
            made(space, Objectives(), startup=100, batch=100)
            if made is Tpe
            else made(space, Objectives(), population=100, batch=100)
        )
        answers = [strategy.ask(child) for child in range(100)]
        assert 30 < sum(a["rate"] < 1e-2 for a in answers) < 70
        assert 20 < sum(space.values(a)["width"] <= 31 for a in answers) < 75
        assert {space.values(a)["even"] for a in answers} == {16, 32, 48, 64}


@pytest.mark.parametrize("made", [Tpe, Nsga2])
def test_the_history_of_another_search_is_refused(made: type[Strategy]) -> None:
    history = search(made(cells().space, Objectives(), 1), 20, cells().result)
    with pytest.raises(ValueError, match="the history of another search"):
        replay(made(cells().space, Objectives(), 2), history)


@pytest.mark.parametrize("made", [Tpe, Nsga2])
def test_optuna_is_as_talkative_as_before(made: type[Strategy], capfd: object) -> None:
    before = optuna.logging.get_verbosity()
    search(made(cells().space, Objectives(), 1), 4, lambda _: accuracy(50.0))
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr().err == ""  # type: ignore[attr-defined]
