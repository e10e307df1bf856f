"""Lanes: how far to the right the edges run that go past others."""

from __future__ import annotations

from collections.abc import Sequence

SPACE = 7.0
"""Points between lanes."""

_FIRST = 10.0


def assign(spans: Sequence[tuple[float, float, float]]) -> list[float]:
    """The x of a lane for each span of (begin, end, what it must be right of).

    Short spans are inside, so that long ones go around them and lines cross little.
    """
    order = sorted(range(len(spans)), key=lambda n: (spans[n][1] - spans[n][0], spans[n][0], n))
    found = [0.0] * len(spans)
    done: list[tuple[float, float, float]] = []  # begin, end, x
    for number in order:
        begin, end, base = spans[number]
        x = base + _FIRST
        taken = sorted(lane for b, e, lane in done if b < end and begin < e and lane > x - SPACE)
        for lane in taken:
            if lane - x >= SPACE:
                break
            x = lane + SPACE
        found[number] = x
        done.append((begin, end, x))
    return found
