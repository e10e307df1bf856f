"""Random search: everything once, evenly, and then the end."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.search.objectives import Objectives
from archspec.search.space import Decision, Space
from archspec.search.strategies import RandomSearch, SpaceUsedUp

from ..runs import search
from ..spaces import accuracy, cells, spaces


def asked(space: Space, children: int, seed: int = 0) -> list[object]:
    strategy = RandomSearch(space, Objectives(), seed, batch=1)
    return [space.key(a) for _, a, _ in search(strategy, children, lambda _: accuracy(50.0))]


@settings(deadline=None)
@given(space=spaces(finite=True), seed=st.integers(0, 1000))
def test_every_child_is_given_once_and_then_the_space_is_used_up(space: Space, seed: int) -> None:
    if space.size > 700:
        assert len(set(asked(space, 200, seed))) == 200
        return
    size = int(space.size)
    assert len(set(asked(space, size, seed))) == size
    strategy = RandomSearch(space, Objectives(), seed, batch=size + 1)
    with pytest.raises(SpaceUsedUp, match=f"the space has {size} children"):
        strategy.ask(size)


def test_all_15625_cells_are_given_once() -> None:
    assert len(set(asked(cells().space, 15_625))) == 15_625


def test_decisions_are_drawn_evenly() -> None:
    counts = Counter(key for seed in range(600) for key in asked(cells().space, 1, seed)[0])  # type: ignore
    assert len(counts) == 30
    assert all(80 < count < 160 for count in counts.values())  # 120 expected


def test_ranges_are_drawn_evenly_along_their_scale() -> None:
    space = Space(
        (
            Decision("width", "int", tuple(range(1, 1001)), log=True),
            Decision("rate", "float", low=1e-3, high=1.0, log=True),
        )
    )
    strategy = RandomSearch(space, Objectives(), batch=600)
    answers = [strategy.ask(n) for n in range(600)]
    assert 160 < sum(space.values(a)["width"] <= 10 for a in answers) < 240
    assert 160 < sum(a["rate"] <= 1e-2 for a in answers) < 240


def test_a_log_range_stays_even_as_it_is_used_up() -> None:
    """Small numbers, of which there are few, are likely first and so are gone first."""
    space = Space((Decision("width", "int", tuple(range(1, 65)), log=True),))
    orders = [asked(space, 64, seed) for seed in range(30)]
    places = [order.index((("width", 0),)) for order in orders]
    assert sum(places) / len(places) < 12
