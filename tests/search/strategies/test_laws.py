"""The laws of all strategies, on spaces of any form: valid answers, the same ones from the same seed
and history, and nothing that depends on the order in which a batch is asked for."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.search.objectives import Objective, Objectives, Result
from archspec.search.space import Decision, Space
from archspec.search.strategies import STRATEGIES, SpaceUsedUp, Strategy, make_strategy

from ...examples import examples
from ..runs import History, replay, search
from ..spaces import cells, is_answered, spaces, worth

ROOT = Path(__file__).parents[3]
BOTH = Objectives((Objective("accuracy"), Objective("size", up=False)))
SMALL: dict[str, dict[str, Any]] = {
    "evolution": {"population": 6, "sample": 3},
    "controller": {"hidden": 8, "batch": 4},
    "random": {"batch": 4},
    "tpe": {"startup": 5},
    "nsga2": {"population": 4, "batch": 4},
}
"""Options under which each strategy does all that it does within 16 children."""

each = pytest.mark.parametrize("name", STRATEGIES)
few = settings(
    max_examples=examples(8, 15), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def made(name: str, space: Space, seed: int = 3) -> Strategy:
    return make_strategy(name, space, BOTH, seed, **SMALL[name])


def searched(strategy: Strategy, children: int, shuffle: random.Random | None = None) -> History:
    """A search, which ends early where the space does."""
    try:
        return search(strategy, children, worth, shuffle)
    except SpaceUsedUp:
        return []


@each
@few
@given(space=spaces())
def test_answers_are_those_of_the_decisions_that_there_are(name: str, space: Space) -> None:
    for _child, answers, _result in searched(made(name, space), 16):
        assert is_answered(space, answers), answers


@each
@few
@given(space=spaces(), seed=st.integers(0, 2**40))
def test_the_order_of_asking_within_a_batch_means_nothing(
    name: str, space: Space, seed: int
) -> None:
    one, other = made(name, space, seed), made(name, space, seed)
    histories = searched(one, 12), searched(other, 12, random.Random(seed))
    assert histories[0] == histories[1]
    assert one.digest() == other.digest()


@each
@few
@given(space=spaces(), told=st.integers(0, 14))
def test_a_history_told_again_gives_the_same_strategy(name: str, space: Space, told: int) -> None:
    """At any point, within a batch too, and through JSON, as a journal keeps it."""
    live = made(name, space)
    history = searched(live, 16)[:told]
    kept = [(c, json.loads(json.dumps(answers)), result) for c, answers, result in history]
    again, once_more = replay(made(name, space), kept), replay(made(name, space), history)
    assert again.digest() == once_more.digest()
    rest = made(name, space)
    whole = searched(rest, 16)
    for child, answers, result in whole[told:]:
        assert again.ask(child) == answers
        again.tell(child, answers, result)
    if whole:
        assert again.digest() == rest.digest() == live.digest()


SCRIPT = """
import sys
from tests.search.strategies.test_laws import made
from tests.search.runs import search
from tests.search.spaces import cells
for name in sys.argv[1:]:
    strategy = made(name, cells().space)
    print(search(strategy, 24, cells().result)[-1][1], strategy.digest())
"""


def test_another_process_does_the_same() -> None:
    expected = ""
    for name in STRATEGIES:
        strategy = made(name, cells().space)
        last = search(strategy, 24, cells().result)[-1][1]
        expected += f"{last} {strategy.digest()}\n"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *STRATEGIES],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "17", "OMP_NUM_THREADS": "2", "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == expected, done.stderr


@each
def test_other_seeds_give_other_children(name: str) -> None:
    first = [search(made(name, cells().space, seed), 8, cells().result) for seed in (1, 2)]
    assert first[0] != first[1]


@each
def test_the_digest_tells_histories_apart_and_not_what_they_took(name: str) -> None:
    def told(accuracy: float, seconds: float) -> str:
        strategy = made(name, cells().space)
        result = Result("ok", {"accuracy": accuracy, "size": 1.0}, {"seconds": seconds})
        strategy.tell(0, strategy.ask(0), result)
        return strategy.digest()

    assert told(0.5, 1.0) == told(0.5, 2.0) != told(0.6, 1.0)


@each
def test_asking_out_of_the_batch_and_telling_out_of_order_are_mistakes(name: str) -> None:
    strategy = made(name, cells().space)
    answers = strategy.ask(0)
    with pytest.raises(ValueError, match="not of the batch that is open"):
        strategy.ask(strategy.batch)
    with pytest.raises(ValueError, match="child 1 is told where child 0 is due"):
        strategy.tell(1, answers, worth(answers))


@each
def test_what_was_asked_can_be_changed_without_harm(name: str) -> None:
    strategy = made(name, cells().space)
    strategy.ask(0).clear()
    assert is_answered(cells().space, strategy.ask(0))


@each
def test_a_space_of_one_child_is_searched(name: str) -> None:
    strategy = made(name, Space((Decision("only", "choice", ("one",)),)))
    assert strategy.ask(0) == {"only": 0}


@each
def test_children_that_all_fail_stop_no_strategy(name: str) -> None:
    def fails(_answers: Mapping[str, Any]) -> Result:
        return Result("failed", reason="RuntimeError")

    strategy = made(name, cells().space)
    assert len(search(strategy, 24, fails)) == 24
