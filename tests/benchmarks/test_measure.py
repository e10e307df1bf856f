"""The ratios are those of the times, and the benchmarks run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .measure import Target, compare, interval


def test_ratios_of_known_times() -> None:
    times = {"base": 2.0, "half": 1.0, "double": 4.0}
    rows = list(
        compare(
            "group",
            "net",
            ("the other", "base"),  # type: ignore[arg-type]
            {"half": ("half", Target(0.6)), "double": ("double", Target(1.0))},  # type: ignore[dict-item]
            rounds=5,
            clock=times.__getitem__,
        )
    )
    assert [(row.name, row.ratio, row.noise, row.holds) for row in rows] == [
        ("net half", 0.5, 0.0, True),
        ("net double", 2.0, 0.0, False),
    ]


def test_nothing_runs_twice_in_a_row_and_drift_is_noise() -> None:
    order: list[str] = []

    def clock(arm: str) -> float:
        order.append(arm)
        return 1.0 + 0.1 * (len(order) // 2 % 2)

    (row,) = compare("g", "n", ("b", "base"), {"": ("arm", Target(1.0))}, rounds=9, clock=clock)  # type: ignore[arg-type, dict-item]
    assert row.noise > 0
    assert order == ["base", "arm"] * 19


def test_the_interval_holds_the_median() -> None:
    median, low, high = interval([1.0, 1.1, 0.9, 1.0, 1.2])
    assert low <= median == 1.0 <= high


@pytest.mark.slow
def test_they_run(tmp_path: Path) -> None:
    from .__main__ import main

    file = tmp_path / "bench.json"
    assert main(["--quick", "-o", str(file)]) == 0
    rows = json.loads(file.read_text())["rows"]
    assert {row["group"] for row in rows} == {"running", "building", "checking", "zoo"}
    assert all(row["ms"] > 0 for row in rows)
