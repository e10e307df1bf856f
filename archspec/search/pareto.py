"""Several objectives at once: the Pareto front, and the volume that it dominates.

Points are tuples in which larger is better throughout, as `Objectives.point` gives them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

Point = Sequence[float]


def dominates(a: Point, b: Point) -> bool:
    """Whether `a` is nowhere worse than `b`, and somewhere better."""
    return all(x >= y for x, y in zip(a, b, strict=True)) and tuple(a) != tuple(b)


def front(points: Sequence[Point]) -> list[int]:
    """The numbers of the points that none dominates, in order. Equal points stand together.

    For two objectives it takes n log n steps; for more, as many as n points times the front.
    """
    order = sorted(range(len(points)), key=lambda n: tuple(points[n]), reverse=True)
    kept: list[int] = []
    for n in order:  # whoever dominates a point is sorted before it
        point = points[n]
        if len(point) == 2:
            # The last one kept has the largest second value of all so far.
            if kept and dominates(points[kept[-1]], point):
                continue
        elif any(dominates(points[k], point) for k in kept):
            continue
        kept.append(n)
    return sorted(kept)


def hypervolume(points: Sequence[Point], reference: Point) -> float:
    """The exact volume between a reference and the points better than it in every objective.

    Of one, two or three objectives; raises ValueError of more. Fonseca et al. 2006 sweep the last
    objective the same way.
    """
    if len(reference) > 3:
        raise ValueError(f"{len(reference)} objectives: the volume is exact for three at most")
    inside = [
        tuple(x - r for x, r in zip(point, reference, strict=True))
        for point in points
        if all(x > r for x, r in zip(point, reference, strict=True))
    ]
    if not inside:
        return 0.0
    if len(reference) == 1:
        return float(max(inside)[0])
    if len(reference) == 2:
        return _area(inside)
    inside.sort(key=lambda p: p[2], reverse=True)
    volume, stairs = 0.0, _Stairs()
    for n, (x, y, z) in enumerate(inside):
        stairs.add(x, y)
        below = inside[n + 1][2] if n + 1 < len(inside) else 0.0
        volume += stairs.area * (z - below)
    return volume


def _area(points: Sequence[Point]) -> float:
    stairs = _Stairs()
    for x, y in points:
        stairs.add(x, y)
    return stairs.area


class _Stairs:
    """The area under points in the plane: x rises from step to step, and y falls."""

    def __init__(self) -> None:
        self.x: list[float] = []
        self.y: list[float] = []
        self.area = 0.0

    def add(self, x: float, y: float) -> None:
        at = bisect_left(self.x, x)
        if at < len(self.x) and self.y[at] >= y:
            return
        end = at + 1 if at < len(self.x) and self.x[at] == x else at
        start = at
        while start > 0 and self.y[start - 1] <= y:
            start -= 1
        # Over each old step from the left, the new one is higher by the difference.
        left = self.x[start - 1] if start > 0 else 0.0
        for k in range(start, at):
            self.area += (self.x[k] - left) * (y - self.y[k])
            left = self.x[k]
        right = self.y[at] if at < len(self.x) else 0.0
        self.area += (x - left) * (y - right)
        self.x[start:end] = [x]
        self.y[start:end] = [y]
