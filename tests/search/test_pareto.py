"""The Pareto front and the hypervolume, held to what counting says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.search.pareto import dominates, front, hypervolume


def points(size: int, largest: int = 6) -> st.SearchStrategy[list[tuple[int, ...]]]:
    return st.lists(st.tuples(*[st.integers(-1, largest)] * size), max_size=12)


@given(st.integers(1, 4).flatmap(points))
def test_the_front_is_what_nothing_dominates(some: list[tuple[int, ...]]) -> None:
    by_hand = [n for n, p in enumerate(some) if not any(dominates(q, p) for q in some)]
    assert front(some) == by_hand


@given(st.integers(1, 3).flatmap(points))
def test_the_hypervolume_is_the_number_of_unit_cubes(some: list[tuple[int, ...]]) -> None:
    if not some:
        assert hypervolume(some, (0.0,)) == 0.0
        return
    size = len(some[0])
    count = sum(
        any(all(c < x for c, x in zip(cube, point)) for point in some)
        for cube in itertools.product(range(6), repeat=size)
    )
    assert hypervolume(some, (0,) * size) == count


@given(st.lists(st.tuples(*[st.floats(-1, 1, width=32)] * 3), min_size=1, max_size=7))
def test_the_hypervolume_is_what_inclusion_and_exclusion_give(
    some: list[tuple[float, float, float]],
) -> None:
    reference = (-0.25, -0.5, 0.0)
    inside = np.array([[max(x - r, 0.0) for x, r in zip(p, reference)] for p in some])
    total = 0.0
    for count in range(1, len(some) + 1):
        for each in itertools.combinations(inside, count):
            total -= (-1) ** count * np.min(each, axis=0).prod()
    assert hypervolume(some, reference) == pytest.approx(total, abs=1e-9)


def test_the_hypervolume_needs_no_order() -> None:
    some = [(1.0, 3.0, 2.0), (2.0, 2.0, 2.0), (3.0, 1.0, 1.0), (1.0, 1.0, 4.0)]
    volumes = {hypervolume(list(order), (0.0, 0.0, 0.0)) for order in itertools.permutations(some)}
    assert volumes == {13.0}


def test_of_four_objectives_there_is_no_volume() -> None:
    with pytest.raises(ValueError, match="three at most"):
        hypervolume([(1, 1, 1, 1)], (0, 0, 0, 0))
