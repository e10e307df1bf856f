"""Statistics, against numbers computed by hand and against scipy."""

from __future__ import annotations

import random

import pytest
from scipy import stats

from archspec.trials.report.statistics import mean_of, permutation_test, ranks, spearman


def test_equal_values_share_a_rank() -> None:
    assert ranks([3.0, 1.0, 3.0, 2.0]) == [3.5, 1.0, 3.5, 2.0]


def test_rank_correlation_by_hand() -> None:
    # Differences of ranks 1, -1, 0, 0: 1 - 6 * 2 / (4 * 15).
    assert spearman([1, 2, 3, 4], [20, 10, 30, 40]) == pytest.approx(0.8)
    assert spearman([1, 2, 3], [9, 5, 1]) == pytest.approx(-1.0)


def test_rank_correlation_with_ties_is_that_of_scipy() -> None:
    draw = random.Random(0)
    a = [draw.randrange(6) for _ in range(40)]
    b = [draw.randrange(6) + x for x in a]
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)


def test_no_rank_correlation_of_few_or_of_what_never_changes() -> None:
    assert spearman([1, 2], [1, 2]) is None
    assert spearman([1, 1, 1], [1, 2, 3]) is None


def test_mean_and_its_error() -> None:
    mean = mean_of([1.0, 2.0, 3.0, 6.0])
    assert mean is not None and (mean.mean, mean.n) == (3.0, 4)
    assert mean.deviation == pytest.approx((14 / 3) ** 0.5)
    assert mean.error == pytest.approx((14 / 3) ** 0.5 / 2)
    alone = mean_of([1.0])
    assert alone is not None and alone.error is None
    assert mean_of([]) is None


def test_permutation_test_is_that_of_scipy() -> None:
    draw = random.Random(1)
    a = [draw.gauss(0.4, 1) for _ in range(20)]
    b = [draw.gauss(0.0, 1) for _ in range(30)]
    found = permutation_test(a, b)
    known = stats.permutation_test(
        (a, b), lambda x, y: x.mean() - y.mean(), n_resamples=20_000, rng=0
    ).pvalue
    assert found == pytest.approx(known, abs=0.02)
    assert permutation_test(a, b) == found


def test_permutation_test_of_equal_and_of_far_values() -> None:
    assert permutation_test([1.0] * 6, [1.0] * 9) == 1.0
    far = permutation_test([10.0 + n for n in range(12)], [float(n) for n in range(10)])
    assert far is not None and far < 0.001


def test_no_test_of_four_children() -> None:
    assert permutation_test([1.0] * 4, [2.0] * 100) is None
