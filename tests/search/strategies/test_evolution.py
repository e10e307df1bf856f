"""Regularised evolution: who may be a parent, and in what a child differs."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.search.objectives import Objectives, Result
from archspec.search.space import Choices, Decision, Space
from archspec.search.strategies import Evolution
from archspec.search.strategies.evolution import mutated

from ..runs import search
from ..spaces import accuracy, cells, is_answered, spaces, worth

BRANCHED = Space(
    (
        Decision("kind", "choice", ("plain", "deep")),
        Decision("depth", "choice", (2, 3, 4), when=((("kind", 1),),)),
        Decision("width", "choice", (16, 32)),
    )
)


def evolution(space: Space, **options: Any) -> Evolution:
    return Evolution(space, Objectives(), 4, **options)


def test_the_population_is_the_last_children_however_good_the_older_ones_were() -> None:
    strategy = evolution(cells().space, population=10, batch=5)

    def worse_and_worse(_answers: Choices) -> Result:
        return accuracy(95.0 - strategy.told)

    history = search(strategy, 40, worse_and_worse)
    assert [answers for answers, _ in strategy.population] == [h[1] for h in history[-10:]]


def test_children_of_one_batch_come_from_the_same_population() -> None:
    strategy = evolution(cells().space, population=4, sample=4, batch=4, identity=0.0)
    search(strategy, 4, cells().result)
    parents = [answers for answers, _ in strategy.population]
    for child in range(4, 8):
        answers = strategy.ask(child)
        assert any(sum(answers[name] != parent[name] for name in parent) == 1 for parent in parents)
        strategy.tell(child, answers, accuracy(99.0))


def test_the_parent_is_the_best_of_the_sample() -> None:
    strategy = evolution(cells().space, population=8, sample=200, batch=8, identity=1.0)
    history = search(strategy, 8, cells().result)
    best = max(history, key=lambda h: h[2].objectives["accuracy"])[1]
    assert [strategy.ask(child) for child in range(8, 16)] == [best] * 8


def test_identity_is_as_likely_as_it_says() -> None:
    strategy = evolution(cells().space, population=1, sample=1, batch=1, identity=0.3)
    history = search(strategy, 1001, cells().result)
    same = sum(a[1] == b[1] for a, b in zip(history, history[1:]))
    assert 250 < same < 350


@settings(deadline=None)
@given(space=spaces(), seed=st.integers(0, 2**32))
def test_a_mutation_changes_one_decision_and_draws_what_it_brings(space: Space, seed: int) -> None:
    draw = random.Random(seed)
    parent = Evolution(space, Objectives(), seed).ask(0)
    child = mutated(space, parent, draw)
    assert is_answered(space, child)
    changed = [name for name in parent if name in child and child[name] != parent[name]]
    can = [d for d in space.decisions if d.name in parent and len(d.options) != 1]
    assert len(changed) == (1 if can else 0)
    for name in set(parent) ^ set(child):  # what comes or goes hangs on something
        assert space.by_name[name].when


def test_a_decision_that_comes_to_be_is_drawn_and_one_that_ceases_is_dropped() -> None:
    plain, deep = {"kind": 0, "width": 1}, {"kind": 1, "depth": 2, "width": 0}
    children = [mutated(BRANCHED, plain, random.Random(n)) for n in range(200)]
    assert {c["depth"] for c in children if "depth" in c} == {0, 1, 2}
    assert all(c["width"] == 1 for c in children if c["kind"] == 1)
    children = [mutated(BRANCHED, deep, random.Random(n)) for n in range(200)]
    assert {tuple(c.items()) for c in children if c["kind"] == 0} == {(("kind", 0), ("width", 0))}


def test_ranges_are_changed_by_steps() -> None:
    space = Space(
        (
            Decision("n", "int", tuple(range(1, 102))),
            Decision("rate", "float", low=1e-4, high=1.0, log=True),
        )
    )
    parent = {"n": 50, "rate": 1e-2}
    children = [mutated(space, parent, random.Random(n)) for n in range(2000)]
    numbers = [c["n"] for c in children if c["n"] != 50]
    rates = [c["rate"] for c in children if c["rate"] != 1e-2]
    assert len(numbers) + len(rates) == 2000
    near = sum(abs(n - 50) <= 20 for n in numbers) / len(numbers)
    assert 0.6 < near < 0.76  # one deviation of a normal distribution: 68 %
    near = sum(10**-2.8 <= rate <= 10**-1.2 for rate in rates) / len(rates)
    assert 0.6 < near < 0.76


def test_a_failed_child_is_a_poor_parent() -> None:
    strategy = evolution(BRANCHED, population=4, sample=50, batch=4, identity=1.0)
    for child in range(4):
        answers = strategy.ask(child)
        strategy.tell(child, answers, Result("failed") if child else accuracy(10.0))
    assert strategy.ask(4) == strategy.population[0][0]


def test_of_equal_children_nothing_is_asked_that_is_none() -> None:
    strategy = evolution(Space((Decision("only", "choice", (1,)),)), population=2)
    assert [answers for _, answers, _ in search(strategy, 8, worth)] == [{"only": 0}] * 8


@pytest.mark.parametrize("batch", [1, 7, 50])
def test_any_batch_goes_with_any_population(batch: int) -> None:
    assert len(search(evolution(cells().space, population=20, batch=batch), 120, worth)) == 120
