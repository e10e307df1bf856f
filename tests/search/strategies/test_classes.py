"""Classes: every answer has one, and drawing from it gives an answer of it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.search.space import Decision
from archspec.search.strategies.classes import Classes
from archspec.search.strategies.ranges import answer_at, position

DECISIONS = [
    Decision("choice", "choice", tuple("abc")),
    Decision("many", "choice", tuple(range(200))),
    Decision("short", "int", (1, 2, 4, 8), log=True),
    Decision("long", "int", tuple(range(8, 2049, 8))),
    Decision("long log", "int", tuple(range(1, 5000)), log=True),
    Decision("float", "float", low=-1.0, high=3.0),
    Decision("float log", "float", low=1e-5, high=1e-1, log=True),
    Decision("point", "float", low=2.0, high=2.0),
]


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda d: d.name)
def test_a_draw_is_of_the_class_it_was_drawn_from(decision: Decision) -> None:
    classes = Classes(decision)
    draw = random.Random(1)
    assert len(classes.labels()) == classes.count
    for number in range(classes.count):
        answers = {classes.draw(number, draw) for _ in range(20)}
        assert {classes.of(a) for a in answers} == {number}


@pytest.mark.parametrize("decision", DECISIONS[:5], ids=lambda d: d.name)
def test_every_option_is_of_one_class_and_can_be_drawn(decision: Decision) -> None:
    classes = Classes(decision)
    numbers = [classes.of(n) for n in range(len(decision.options))]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(classes.count))


def test_a_choice_keeps_all_its_options_and_a_long_range_is_cut() -> None:
    assert [Classes(d).count for d in DECISIONS[:4]] == [3, 200, 4, 16]
    assert Classes(DECISIONS[4]).count <= 16


@given(st.sampled_from([d for d in DECISIONS if d.kind != "choice"]), st.floats(0, 1))
def test_a_position_and_its_answer_agree(decision: Decision, place: float) -> None:
    answer = answer_at(decision, place)
    assert position(decision, answer_at(decision, position(decision, answer))) == pytest.approx(
        position(decision, answer)
    )
    if not decision.options and decision.low < decision.high:
        assert position(decision, answer) == pytest.approx(place, abs=1e-9)
