"""Lanes of edges that go past others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archspec.drawing.layout.lanes import SPACE, assign

span = st.tuples(st.integers(0, 50), st.integers(1, 40), st.integers(0, 30)).map(
    lambda each: (float(each[0]), float(each[0] + each[1]), float(each[2]))
)


@given(st.lists(span, max_size=12))
def test_spans_that_meet_have_lanes_apart(spans: list[tuple[float, float, float]]) -> None:
    lanes = assign(spans)
    for a, (begin, end, base) in enumerate(spans):
        assert lanes[a] > base
        for b, (other, last, _base) in enumerate(spans[:a]):
            if begin < last and other < end:
                assert abs(lanes[a] - lanes[b]) >= SPACE - 1e-9


def test_short_spans_are_inside() -> None:
    long, short = assign([(0.0, 100.0, 10.0), (40.0, 60.0, 10.0)])
    assert short < long
