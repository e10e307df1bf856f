"""The comparison with random search and with the parameters, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.search.objectives import Objective, Objectives
from archspec.trials.report.comparison import Verdict, best_so_far, compare, verdict
from archspec.trials.report.record import Record

from .journals import PARAMS, RANDOM, SEARCH, again, child, drawn, plan, record, searched


def judged(found: Record) -> Verdict:
    return verdict(found, compare(found))


def test_best_so_far_keeps_the_best() -> None:
    assert best_so_far([None, 0.5, 0.4, None, 0.7]) == [None, 0.5, 0.5, 0.5, 0.7]


def test_equal_budget_by_hand(tmp_path: Path) -> None:
    found = compare(record(tmp_path, [*searched(), *drawn()], plan=plan()))
    assert found.n == 8
    assert found.search == [0.5, 0.6, 0.6, 0.7, 0.9, 0.91, 0.92, 0.93]
    assert found.random == [0.4, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]
    assert found.ahead == pytest.approx(0.13)
    # The last two of eight, and all of random search.
    assert found.last is not None and found.last.mean == pytest.approx(0.925)
    assert found.chance is not None and found.chance.mean == pytest.approx(4.7 / 8)


def test_unfinished_random_search_is_compared_at_its_own_budget(tmp_path: Path) -> None:
    found = compare(record(tmp_path, [*searched(), *drawn()[:3]], plan=plan()))
    assert found.n == 3
    assert found.ahead == pytest.approx(0.6 - 0.8)


def test_children_in_the_order_of_their_parameters(tmp_path: Path) -> None:
    found = compare(record(tmp_path, [*searched(), *drawn()], plan=plan()))
    # Random's children by parameters: 1 (0.8), 4 (0.7), 7 (0.65), 6, 3, 2, 5, 0.
    assert found.ordered == [0.8] * 8
    assert found.largest is not None and (found.largest.part, found.largest.child) == ("random", 1)


def test_without_random_search_the_searchs_own_children_are_ordered(tmp_path: Path) -> None:
    found = compare(record(tmp_path, searched(), plan=plan(baseline=False)))
    # 800, 700, 600, 500 and so on: children 1, 4, 7, 6, ...
    assert found.ordered is not None and found.ordered[:4] == [0.6, 0.9, 0.93, 0.93]


def test_a_failed_child_has_parameters_and_no_accuracy(tmp_path: Path) -> None:
    entries = [child(0, None, 900), child(1, 0.5, 100), child(2, 0.7, 200)]
    found = compare(record(tmp_path, entries, plan=plan(baseline=False)))
    assert found.ordered == [None, 0.7, 0.7]
    assert found.largest is not None and found.largest.child == 2


def test_rank_correlations_by_hand(tmp_path: Path) -> None:
    found = compare(record(tmp_path, [*searched(), *drawn()], plan=plan()))
    by = {(p.part, p.of): (p.rank, p.n) for p in found.proxies}
    assert len(by) == 4
    # Ranks of SEARCH: 1 3 2 4 5 6 7 8; of PARAMS: 1 8 3 4 7 2 5 6.
    squares = sum(d * d for d in (0, 5, 1, 0, 2, -4, -2, -2))
    assert by["search", "params"] == (pytest.approx(1 - 6 * squares / (8 * 63)), 8)
    assert by["search", "macs"] == by["search", "params"]
    assert sorted(PARAMS) != PARAMS and max(SEARCH) > max(RANDOM)


def test_known_children_count_once_for_the_proxy(tmp_path: Path) -> None:
    entries = [*searched(), child(8, 0.93, 600, same=7)]
    found = compare(record(tmp_path, entries, plan=plan(children=9, baseline=False)))
    assert {p.n for p in found.proxies} == {8}


def test_better_in_both_is_yes(tmp_path: Path) -> None:
    search = [child(n, 0.8 + n / 1000) for n in range(40)]
    random = [child(n, 0.5 + n / 1000, part="random") for n in range(40)]
    found = judged(record(tmp_path, [*search, *random], plan=plan(children=40, top=0)))
    assert found.answer == "yes"
    assert found.sentence == "Yes: after 40 children of each it is better than random search."
    assert "83.9 %, and 53.9 % by random search: better by 30.0 points" in found.reasons[0]
    assert "p < 0.001" in found.reasons[1] and "n = 10" in found.reasons[1]
    assert "One run is one sample" in found.reasons[2]


def test_no_better_is_no(tmp_path: Path) -> None:
    values = [0.5 + (7 * n % 40) / 1000 for n in range(40)]
    search = [child(n, value) for n, value in enumerate(values)]
    random = [child(n, value, part="random") for n, value in enumerate(values)]
    found = judged(record(tmp_path, [*search, *random], plan=plan(children=40, top=0)))
    assert found.answer == "no" and "no better than random search" in found.sentence


def test_worse_is_said(tmp_path: Path) -> None:
    search = [child(n, 0.5 + n / 1000) for n in range(40)]
    random = [child(n, 0.8 + n / 1000, part="random") for n in range(40)]
    found = judged(record(tmp_path, [*search, *random], plan=plan(children=40, top=0)))
    assert found.answer == "no" and "worse than random search" in found.sentence


def test_a_lucky_best_is_in_part(tmp_path: Path) -> None:
    values = [0.5 + (7 * n % 40) / 1000 for n in range(40)]
    search = [child(n, value) for n, value in enumerate([0.9, *values[1:]])]
    random = [child(n, value, part="random") for n, value in enumerate(values)]
    found = judged(record(tmp_path, [*search, *random], plan=plan(children=40, top=0)))
    assert found.answer == "in part" and "luck" in found.sentence


def test_a_difference_that_the_seed_makes_is_none(tmp_path: Path) -> None:
    # Pooled over two children: deviations of ±.01 and ±.01, two degrees of freedom: sqrt(.0004 / 2).
    entries = [*searched(), *drawn(), *again()]
    found = record(tmp_path, entries, plan=plan())
    assert found.noise is not None and found.noise.deviation == pytest.approx(0.0002**0.5)
    assert "better by 13.0 points" in judged(found).reasons[0]
    near = [child(n, v + 0.11, part="random") for n, v in enumerate(RANDOM)]
    close = judged(record(tmp_path / "near", [*searched(), *near, *again()], plan=plan()))
    assert "That is no difference: the seed alone changes a child by 1.4 points" in close.reasons[0]


def test_too_few_children_for_a_test(tmp_path: Path) -> None:
    found = judged(record(tmp_path, [*searched(), *drawn()], plan=plan(top=0)))
    assert found.answer == "in part" and "cannot be said" in found.sentence
    assert "too few children for a test" in found.reasons[1]


def test_means_are_not_compared_under_halving(tmp_path: Path) -> None:
    search = [child(n, 0.8 + n / 1000) for n in range(40)]
    random = [child(n, 0.5 + n / 1000, part="random") for n in range(40)]
    wanted = plan(children=40, top=0, halving=3)
    found = judged(record(tmp_path, [*search, *random], plan=wanted))
    assert found.answer == "in part" and "Means are not compared" in found.reasons[1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"baseline": False}, "Nobody knows"),
        ({"strategy": "random"}, "This is random search"),
        ({}, "cannot be said yet"),
    ],
)
def test_without_random_search_nothing_is_claimed(
    changes: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    found = judged(record(tmp_path, searched(), plan=plan(**changes)))
    assert found.answer == "open" and sentence in found.sentence


def test_a_loss_is_better_where_it_is_lower(tmp_path: Path) -> None:
    wanted = Objectives((Objective("loss", up=False),), failed=-9.0)

    def of(part: str, values: list[float]) -> list:
        return [
            child(n, 0.0, part=part, objectives={"loss": value}) for n, value in enumerate(values)
        ]

    low = [0.2 + n / 1000 for n in range(40)]
    high = [1.2 + n / 1000 for n in range(40)]
    found = record(
        tmp_path,
        [*of("search", low), *of("random", high)],
        plan=plan(children=40, top=0, objectives=wanted),
    )
    said = judged(found)
    assert said.answer == "yes"
    assert "0.2, and 1.2 by random search: better by 1." in said.reasons[0]
